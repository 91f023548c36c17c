/**
 * How long one request may wait for stores in all. A store can be slow and yet answer every step in time; a request that asks ten
 * times, or two such stores, would then keep a person waiting ten times as long. What a request does besides is not counted, and
 * what it still waits for may yet be done: nobody knows, as after any silence.
 * This file knows nothing of requests or stores: whoever runs one says where it begins.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

export interface Patience {
  /**
   * `verbs`, which throw what `late` makes (of the patience, in milliseconds) once those of one run have waited for longer than the
   * patience together.
   */
  over<Verbs extends object>(verbs: Verbs, late: (milliseconds: number) => Error): Verbs;
  /** Runs `work`, whatever it starts included, with a patience of its own. Outside of any run there is no limit. */
  run<T>(work: () => T): T;
  /** Runs `work` outside of any run: it goes on after what has begun it, and nobody waits for it. */
  apart<T>(work: () => T): T;
}

type Verb = (...values: never[]) => Promise<unknown>;

/** A patience of so many milliseconds for each run. */
export function createPatience(milliseconds: number): Patience {
  const runs = new AsyncLocalStorage<{ left: number }>();

  /** By hand, without a race and its promises: it stands around every step of every request. */
  function within<T>(verb: () => Promise<T>, late: (milliseconds: number) => Error): Promise<T> {
    const run = runs.getStore();
    if (!run) return verb();
    // Not begun when nothing is left: what is not begun has certainly not been done.
    if (run.left <= 0) return Promise.reject(late(milliseconds));
    const started = performance.now();
    return new Promise((resolve, reject) => {
      // Begun before the clock is set: what throws at once leaves none behind.
      const step = verb();
      const timer = setTimeout(() => {
        run.left = 0;
        reject(late(milliseconds));
      }, run.left);
      const ended = () => {
        clearTimeout(timer);
        run.left -= performance.now() - started;
      };
      step.then(
        (value) => {
          ended();
          resolve(value);
        },
        (fault) => {
          ended();
          reject(fault);
        },
      );
    });
  }

  return {
    over<Verbs extends object>(verbs: Verbs, late: (milliseconds: number) => Error) {
      const bounded = ([name, verb]: [string, Verb]) => [
        name,
        (...values: never[]) => within(() => verb.apply(verbs, values), late),
      ];
      return Object.fromEntries(Object.entries(verbs).map((each) => bounded(each as [string, Verb]))) as Verbs;
    },
    run: (work) => runs.run({ left: milliseconds }, work),
    apart: (work) => runs.exit(work),
  };
}
