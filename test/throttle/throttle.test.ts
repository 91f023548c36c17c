import { beforeEach, describe, expect, test } from '@jest/globals';
import { StateUnavailable } from '../../src/state/state.ts';
import { createThrottle, type Throttle } from '../../src/throttle/throttle.ts';

/** The one verb of State that the throttle uses; windows do not end here. */
class Counts {
  readonly kept = new Map<string, number>();
  readonly windows: number[] = [];

  async count(key: string, ttl: number): Promise<number> {
    this.windows.push(ttl);
    const count = (this.kept.get(key) ?? 0) + 1;
    this.kept.set(key, count);
    return count;
  }

  async uncount(key: string): Promise<void> {
    this.kept.set(key, Math.max(0, (this.kept.get(key) ?? 0) - 1));
  }
}

describe('throttle', () => {
  let counts: Counts;
  let throttle: Throttle;
  const account = { name: 'password.account', key: 'anna', limit: 2, window: 900 };
  const origin = { name: 'password.origin', key: '192.0.2.1', limit: 3, window: 60 };

  beforeEach(() => {
    counts = new Counts();
    throttle = createThrottle({ state: counts });
  });

  test('allows as many as the limit, then refuses for the length of the window', async () => {
    expect(await throttle.spend([account])).toEqual({ outcome: 'allowed' });
    expect(await throttle.spend([account])).toEqual({ outcome: 'allowed' });
    expect(await throttle.spend([account])).toEqual({ outcome: 'refused', retryAfter: 900 });
    expect(counts.windows).toEqual([900, 900, 900]);
  });

  test('what turned out right is given back', async () => {
    for (let n = 0; n < 10; n++) {
      expect(await throttle.spend([account, origin])).toEqual({ outcome: 'allowed' });
      await throttle.refund([account, origin]);
    }
  });

  test('of 50 at once exactly as many pass as the limit says', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => throttle.spend([account])));
    expect(outcomes.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(2);
  });

  test('counts every budget, refused or not, and names the longest window that is used up', async () => {
    for (let round = 0; round < 3; round++) await throttle.spend([account, origin]);
    expect(await throttle.spend([origin])).toEqual({ outcome: 'refused', retryAfter: 60 });
    expect(await throttle.spend([account, origin])).toEqual({ outcome: 'refused', retryAfter: 900 });
  });

  test('budgets of other names and other keys are apart', async () => {
    for (let round = 0; round < 3; round++) await throttle.spend([account]);
    expect(await throttle.spend([{ ...account, key: 'john' }])).toEqual({ outcome: 'allowed' });
    expect(await throttle.spend([{ ...account, name: 'code.account' }])).toEqual({ outcome: 'allowed' });
  });

  test('no user name or address stands in the store', async () => {
    await throttle.spend([account, origin]);
    const keys = [...counts.kept.keys()].join(' ');
    expect(keys).toMatch(/^throttle:password\.account:[\w-]{43} throttle:password\.origin:[\w-]{43}$/);
  });

  test('fails closed: a store that is away is a fault, never "allowed"', async () => {
    const away = createThrottle({
      state: { uncount: async () => {}, count: () => Promise.reject(new StateUnavailable('away')) },
    });
    await expect(away.spend([account])).rejects.toThrow(StateUnavailable);
  });

  test('nothing to count is allowed', async () => {
    expect(await throttle.spend([])).toEqual({ outcome: 'allowed' });
  });
});
