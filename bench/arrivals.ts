/**
 * An open model: work arrives at a rate, however long earlier work takes, as people do. What takes long is timed from when it was
 * due, so a server that stalls cannot hide it by holding up what would have come next (coordinated omission).
 */

import { quantile } from './statistics.ts';

export interface Arrived {
  /** Arrivals a second that were asked for. */
  rate: number;
  /** Milliseconds from when each was due to its end; of those that came out right. */
  took: number[];
  /** Every other end, and how often. */
  errors: Record<string, number>;
  /** Seconds from the first arrival to the last end. */
  lasted: number;
  /** The most that were under way at once. */
  underWay: number;
  /** Milliseconds by which the arrival that was latest was begun late: when it is not small, the one who measures was too slow. */
  late: number;
}

export interface ArrivalOptions {
  /** Arrivals a second. */
  rate: number;
  seconds: number;
  /** 'fixed' for equal gaps; otherwise they are exponential, as of people who know nothing of each other. */
  gaps?: 'fixed';
  random?: () => number;
}

/** Has `work` arrive; resolves when all of it has ended. */
export async function arrivals(
  { rate, seconds, gaps, random = Math.random }: ArrivalOptions,
  work: () => Promise<unknown>,
): Promise<Arrived> {
  const took: number[] = [];
  const errors: Record<string, number> = {};
  const running = new Set<Promise<void>>();
  let [underWay, late] = [0, 0];
  const began = performance.now();
  const end = began + seconds * 1000;

  const one = async (due: number) => {
    try {
      await work();
      took.push(performance.now() - due);
    } catch (fault) {
      const name = String((fault as Error).message).slice(0, 120);
      errors[name] = (errors[name] ?? 0) + 1;
    }
  };
  let due = began;
  while (due < end) {
    const now = performance.now();
    if (due > now)
      await new Promise((resolve) => (due - now > 2 ? setTimeout(resolve, due - now - 1) : setImmediate(resolve)));
    // All that is due by now.
    for (; due <= performance.now() && due < end; due += gap()) {
      late = Math.max(late, performance.now() - due);
      const started = one(due).finally(() => running.delete(started));
      running.add(started);
      underWay = Math.max(underWay, running.size);
    }
  }
  await Promise.all(running);
  return { rate, took, errors, lasted: (performance.now() - began) / 1000, underWay, late };

  function gap(): number {
    return ((gaps === 'fixed' ? 1 : -Math.log(1 - random())) * 1000) / rate;
  }
}

/** Whether it came out right: no error, and one in a hundred at most later than `bound` milliseconds. */
export function holds({ took, errors }: Arrived, bound = 1000): boolean {
  return Object.keys(errors).length === 0 && took.length > 0 && quantile(took, 0.99) <= bound;
}

/** The share of steps that rates grow by while they are searched. */
const step = 1.3;

/**
 * The highest rate at which `at(rate)` holds, to within `precision` (a share): from `first` up until it does not, then between
 * the last two. Gives every try.
 */
export async function highest(
  first: number,
  at: (rate: number) => Promise<Arrived>,
  precision = 0.05,
): Promise<{ rate: number; tries: Arrived[] }> {
  const tries: Arrived[] = [];
  const tried = async (rate: number) => {
    const one = await at(rate);
    tries.push(one);
    return holds(one);
  };
  let [good, bad] = [0, 0];
  for (let rate = first; bad === 0 || good === 0; rate = bad === 0 ? rate * step : rate / step) {
    if (rate < first / 50) return { rate: 0, tries };
    if (await tried(rate)) good = Math.max(good, rate);
    else bad = bad === 0 ? rate : Math.min(bad, rate);
  }
  while (bad / good > 1 + precision) {
    const middle = Math.sqrt(good * bad);
    if (await tried(middle)) good = middle;
    else bad = middle;
  }
  return { rate: good, tries };
}
