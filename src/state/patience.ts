/**
 * How long one request may wait for the store in all. A store can be slow and yet answer every command in time; a request
 * that asks it ten times would then keep a person waiting ten times as long. What a request does besides is not counted.
 * This file knows nothing of requests: whoever runs one says where it begins.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { type State, StateUnavailable } from './state.ts';

type Verb = Exclude<keyof State, 'ready' | 'end'>;

export interface Patience {
  /** `state`, in which verbs of one run throw StateUnavailable once they have waited for longer than the patience together. */
  over(state: State): State;
  /** Runs `work`, whatever it starts included, with a patience of its own. Outside of any run there is no limit. */
  run<T>(work: () => T): T;
}

/** A patience of so many milliseconds for each run. */
export function createPatience(milliseconds: number): Patience {
  const runs = new AsyncLocalStorage<{ left: number }>();

  async function within<T>(verb: () => Promise<T>): Promise<T> {
    const run = runs.getStore();
    if (!run) return verb();
    const started = performance.now();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const fail = () => {
      run.left = 0;
      reject(new StateUnavailable(`the state store took more than ${milliseconds} ms of one request`));
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

  return {
    over(state) {
      const bounded = <V extends Verb>(name: V): State[V] => {
        const verb = state[name] as (...values: unknown[]) => Promise<unknown>;
        return ((...values: unknown[]) => within(() => verb.apply(state, values))) as State[V];
      };
      return {
        put: bounded('put'),
        add: bounded('add'),
        get: bounded('get'),
        consume: bounded('consume'),
        take: bounded('take'),
        remove: bounded('remove'),
        merge: bounded('merge'),
        begin: bounded('begin'),
        fields: bounded('fields'),
        close: bounded('close'),
        spend: bounded('spend'),
        refund: bounded('refund'),
        offer: bounded('offer'),
        guess: bounded('guess'),
        ready: () => state.ready(),
        end: () => state.end(),
      };
    },
    run: (work) => runs.run({ left: milliseconds }, work),
  };
}
