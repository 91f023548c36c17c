/**
 * How long one request may wait for records in all. A database can be slow and yet answer every query in time; a request
 * that asks it five times would then keep a person waiting five times as long. What a request does besides is not
 * counted, and what it still waits for may yet be done: the answer is that nobody knows, as after any silence.
 * This file knows nothing of requests: whoever runs one says where it begins.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { type Records, RecordsUnavailable } from './records.ts';

export interface RecordsPatience {
  /** `records`, whose verbs throw RecordsUnavailable once those of one run have waited for longer than the patience together. */
  over(records: Records): Records;
  /** Runs `work`, whatever it starts included, with a patience of its own. Outside of any run there is no limit. */
  run<T>(work: () => T): T;
}

/** A patience of so many milliseconds for each run. */
export function createRecordsPatience(milliseconds: number): RecordsPatience {
  const runs = new AsyncLocalStorage<{ left: number }>();

  async function within<T>(verb: () => Promise<T>): Promise<T> {
    const run = runs.getStore();
    if (!run) return verb();
    const started = performance.now();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const fail = () => {
      run.left = 0;
      reject(new RecordsUnavailable(`the records took more than ${milliseconds} ms of one request`));
    };
    const timer = setTimeout(fail, Math.max(0, run.left));
    try {
      // Not begun when nothing is left: what is not begun has certainly not been done.
      return await Promise.race(run.left > 0 ? [verb(), late] : [late]);
    } finally {
      clearTimeout(timer);
      run.left -= performance.now() - started;
    }
  }

  type Verb = (...values: never[]) => Promise<unknown>;
  const bounded = <Verbs extends object>(verbs: Verbs): Verbs => {
    const each = ([name, verb]: [string, Verb]) => [name, (...values: never[]) => within(() => verb(...values))];
    return Object.fromEntries(Object.entries(verbs).map(each)) as Verbs;
  };

  return {
    over: (records) => ({
      ...records,
      accounts: bounded(records.accounts),
      clients: bounded(records.clients),
      consents: bounded(records.consents),
      aliases: bounded(records.aliases),
      audit: bounded(records.audit),
    }),
    run: (work) => runs.run({ left: milliseconds }, work),
  };
}
