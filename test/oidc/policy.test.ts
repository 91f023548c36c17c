/** What the policy adds to the pure answer: the methods that this deployment offers, and who settles for what. */

import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../src/assurance/evidence.ts';
import { createAssessor, type MethodFacts } from '../../src/oidc/policy.ts';
import type { Account } from '../../src/records/records.ts';
import { aged, ladder, now } from '../assurance/ladder.ts';

const anna = { id: 'anna', email: 'anna@demo.example', emailVerified: true } as Account;
const password: MethodFacts = { name: 'password', amr: ['pwd'], proves: 'password', availableTo: () => true };
const code: MethodFacts = {
  name: 'email-code',
  amr: ['otp'],
  proves: 'mailbox',
  availableTo: (account: Account) => account.email !== undefined,
};
interface Asked {
  methods?: MethodFacts[];
  evidence?: Evidence;
  settles?: boolean;
  person?: Account | null;
}

const both = aged({ password: 60, 'email-code': 60 });

/** `person`: null for nobody yet. */
function answered(acr_values: string, { methods = [password, code], evidence = both, settles = false, ...who }: Asked) {
  const person = who.person === undefined ? anna : (who.person ?? undefined);
  const assessor = createAssessor({ ladder, scopeRules: {}, methods, now: () => now });
  const demand = assessor.demand({ acr_values }, {}, now);
  return {
    answer: assessor.answer(demand, evidence, person, settles),
    counting: assessor.counting(demand, evidence, anna),
  };
}

describe('a method that has been switched off', () => {
  const methods = [password];

  test('proves nothing any more, in sessions from before either', () => {
    expect(answered('plus', {}).answer).toMatchObject({ kind: 'reached', acr: 'plus' });
    expect(answered('plus', { methods }).answer).toMatchObject({ kind: 'unmet' });
    expect(answered('plus basic', { methods }).answer).toMatchObject({ kind: 'reached', acr: 'basic' });
    expect(answered('plus', { methods }).counting).toEqual(aged({ password: 60 }));
  });

  test('is not asked', () => {
    expect(answered('plus', { methods, evidence: aged({ password: 60 }) }).answer).toMatchObject({ kind: 'unmet' });
  });
});

describe('a method that the person has not set up', () => {
  const bela = { ...anna, email: undefined };

  test('is asked of nobody in particular, and not of this person', () => {
    expect(answered('plus', { evidence: [], person: null }).answer).toMatchObject({
      kind: 'missing',
      next: ['password'],
    });
    expect(answered('plus', { evidence: aged({ password: 1 }), person: bela }).answer).toMatchObject({ kind: 'unmet' });
  });
});

describe('in a hold', () => {
  const since = new Date(now.getTime() - 30_000);
  const held = (seconds?: number) => ({
    ...anna,
    hold: { since, ...(seconds !== undefined && { until: new Date(now.getTime() + seconds * 1000) }) },
  });
  const own: MethodFacts = { name: 'passkey', amr: ['hwk'], proves: 'own', availableTo: () => true };

  test.each([[60], [undefined]])('the mailbox neither counts nor is asked for', (seconds) => {
    const person = held(seconds);
    expect(answered('plus', { person }).answer).toMatchObject({ kind: 'unmet', reason: 'out-of-reach' });
    expect(answered('plus', { person, evidence: aged({ password: 60, 'email-code': 10 }) }).answer).toMatchObject({
      kind: 'unmet',
    });
    expect(answered('plus basic', { person }).answer).toMatchObject({ kind: 'reached', acr: 'basic' });
    expect(answered('plus', { person, methods: [password, code, own] }).answer).toMatchObject({
      kind: 'missing',
      next: ['passkey'],
    });
  });

  test('that has passed, it counts again once it is proven anew', () => {
    const person = held(-5);
    expect(answered('plus', { person, evidence: aged({ password: 60, 'email-code': 10 }) }).answer).toMatchObject({
      kind: 'missing',
      next: ['email-code'],
    });
    expect(answered('plus', { person, evidence: aged({ password: 60, 'email-code': 5 }) }).answer).toMatchObject({
      kind: 'reached',
      acr: 'plus',
    });
  });
});

test('nobody settles for a weaker level as long as nobody is known', () => {
  expect(answered('plus basic', { evidence: [], settles: true, person: null }).answer).toMatchObject({
    kind: 'missing',
    next: ['password'],
  });
  const evidence = aged({ password: 1 });
  expect(answered('plus basic', { evidence, settles: true }).answer).toMatchObject({ kind: 'reached', acr: 'basic' });
});
