/** What an answer says beside its kind: in which spelling, on which proofs, by which ways; and what is noted of a demand. */

import { describe, expect, test } from '@jest/globals';
import { amrOf } from '../../src/assurance/amr.ts';
import { isRetired } from '../../src/assurance/levels.ts';
import { refusalOf } from '../../src/assurance/refusal.ts';
import { type Answer, answer, type Demand, demandOf, type RequestParameters } from '../../src/assurance/request.ts';
import { aged, ladder, now } from './ladder.ts';

const acr = (claim: object) => ({ claims: JSON.stringify({ id_token: { acr: claim } }) });

function demand(request: RequestParameters): Demand {
  const result = demandOf(request, {}, {}, ladder, now);
  if ('malformed' in result) throw new Error(result.malformed);
  return result;
}

/** The answer to a person who has proven what is in `ages` and can use the methods `usable`. */
function asked(request: RequestParameters, ages: Record<string, number>, usable: string[]): Answer {
  const situation = { evidence: aged(ages), now, usable: (name: string) => usable.includes(name), settles: false };
  return answer(demand(request), ladder, situation);
}

describe('a level that is reached', () => {
  const both = { password: 600, 'email-code': 30 };

  test('is spelled as it was asked first, where it was asked twice', () => {
    expect(asked({ acr_values: 'urn:gov:substantial plus' }, both, [])).toMatchObject({ acr: 'urn:gov:substantial' });
    expect(asked({ acr_values: 'plus urn:gov:substantial' }, both, [])).toMatchObject({ acr: 'plus' });
  });

  test('names the proofs of the level that was asked, not those of a stronger one', () => {
    const given = asked({ acr_values: 'basic' }, { 'email-code': 30, password: 600 }, []);
    expect(given).toMatchObject({ acr: 'basic', standing: { proofs: aged({ password: 600 }) } });
  });

  test('stands on the next stronger level, where none of its own ways does', () => {
    const given = asked({ acr_values: 'plus' }, { 'eid-card': 60 }, []);
    expect(given).toMatchObject({ acr: 'plus', standing: { level: { name: 'high' }, at: aged({ x: 60 })[0]!.at } });
  });
});

describe('what is asked next', () => {
  test('is asked once, though several ways begin with it', () => {
    const next = asked({ acr_values: 'plus' }, {}, ['password', 'email-code', 'totp', 'passkey']);
    expect(next).toMatchObject({ kind: 'missing', next: ['password', 'passkey'] });
  });

  test('is first what was proven before, where that has become too old', () => {
    const next = asked({ acr_values: 'plus' }, { passkey: 20 * 60 }, ['password', 'email-code', 'passkey']);
    expect(next).toMatchObject({ kind: 'missing', next: ['passkey', 'password'] });
  });

  test('belongs to a stronger level, where the person has no way to the one that was asked', () => {
    const next = asked({ acr_values: 'plus' }, {}, ['eid-card']);
    expect(next).toMatchObject({ kind: 'missing', target: { name: 'plus' }, next: ['eid-card'] });
  });

  test('may complete what was proven by a method that can be used no more', () => {
    const next = asked({ acr_values: 'plus' }, { totp: 30 }, ['password']);
    expect(next).toMatchObject({ kind: 'missing', next: ['password'] });
  });
});

describe('a demand', () => {
  test('notes the values that are not known here, and no alias', () => {
    expect(demand({ acr_values: 'urn:gov:low gold' }).unknown).toEqual(['gold']);
  });

  test('is essential by a claim that says so and has a value, and by nothing else', () => {
    expect(demand(acr({ essential: true, value: 'plus' })).essential).toBe(true);
    expect(demand(acr({ essential: true, values: ['plus'] })).essential).toBe(true);
    expect(demand(acr({ essential: true })).essential).toBe(false);
    expect(demand(acr({ value: 'plus' })).essential).toBe(false);
    expect(demand({ acr_values: 'plus' }).essential).toBe(false);
  });

  test('forgives a voluntary claim that is not known, beside acr_values that are', () => {
    expect(demand({ ...acr({ value: 'gold' }), acr_values: 'basic' }).unknownOnly).toBe(false);
  });

  test('is not raised by rules that a scope only inherits', () => {
    const rules = Object.create({ health: { minimumLevel: 'high' } });
    expect(demandOf({ scope: 'openid health' }, {}, rules, ladder, now)).toMatchObject({ floor: { name: 'basic' } });
  });
});

describe('a request is refused at once', () => {
  const unknown = { acr_values: 'gold' };
  const essential = acr({ essential: true, value: 'high' });
  const wished = { acr_values: 'high' };
  const unmet = 'unmet_authentication_requirements';

  test.each<[string, RequestParameters, boolean, string | undefined]>([
    ['with unknown values, silent', unknown, true, unmet],
    ['with unknown values, though pages may be shown', unknown, false, unmet],
    ['for an essential level out of reach, silent', essential, true, unmet],
    ['for a wished level out of reach, silent', wished, true, 'login_required'],
    ['not for a level out of reach, where pages may be shown', wished, false, undefined],
    ['not for an essential one either', essential, false, undefined],
  ])('%s', (_, request, silent, error) => {
    const given = asked(request, { password: 30 }, []);
    expect(given.kind).toBe('unmet');
    expect(refusalOf(demand(request), given, silent)?.error).toBe(error);
  });

  test('not where something may still be proven, nor where it is reached', () => {
    const missing = asked({}, {}, ['password']);
    const reached = asked({}, { password: 30 }, []);
    expect([missing.kind, reached.kind]).toEqual(['missing', 'reached']);
    expect([missing, reached].map((given) => refusalOf(demand({}), given, true))).toEqual([undefined, undefined]);
  });
});

test('amr names what each proof adds, in the order of the proofs, once', () => {
  const methods = [
    { name: 'totp', amr: ['otp', 'mfa'] },
    { name: 'password', amr: ['pwd'] },
    { name: 'passkey', amr: ['hwk', 'mfa'] },
  ];
  const proofs = aged({ password: 600, totp: 30, passkey: 10 });
  expect(amrOf({ level: ladder[0]!, proofs: [...proofs], at: now }, methods)).toEqual(['pwd', 'otp', 'mfa', 'hwk']);
  expect(amrOf({ level: ladder[0]!, proofs: proofs.slice(0, 1), at: now }, methods)).toEqual(['pwd']);
  const told = [{ name: 'passkey', amr: ['user', 'mfa'], kinds: { synced: ['swk'], bound: ['hwk'] } }];
  const amrWith = (kind?: string) =>
    amrOf({ level: ladder[0]!, proofs: [{ method: 'passkey', kind, at: now }], at: now }, told);
  expect(amrWith('synced')).toEqual(['swk', 'user', 'mfa']);
  expect(amrWith('bound')).toEqual(['hwk', 'user', 'mfa']);
  expect(amrWith('constructor')).toEqual(['user', 'mfa']);
});

test('a spelling is retired from its sunset on, and never without one', () => {
  expect(isRetired({ name: 'old', sunset: now }, now)).toBe(true);
  expect(isRetired({ name: 'old', sunset: new Date(now.getTime() + 1) }, now)).toBe(false);
  expect(isRetired({ name: 'old' }, now)).toBe(false);
});
