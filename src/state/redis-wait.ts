/**
 * Steps that must not be undone: what Redis replicates later, it can lose together with a master. Such a step and WAIT
 * go out together, in one round trip, and the step counts only once enough replicas have it. This file knows nothing of
 * what steps do.
 */

import { setTimeout } from 'node:timers/promises';
import type { RedisConnection } from './redis-connection.ts';
import { StateUnavailable } from './state.ts';

/** A command with its arguments. */
export type Call = [command: string, ...rest: (string | number)[]];

/** How many replicas have to know of a step, and for how many milliseconds they are waited for. */
export interface Wait {
  replicas: number;
  patience: number;
}

/** `made`: whether an answer says that something was changed, so that there is something to lose. */
export type WaitingStep = (call: Call, key: string, made: (answer: unknown) => boolean) => Promise<unknown>;

/**
 * Steps by `client` that wait. A step that was made, but is known to too few replicas in time, throws StateUnavailable:
 * it may hold or be undone, so nothing may be built on it.
 */
export function waitingSteps({ client, server }: RedisConnection, { replicas, patience }: Wait): WaitingStep {
  const pipelined = async (call: Call) => {
    const [step, waited] = (await client
      .pipeline()
      .call(...call)
      .wait(replicas, patience)
      .exec())!;
    return { fault: step![0], answer: step![1], known: waited![0] ? 0 : Number(waited![1]) };
  };
  /** A cluster's client follows redirections of single commands only: this one teaches it the way, and may be asked twice. */
  const reach = async (key: string) => {
    const until = performance.now() + patience;
    while (performance.now() < until && !(await client.exists(key).then(isAnswer, isNone))) await setTimeout(20);
  };
  return async (call, key, made) => {
    let done = await pipelined(call);
    if (done.fault?.message.startsWith('MOVED')) {
      // Nothing was done yet.
      await reach(key);
      done = await pipelined(call);
    }
    if (done.fault) throw done.fault;
    if (made(done.answer) && done.known < replicas) {
      const count = `${done.known} of ${replicas} replicas`;
      throw new StateUnavailable(`${server} made the step, but only ${count} knew of it within ${patience} ms`);
    }
    return done.answer;
  };
}

const isAnswer = () => true;
const isNone = () => false;
