import { describe, expect, test } from '@jest/globals';
import { type Arrived, arrivals, highest, holds } from '../../bench/arrivals.ts';

describe('arrivals', () => {
  test('come at their rate, however long each takes, and are timed from when they were due', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    const running = arrivals({ rate: 100, seconds: 0.5, gaps: 'fixed' }, () => {
      begun++;
      if (begun === 50) resolve();
      return promise;
    });
    const { took, underWay, errors } = await running;
    // All of them had come before the first was done: a closed loop would have waited for it.
    expect([begun, underWay, took.length, errors]).toEqual([50, 50, 50, {}]);
    // Due ten milliseconds apart and done at once.
    expect(took[0]! - took[49]!).toBeGreaterThan(400);
  });

  test('what stands still in front of the work counts as its time', async () => {
    let first = true;
    const { took, late } = await arrivals({ rate: 100, seconds: 0.3, gaps: 'fixed' }, async () => {
      const until = performance.now() + (first ? 150 : 0);
      first = false;
      while (performance.now() < until);
    });
    expect(took.filter((each) => each > 50).length).toBeGreaterThan(5);
    expect(late).toBeGreaterThan(100);
  });

  test('whatever does not come out right is counted by what it says', async () => {
    let n = 0;
    const { took, errors } = await arrivals({ rate: 200, seconds: 0.1, gaps: 'fixed' }, async () => {
      if (n++ % 2 === 0) throw new Error('no');
    });
    expect([took.length, errors]).toEqual([10, { no: 10 }]);
  });
});

/** What a server that can do `capacity` a second would show. */
function served(rate: number, capacity: number): Arrived {
  const took = Array.from({ length: 100 }, () => (rate > capacity ? 2_000 : 10));
  return { rate, took, errors: {}, lasted: 1, underWay: 1, late: 0 };
}

describe('the highest rate', () => {
  test.each([10, 33, 700, 2_500])('of a server that can do %d', async (capacity) => {
    const { rate, tries } = await highest(30, async (asked) => served(asked, capacity));
    expect(rate).toBeLessThanOrEqual(capacity);
    expect(rate).toBeGreaterThan(capacity / 1.06);
    expect(tries.length).toBeLessThan(30);
  });

  test('is none where nothing comes out right', async () => {
    expect((await highest(30, async (rate) => ({ ...served(rate, 1e9), errors: { no: 1 } }))).rate).toBe(0);
  });

  test('holds with p99 at the bound, and not past it', () => {
    const with99 = (slow: number) => ({
      ...served(1, 2),
      took: [...Array(990).fill(1), ...Array(10).fill(slow), slow],
    });
    expect([holds(with99(1_000)), holds(with99(1_001))]).toEqual([true, false]);
  });
});
