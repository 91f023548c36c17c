/** The tables of docs/relying-parties.md, row by row: what a request demands, and how evidence answers it. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dominates, reached } from '../../src/assurance/levels.ts';
import {
  type Answer,
  answer,
  type ClientRules,
  type Demand,
  demandOf,
  notBefore,
  type RequestParameters,
  type ScopeRules,
} from '../../src/assurance/request.ts';
import { aged, basic, ladder, minute, now } from './ladder.ts';

const all = () => true;
const without =
  (...methods: string[]) =>
  (method: string) =>
    !methods.includes(method);
const onlyEmail = without('totp', 'passkey', 'eid-card');

function demand(request: RequestParameters, client: ClientRules = {}, scopes: ScopeRules = {}): Demand {
  const result = demandOf(request, client, scopes, ladder, now);
  if ('malformed' in result) throw new Error(result.malformed);
  return result;
}

function acr(claim: object | null, more: RequestParameters = {}): RequestParameters {
  return { claims: JSON.stringify({ id_token: { acr: claim } }), ...more };
}

interface Case {
  client?: ClientRules;
  scopes?: ScopeRules;
  usable?: (method: string) => boolean;
  settles?: boolean;
}

function ask(
  request: RequestParameters,
  ages: Record<string, number>,
  { client, scopes, usable = onlyEmail, settles = false }: Case = {},
): Answer {
  return answer(demand(request, client, scopes), ladder, { evidence: aged(ages), now, usable, settles });
}

/** An answer in one line: what the tables say. */
function line(given: Answer): string {
  switch (given.kind) {
    case 'reached':
      return `acr ${given.acr}`;
    case 'missing':
      return `${given.target.name}: ${given.next.join(' or ')}${given.mayDecline ? ', may decline' : ''}`;
    case 'unmet':
      return `unmet: ${given.reason}`;
  }
}

const password = { password: 30 };
const both = { password: 30, 'email-code': 30 };

describe('what is asked and what is there', () => {
  test.each<[string, RequestParameters, Record<string, number>, string]>([
    ['nothing asked, nobody signed in', {}, {}, 'basic: password'],
    ['nothing asked, session at basic', {}, password, 'acr basic'],
    ['nothing asked, session at plus', {}, both, 'acr plus'],
    ['plus asked, nobody signed in: the password first', { acr_values: 'plus' }, {}, 'plus: password'],
    ['plus asked, session at basic: the second factor alone', { acr_values: 'plus' }, password, 'plus: email-code'],
    ['plus asked, session at plus', { acr_values: 'plus' }, both, 'acr plus'],
    ['basic asked, session at plus: in the words of the request', { acr_values: 'basic' }, both, 'acr basic'],
    ['an alias is answered with the alias', { acr_values: 'urn:gov:substantial' }, both, 'acr urn:gov:substantial'],
    ['plus evidence expired, basic asked', { acr_values: 'basic' }, { password: 999, 'email-code': 901 }, 'acr basic'],
    [
      'plus evidence expired, plus asked',
      { acr_values: 'plus' },
      { password: 999, 'email-code': 901 },
      'plus: email-code',
    ],
    [
      'plus wished, basic listed, session at basic',
      { acr_values: 'plus basic' },
      password,
      'plus: email-code, may decline',
    ],
    ['basic wished first, session at basic', { acr_values: 'basic plus' }, password, 'acr basic'],
    ['basic wished first, session at plus: the strongest asked', { acr_values: 'basic plus' }, both, 'acr plus'],
    ['unknown values are ignored beside a known one', { acr_values: 'gold plus' }, password, 'plus: email-code'],
    ['all values unknown', { acr_values: 'gold silver' }, both, 'unmet: unknown-values'],
    ['an essential value', acr({ essential: true, value: 'plus' }), password, 'plus: email-code'],
    [
      'essential values, in order',
      acr({ essential: true, values: ['plus', 'basic'] }),
      password,
      'plus: email-code, may decline',
    ],
    [
      'an essential value of which none is known',
      acr({ essential: true, value: 'gold' }),
      both,
      'unmet: unknown-values',
    ],
    [
      '… not even when acr_values has a known one',
      acr({ essential: true, value: 'gold' }, { acr_values: 'basic' }),
      both,
      'unmet: unknown-values',
    ],
    ['essential without a value asks for no level', acr({ essential: true }), password, 'acr basic'],
    ['a voluntary claim with values', acr({ values: ['plus'] }), password, 'plus: email-code'],
    ['a claim of null', acr(null), password, 'acr basic'],
    [
      'the stricter of claim and acr_values (essential plus)',
      acr({ essential: true, value: 'plus' }, { acr_values: 'basic' }),
      password,
      'plus: email-code',
    ],
    [
      'the stricter of claim and acr_values (acr_values plus)',
      acr({ essential: true, value: 'basic' }, { acr_values: 'plus' }),
      password,
      'plus: email-code',
    ],
    ['a level nobody here can reach', { acr_values: 'high' }, both, 'unmet: out-of-reach'],
    ['a level nobody here can reach, with a weaker one', { acr_values: 'high plus' }, password, 'plus: email-code'],
  ])('%s', (_, request, ages, expected) => {
    expect(line(ask(request, ages))).toBe(expected);
  });
});

