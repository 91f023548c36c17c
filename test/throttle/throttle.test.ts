import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryState, type MemoryState } from '../../src/state/memory.ts';
import { StateUnavailable } from '../../src/state/state.ts';
import { createThrottle, poolOf, spendInTurn, type Throttle } from '../../src/throttle/throttle.ts';

describe('throttle', () => {
  let passed: number;
  let state: MemoryState;
  let throttle: Throttle;
  let keys: Set<string>;
  let names: Set<string>;
  const origin = { name: 'password', key: '192.0.2.1', window: 900, budgets: [{ of: '', limit: 5 }] };
  const pool = (of: string, limit = 2) => ({ ...origin, budgets: [...origin.budgets, { of, limit }] });
  const allowed = { outcome: 'allowed' };
  const refused = (retryAfter: number) => ({ outcome: 'refused', retryAfter });

  beforeEach(() => {
    passed = 0;
    state = createMemoryState({ now: () => new Date(1_795_000_000_000 + passed * 1000) });
    keys = new Set();
    names = new Set();
    throttle = createThrottle({
      state: {
        spend(key, limits, ttl) {
          keys.add(key);
          for (const name of Object.keys(limits)) names.add(name);
          return state.spend(key, limits, ttl);
        },
        refund: state.refund,
      },
    });
  });
  afterEach(() => state.end());

  test('allows as many as the limit, then refuses until the window ends, which began with the first', async () => {
    expect(await throttle.spend(pool('anna'))).toEqual(allowed);
    passed = 600;
    expect(await throttle.spend(pool('anna'))).toEqual(allowed);
    expect(await throttle.spend(pool('anna'))).toEqual(refused(300));
    passed = 899;
    expect(await throttle.spend(pool('anna'))).toEqual(refused(1));
    passed = 900;
    expect(await throttle.spend(pool('anna'))).toEqual(allowed);
  });

  test('what turned out right is given back, and nothing stays behind', async () => {
    for (let n = 0; n < 10; n++) {
      expect(await throttle.spend(pool('anna'))).toEqual(allowed);
      await throttle.refund(pool('anna'));
      expect(state.size()).toBe(0);
    }
  });

  test('of 50 at once exactly as many pass as the limit says', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => throttle.spend(pool('anna'))));
    expect(outcomes.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(2);
  });

  test('who goes on asking under one name uses up the whole pool; then no further name is counted', async () => {
    for (let n = 0; n < 2; n++) expect(await throttle.spend(pool('anna'))).toEqual(allowed);
    for (let n = 0; n < 3; n++) expect(await throttle.spend(pool('anna'))).toEqual(refused(900));
    expect(await throttle.spend(pool('john'))).toEqual(refused(900));
    expect(await throttle.spend({ ...origin, budgets: [{ of: 'john', limit: 1 }] })).toEqual(allowed);
  });

  test('pools of other names and other keys are apart, and so are budgets of one pool', async () => {
    for (let n = 0; n < 3; n++) await throttle.spend(pool('anna'));
    expect(await throttle.spend(pool('john'))).toEqual(allowed);
    expect(await throttle.spend({ ...pool('anna'), key: '192.0.2.2' })).toEqual(allowed);
    expect(await throttle.spend({ ...pool('anna'), name: 'code' })).toEqual(allowed);
  });

  test('no user name or address stands in the store', async () => {
    await throttle.spend(pool('anna'));
    expect([...keys].join()).toMatch(/^throttle:password:[\w-]{22}$/);
    expect([...names].join()).toMatch(/^,[\w-]{12}$/);
  });

  test('fails closed: a store that is away is a fault, never "allowed"', async () => {
    await state.end();
    await expect(throttle.spend(pool('anna'))).rejects.toThrow(StateUnavailable);
  });

  test('several pools are spent from in turn, up to the first that is used up, and what was taken is told', async () => {
    const [own, shared, all] = [
      poolOf('own', 'anna', 900, 3),
      poolOf('shared', 'x', 900, 1),
      poolOf('all', 'x', 900, 9),
    ];
    expect(await spendInTurn(throttle, [own, shared, all])).toEqual({ ...allowed, spent: [own, shared, all] });
    passed = 100;
    expect(await spendInTurn(throttle, [own, shared, all])).toEqual({ ...refused(800), spent: [own] });
    expect(await throttle.spend(own)).toEqual(allowed);
    expect(await throttle.spend(own)).toEqual(refused(800));
    // What comes after it has not been touched.
    for (let n = 0; n < 8; n++) expect(await throttle.spend(all)).toEqual(allowed);
    expect(await throttle.spend(all)).toEqual(refused(800));
  });
});
