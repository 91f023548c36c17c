/**
 * The numbers of all workers as one set: counts are added up, and what a worker had counted when it ended stays in the sum, so
 * that no count ever falls because a process was replaced. How each number is put together (added, least, greatest) is said
 * where it is made: metrics.ts.
 */

import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A registry's content, as prom-client gives it for another process. */
export type Numbers = { name: string; type: string }[];

export interface SharedNumbers {
  /** In Prometheus' text format: of `answers`, one a worker that answered, and of the supervisor itself. */
  text(answers: Map<number, Numbers>): Promise<string>;
  contentType: string;
  /** Worker `number` has ended. */
  ended(number: number): void;
}

/** `workers` and `restarts` are asked each time that somebody looks. */
export function createSharedNumbers(workers: () => number, restarts: () => number): SharedNumbers {
  const own = new Registry();
  const registers = [own];
  collectDefaultMetrics({ register: own });
  new Gauge({
    name: 'kapu_workers',
    help: 'Workers that are up.',
    registers,
    collect() {
      this.set(workers());
    },
  });
  new Counter({
    name: 'kapu_worker_restarts_total',
    help: 'Workers started in the place of one that had ended.',
    registers,
    collect() {
      this.reset();
      this.inc(restarts());
    },
  });
  /** What each worker said last, and what those counted that are gone. */
  const latest = new Map<number, Numbers>();
  let gone: Numbers = [];

  return {
    contentType: own.contentType,
    async text(answers) {
      for (const [number, numbers] of answers) latest.set(number, numbers);
      // Of one that gives no answer what it said last: its counts are not gone.
      const all = [(await own.getMetricsAsJSON()) as unknown as Numbers, ...latest.values(), gone];
      return sum(all).metrics();
    },
    ended(number) {
      const counted = (latest.get(number) ?? []).filter(({ type }) => type === 'counter' || type === 'histogram');
      latest.delete(number);
      const before = gone;
      // Its metrics are data: nothing is waited for.
      gone = sum([before, counted]).getMetricsAsArray() as unknown as Numbers;
    },
  };
}

function sum(all: Numbers[]): Registry {
  return AggregatorRegistry.aggregate(all);
}
