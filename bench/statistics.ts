/** The few figures that reports need. Nothing here knows what is measured. */

/** The value below which `share` of `values` lie: 0.5 is the median, 0.99 what one in a hundred exceeds. NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export interface RankTest {
  /** Two-sided: the chance of such a difference, or a larger one, where there is none. */
  p: number;
  /** The median of all differences between one of the second and one of the first (Hodges and Lehmann). */
  shift: number;
  /** The shift lies in there with the chance that was asked for. */
  bounds: [number, number];
  /** The chance that one of the second is larger than one of the first; 0.5 where nothing differs. */
  larger: number;
}

/**
 * Mann and Whitney's test of whether `second` tends to be larger or smaller than `first`, by the normal approximation with
 * corrections for ties and continuity; good from some twenty values each. `z` is how wide the bounds are: 2.576 is 99 %.
 */
export function rankTest(first: readonly number[], second: readonly number[], z = 2.576): RankTest {
  const [m, n] = [first.length, second.length];
  const all = [...first.map((value) => ({ value, of: 1 })), ...second.map((value) => ({ value, of: 2 }))];
  all.sort((a, b) => a.value - b.value);
  let ranksOfSecond = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    // Equal values share the mean of their ranks.
    const rank = (from + 1 + to) / 2;
    const size = to - from;
    ties += size ** 3 - size;
    for (; from < to; from++) if (all[from]!.of === 2) ranksOfSecond += rank;
  }
  const u = ranksOfSecond - (n * (n + 1)) / 2;
  const mean = (m * n) / 2;
  const variance = ((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
  const away = Math.max(0, Math.abs(u - mean) - 0.5) / Math.sqrt(variance);

  const differences = new Float64Array(m * n);
  let at = 0;
  for (const one of first) for (const other of second) differences[at++] = other - one;
  differences.sort();
  // How many of the sorted differences lie outside on each side (Hollander and Wolfe, 4.3).
  const outside = Math.max(0, Math.floor(mean - z * Math.sqrt((m * n * (m + n + 1)) / 12)));
  const middle = differences.length / 2;
  return {
    p: variance === 0 ? 1 : 2 * (1 - normal(away)),
    shift: (differences[Math.floor(middle - 0.5)]! + differences[Math.floor(middle)]!) / 2,
    bounds: [differences[outside]!, differences[differences.length - 1 - outside]!],
    larger: u / (m * n),
  };
}

/** The chance that a standard normal value is at most `x`, for x of 0 and more; to 7 digits (Abramowitz and Stegun, 26.2.17). */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