describe('what a client or a scope demands', () => {
  test.each<[string, RequestParameters, Record<string, number>, Case, string]>([
    ['minimumLevel, nothing asked', {}, password, { client: { minimumLevel: 'plus' } }, 'plus: email-code'],
    [
      'minimumLevel against a weaker URL',
      { acr_values: 'basic' },
      password,
      { client: { minimumLevel: 'plus' } },
      'plus: email-code',
    ],
    [
      'minimumLevel reached: the token names it',
      { acr_values: 'basic' },
      both,
      { client: { minimumLevel: 'plus' } },
      'acr plus',
    ],
    [
      'minimumLevel does not weaken a stronger URL',
      { acr_values: 'plus' },
      password,
      { client: { minimumLevel: 'basic' } },
      'plus: email-code',
    ],
    ['default_acr_values, nothing asked', {}, password, { client: { defaultAcrValues: ['plus'] } }, 'plus: email-code'],
    [
      'default_acr_values give way to the request',
      { acr_values: 'basic' },
      password,
      { client: { defaultAcrValues: ['plus'] } },
      'acr basic',
    ],
    [
      'default_acr_values do not erase an essential claim',
      acr({ essential: true, value: 'plus' }),
      password,
      { client: { defaultAcrValues: ['basic'] } },
      'plus: email-code',
    ],
    [
      'a scope that demands plus',
      { scope: 'openid health' },
      password,
      { scopes: { health: { minimumLevel: 'plus' } } },
      'plus: email-code',
    ],
    [
      'a scope that is not asked for',
      { scope: 'openid' },
      password,
      { scopes: { health: { minimumLevel: 'plus' } } },
      'acr basic',
    ],
    [
      'an excluded method does not count',
      { acr_values: 'plus' },
      both,
      { client: { excludedMethods: ['email-code'] }, usable: without('passkey', 'eid-card') },
      'plus: totp',
    ],
    [
      'an excluded method is not asked, and nothing else is left',
      { acr_values: 'plus' },
      password,
      { client: { excludedMethods: ['email-code'] } },
      'unmet: out-of-reach',
    ],
    [
      'a method excluded by a scope',
      { acr_values: 'plus basic', scope: 'health' },
      both,
      { scopes: { health: { excludedMethods: ['email-code'] } } },
      'acr basic',
    ],
    [
      'several methods: a choice',
      { acr_values: 'plus' },
      password,
      { usable: all },
      'plus: email-code or totp or passkey',
    ],
    ['settling for the weaker level', { acr_values: 'plus basic' }, password, { settles: true }, 'acr basic'],
    [
      'there is nothing weaker to settle for',
      { acr_values: 'plus' },
      password,
      { settles: true },
      'unmet: out-of-reach',
    ],
    [
      'settling does not go below the minimum',
      { acr_values: 'plus basic' },
      password,
      { settles: true, client: { minimumLevel: 'plus' } },
      'unmet: out-of-reach',
    ],
  ])('%s', (_, request, ages, more, expected) => {
    expect(line(ask(request, ages, more))).toBe(expected);
  });
});

describe('freshness', () => {
  test.each<[string, RequestParameters, Record<string, number>, string]>([
    ['max_age, evidence young enough', { max_age: 60 }, { password: 60 }, 'acr basic'],
    ['max_age, evidence too old', { max_age: 60 }, { password: 61 }, 'basic: password'],
    [
      'max_age applies to every factor',
      { max_age: 60, acr_values: 'plus' },
      { password: 61, 'email-code': 10 },
      'plus: password',
    ],
    ['prompt=login starts from nothing', { prompt: 'login' }, both, 'basic: password'],
    ['prompt=login among others', { prompt: 'consent login', acr_values: 'plus' }, both, 'plus: password'],
    ['prompt=login wins over a long max_age', { prompt: 'login', max_age: 9999 }, both, 'basic: password'],
    [
      'prompt=login, evidence made after the request began',
      { prompt: 'login', acr_values: 'plus' },
      { password: -5, 'email-code': -9 },
      'acr plus',
    ],
  ])('%s', (_, request, ages, expected) => {
    expect(line(ask(request, ages))).toBe(expected);
  });
});

