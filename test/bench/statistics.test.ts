import { expect, test } from '@jest/globals';
import { quantile, rankTest } from '../../bench/statistics.ts';

// Permeability of chorioamnion to tritiated water, a textbook's example (Hollander and Wolfe, Nonparametric Statistical Methods).
const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const early = [1.15, 0.88, 0.9, 0.74, 1.21];

test("the rank test of a textbook's example", () => {
  const { p, shift, bounds, larger } = rankTest(term, early, 1.96);
  // U is 35 of 50 for the first; z is (10 - 0.5) / sqrt(50 * 16 / 12).
  expect(larger).toBeCloseTo(15 / 50, 10);
  expect(p).toBeCloseTo(0.2446, 3);
  expect(shift).toBeCloseTo(-0.305, 3);
  expect(bounds[0]).toBeLessThan(shift);
  expect(bounds[1]).toBeGreaterThan(0);
});

test('a shift of everything by as much is found, with its bounds round it', () => {
  const first = Array.from({ length: 200 }, (_, n) => (n * 7919) % 200);
  const { p, shift, bounds } = rankTest(
    first,
    first.map((value) => value + 40),
  );
  expect(p).toBeLessThan(0.001);
  expect(shift).toBe(40);
  expect(bounds[0]).toBeLessThan(40);
  expect(bounds[1]).toBeGreaterThan(40);
  const same = rankTest(first, first);
  expect(same).toMatchObject({ shift: 0, larger: 0.5 });
  expect(same.p).toBeCloseTo(1, 6);
});

test('equal values share their ranks', () => {
  expect(rankTest([1, 1, 1], [1, 1, 1])).toMatchObject({ p: 1, shift: 0, larger: 0.5 });
});

test('quantiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect([0.01, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 50, 99, 100]);
  expect(quantile([], 0.5)).toBeNaN();
});
