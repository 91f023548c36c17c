/**
 * What a flow costs a server in CPU, for several servers side by side: they take turns of a second or two, so that a busy moment of the machine
 * falls on all of them, and only ratios within a turn are compared.
 */

import { arrivals } from './arrivals.ts';
import type { Target } from './browser.ts';
import { type FlowName, flows } from './flows.ts';
import type { Running } from './place.ts';
import { quantile } from './statistics.ts';

export interface Contender {
  name: string;
  server: Running;
  target: Target;
}

export interface Cost {
  flow: FlowName;
  server: string;
  /** Milliseconds of CPU of all the server's processes for one flow, a round each. */
  rounds: number[];
  /** Milliseconds from when it was due. */
  took: number[];
  errors: Record<string, number>;
}

export interface CostOptions {
  rounds: number;
  seconds: number;
  /** Arrivals a second: low enough that all keep up. */
  rate: number;
}

/** Measures `flow` at each of `contenders`. */
export async function costsOf(flow: FlowName, contenders: Contender[], options: CostOptions): Promise<Cost[]> {
  const { rounds, seconds, rate } = options;
  const all = [];
  for (const { name, server, target } of contenders) {
    const work = await flows[flow](target, Math.min(60, rate));
    await arrivals({ rate, seconds: Math.min(2, 1.2 * seconds) }, work);
    all.push({ server, work, cost: { flow, server: name, rounds: [], took: [], errors: {} } as Cost });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { server, work, cost } of all) {
      const before = server.cpu();
      const arrived = await arrivals({ rate, seconds }, work);
      cost.rounds.push(((server.cpu() - before) * 1000) / Math.max(1, arrived.took.length));
      cost.took.push(...arrived.took);
      for (const [what, times] of Object.entries(arrived.errors)) cost.errors[what] = (cost.errors[what] ?? 0) + times;
    }
  }
  return all.map(({ cost }) => cost);
}

/** The median of `cost`'s rounds, and the least and the most. */
export function span({ rounds }: Pick<Cost, 'rounds'>): { median: number; least: number; most: number } {
  return { median: quantile(rounds, 0.5), least: Math.min(...rounds), most: Math.max(...rounds) };
}

/** The median of how many times `cost` is what `other` is in the same round, and the range. */
export function times(cost: Cost, other: Cost): { median: number; least: number; most: number } {
  return span({ rounds: cost.rounds.map((value, n) => value / other.rounds[n]!) });
}