describe('a sign-in that takes its time', () => {
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const secondsLater = (seconds: number, ages: Record<string, number>, request: RequestParameters) =>
    line(
      answer(demand(request), ladder, { evidence: aged(ages), now: later(seconds), usable: onlyEmail, settles: false }),
    );

  test('what was young enough at its start and is not any more has to be proven again', () => {
    const request = { max_age: 300, acr_values: 'plus' };
    expect(secondsLater(0, { password: 290 }, request)).toBe('plus: email-code');
    expect(secondsLater(60, { password: 290, 'email-code': -60 }, request)).toBe('plus: password');
  });

  test('what was proven in it counts, however long it takes', () => {
    const request = { max_age: 1, acr_values: 'plus' };
    expect(secondsLater(600, { password: -5, 'email-code': -599 }, request)).toBe('acr plus');
  });
});

describe('malformed claims', () => {
  test.each([
    ['{'],
    ['{"id_token":{"acr":"plus"}}'],
    ['{"id_token":{"acr":{"essential":"yes","value":"plus"}}}'],
    ['{"id_token":{"acr":{"value":7}}}'],
    ['{"id_token":{"acr":{"values":"plus"}}}'],
    ['{"id_token":{"acr":{"values":["plus",7]}}}'],
  ])('%s is refused, not ignored', (claims) => {
    expect(demandOf({ claims }, {}, {}, ladder, now)).toHaveProperty('malformed');
  });

  test.each([
    ['{}'],
    ['null'],
    ['{"id_token":null}'],
    ['{"userinfo":{"acr":{"value":"plus"}}}'],
    ['{"__proto__":{"id_token":{"acr":{"value":"plus"}}}}'],
  ])('%s asks for no level', (claims) => {
    expect(demand({ claims }).wishes).toEqual([]);
  });

  test('a scope named like a property of every object has no rules', () => {
    expect(demand({ scope: 'openid toString __proto__ constructor' }).floor).toBe(basic);
  });
});

describe('whatever is asked', () => {
  const values = fc.array(fc.constantFrom('basic', 'plus', 'high', 'urn:gov:low', 'gold'), { maxLength: 4 });
  const level = fc.option(fc.constantFrom('basic', 'plus', 'high'), { nil: undefined });
  const methods = ['password', 'email-code', 'totp', 'passkey', 'eid-card'];
  const requests = fc.record({
    acr_values: fc.option(
      values.map((list) => list.join(' ')),
      { nil: undefined },
    ),
    max_age: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
    prompt: fc.constantFrom(undefined, 'login', 'consent', 'login consent'),
    claims: fc.option(
      fc.record({ essential: fc.boolean(), values }).map((claim) => JSON.stringify({ id_token: { acr: claim } })),
      { nil: undefined },
    ),
  });
  const clients = fc.record({ minimumLevel: level, excludedMethods: fc.subarray(methods) });
  const situations = fc.record({
    ages: fc.dictionary(fc.constantFrom(...methods), fc.integer({ min: 0, max: 30 * minute })),
    usable: fc.subarray(methods),
    settles: fc.boolean(),
  });

  test('the answer never says more than the evidence that counts, and never asks what is not needed', () => {
    fc.assert(
      fc.property(requests, clients, situations, (request, client, { ages, usable, settles }) => {
        const asked = demand(request, client);
        const evidence = aged(ages);
        const given = answer(asked, ladder, { evidence, now, usable: (method) => usable.includes(method), settles });

        const oldest = notBefore(asked, now)?.getTime() ?? 0;
        const counting = evidence.filter(
          ({ method, at }) => at.getTime() >= oldest && !client.excludedMethods.includes(method),
        );
        const best = reached(ladder, counting, now);
        if (given.kind === 'reached') {
          expect(best && dominates(ladder, best.level, asked.floor)).toBe(true);
          const claimed = ladder.find(
            ({ name, aliases }) => name === given.acr || aliases.some((alias) => alias.name === given.acr),
          )!;
          expect(dominates(ladder, best!.level, claimed)).toBe(true);
          for (const proof of given.standing.proofs) expect(counting).toContainEqual(proof);
        } else if (given.kind === 'missing') {
          expect(settles).toBe(false);
          expect(best && dominates(ladder, best.level, given.target)).toBeFalsy();
          for (const method of given.next) {
            expect(usable).toContain(method);
            expect(client.excludedMethods).not.toContain(method);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('proving what is asked, again and again, always ends', () => {
    fc.assert(
      fc.property(requests, clients, situations, (request, client, { ages, usable }) => {
        const asked = demand(request, client);
        let evidence = aged(ages);
        for (let steps = 0; steps < methods.length + 1; steps++) {
          const given = answer(asked, ladder, {
            evidence,
            now,
            usable: (method) => usable.includes(method),
            settles: false,
          });
          if (given.kind !== 'missing') return;
          const proven = given.next[0]!;
          evidence = [...evidence.filter(({ method }) => method !== proven), { method: proven, at: now }];
        }
        throw new Error('still asking after every method has been proven');
      }),
      { numRuns: 2000 },
    );
  });
});
