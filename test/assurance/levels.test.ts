import { describe, expect, test } from '@jest/globals';
import { merge, restore, since, store } from '../../src/assurance/evidence.ts';
import { isWithinReach, named, plusOf, reached, standing } from '../../src/assurance/levels.ts';
import { aged, basic, high, ladder, minute, now, plus } from './ladder.ts';

describe('evidence', () => {
  test('of two proofs by one method the later one stays, whichever comes first', () => {
    const older = aged({ password: 600 });
    const newer = aged({ password: 10 });
    expect(merge(older, newer)).toEqual(newer);
    expect(merge(newer, older)).toEqual(newer);
  });

  test('merging loses no method', () => {
    const both = merge(aged({ password: 600 }), aged({ totp: 5 }));
    expect(both.map(({ method }) => method).sort()).toEqual(['password', 'totp']);
  });

  test('what is stored comes back as it was, to the millisecond', () => {
    const evidence = aged({ password: 1.234, 'email-code': 0.001 });
    expect(restore(JSON.parse(JSON.stringify(store(evidence))))).toEqual(evidence);
  });

  test('kinds of proof by one method are kept apart, and the later one stays', () => {
    const [synced, bound] = ['synced', 'bound'].map((kind, at) => ({
      method: 'passkey',
      kind,
      at: new Date(1e12 + at),
    }));
    expect(restore(store([synced!]))).toEqual([synced]);
    expect(restore({ ...store([bound!]), ...store([synced!]) })).toEqual([bound]);
  });

  test.each([[null], [undefined], ['password'], [{ password: 'yesterday' }], [{ password: null }]])(
    'what is not evidence restores to none: %j',
    (stored) => {
      expect(restore(stored)).toEqual([]);
    },
  );

  test('a proof made before the moment does not count, one made at it does', () => {
    const evidence = aged({ password: 60, totp: 0 });
    expect(since(evidence, now)).toEqual(aged({ totp: 0 }));
    expect(since(evidence, undefined)).toEqual(evidence);
  });
});

describe('levels', () => {
  test.each([
    [{}, undefined],
    [{ password: 0 }, 'basic'],
    [{ 'email-code': 0 }, undefined],
    [{ password: 0, 'email-code': 0 }, 'plus'],
    [{ password: 11 * 3600, 'email-code': 15 * minute }, 'plus'],
    [{ password: 11 * 3600, 'email-code': 15 * minute + 1 }, 'basic'],
    [{ password: 0, totp: 16 * minute, 'email-code': 14 * minute }, 'plus'],
    [{ passkey: 0 }, 'high'],
    [{ passkey: 5 * minute + 1 }, 'plus'],
    [{ passkey: 15 * minute + 1 }, 'basic'],
    [{ 'eid-card': 0 }, 'high'],
    [{ 'eid-card': 5 * minute + 1 }, undefined],
    [{ unheard: 0 }, undefined],
  ])('evidence of age %j reaches %s', (ages, expected) => {
    expect(reached(ladder, aged(ages), now)?.level.name).toBe(expected);
  });

  test('auth_time is the oldest proof that the level stands on, on the way whose oldest proof is the latest', () => {
    const evidence = aged({ password: 600, 'email-code': 60, passkey: 120 });
    expect(standing(plus, evidence, now)).toEqual({
      level: plus,
      proofs: aged({ passkey: 120 }),
      at: aged({ x: 120 })[0]!.at,
    });
    expect(standing(basic, evidence, now)?.at).toEqual(aged({ x: 120 })[0]!.at);
    expect(standing(high, aged({ password: 1 }), now)).toBeUndefined();
  });

  test('a level is named by its name and by its aliases, and by nothing else', () => {
    expect(named(ladder, 'plus')).toBe(plus);
    expect(named(ladder, 'urn:gov:substantial')).toBe(plus);
    for (const unknown of ['Plus', 'plus ', '', '__proto__', 'toString'])
      expect(named(ladder, unknown)).toBeUndefined();
  });
});

test('plus is the second level or the only one, and whoever reaches a stronger one reaches it', () => {
  expect([plusOf(ladder), plusOf([basic])]).toEqual([plus, basic]);
  const reachable = (...methods: string[]) => isWithinReach(ladder, plus, (name) => methods.includes(name));
  expect(reachable('password', 'totp')).toBe(true);
  expect(reachable('eid-card')).toBe(true);
  expect(reachable('password')).toBe(false);
});
