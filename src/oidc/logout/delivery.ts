/**
 * Telling services of sign-outs, after the person has been answered: each service by itself, so that a dead or slow one delays
 * no other; tried again after pauses, and given up after the last. Knows when to send and how often, not what is sent.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Notice, Tell } from './notices.ts';

/** What came of one try. */
export type Heard =
  | { outcome: 'told' }
  /** Another notice has told the service of the same. */
  | { outcome: 'known' }
  /** Asking again changes nothing. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unheard'; reason: string };

/** A notice under way, and how often it has been tried. */
export interface Attempted {
  notice: Notice;
  tries: number;
}

/** How it ended. */
export type Fate = { outcome: 'told' } | { outcome: 'refused' | 'failed'; reason: string };

export interface DeliveryOptions {
  /** One try. What it throws counts as unheard. */
  send: (notice: Notice) => Promise<Heard>;
  /** Milliseconds between one try and the next; after the last it is given up. */
  retryAfter: readonly number[];
  /** Tries at one service at once. */
  atOnce: number;
  /** Notices that may wait for one service; more are given up, so that a dead one does not fill the memory. */
  most: number;
  /** Told of each fate. Must not throw. */
  report: (attempted: Attempted, fate: Fate) => Promise<void>;
  /** Keeps for another process what is left when this one ends; false where it cannot. Must not throw. */
  leave?: (left: readonly Attempted[]) => Promise<boolean>;
}

export interface Delivery {
  tell: Tell;
  /** Takes on what another process left. */
  resume(left: readonly Attempted[]): void;
  /** Tries what waits once more, at once, and gives up or leaves behind what has not been heard within `patience` milliseconds. */
  end(patience: number): Promise<void>;
}

/** What one service has to hear. */
interface Receiver {
  running: Set<Attempted>;
  waiting: Attempted[];
}

/** Delivery of notices. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { send, retryAfter, atOnce, most, report } = options;
  const receivers = new Map<string, Receiver>();
  /** What waits for its next try. */
  const paused = new Map<Attempted, NodeJS.Timeout>();
  /** What has no next try in this process. */
  const left: Attempted[] = [];
  const reports = new Set<Promise<void>>();
  let ending = false;
  // The request that a notice comes from has ended: what holds for it must not hold here.
  const outside = AsyncLocalStorage.snapshot();

  function receiverOf({ notice }: Attempted): Receiver {
    const known = receivers.get(notice.clientId) ?? { running: new Set(), waiting: [] };
    receivers.set(notice.clientId, known);
    return known;
  }

  function end(attempted: Attempted, fate: Fate): void {
    const reported = report(attempted, fate);
    reports.add(reported);
    reported.finally(() => reports.delete(reported));
  }

  function queue(attempted: Attempted): void {
    const receiver = receiverOf(attempted);
    if (receiver.waiting.length >= most) {
      end(attempted, { outcome: 'failed', reason: 'too many wait for this service' });
    } else {
      receiver.waiting.push(attempted);
      start(receiver);
    }
  }

  function start(receiver: Receiver): void {
    while (receiver.running.size < atOnce && receiver.waiting.length > 0) void run(receiver, receiver.waiting.shift()!);
  }

  async function run(receiver: Receiver, attempted: Attempted): Promise<void> {
    receiver.running.add(attempted);
    const heard = await send(attempted.notice).catch((fault: Error): Heard => {
      return { outcome: 'unheard', reason: fault.message };
    });
    // What ran into the end has been left or given up by then.
    if (!receiver.running.delete(attempted)) return;
    attempted.tries += 1;
    if (heard.outcome === 'told' || heard.outcome === 'refused') end(attempted, heard);
    else if (heard.outcome === 'unheard') tryAgain(attempted, heard.reason);
    start(receiver);
    if (receiver.running.size === 0) receivers.delete(attempted.notice.clientId);
  }

  function tryAgain(attempted: Attempted, reason: string): void {
    const pause = retryAfter[attempted.tries - 1];
    const again = () => {
      paused.delete(attempted);
      queue(attempted);
    };
    if (pause === undefined) end(attempted, { outcome: 'failed', reason });
    else if (ending) left.push(attempted);
    else paused.set(attempted, setTimeout(again, pause).unref());
  }

  return {
    tell(notices) {
      outside(() => {
        for (const notice of notices) queue({ notice, tries: 0 });
      });
    },
    resume(abandoned) {
      for (const attempted of abandoned) queue(attempted);
    },
    async end(patience) {
      const until = performance.now() + patience;
      ending = true;
      for (const [attempted, timer] of paused) {
        clearTimeout(timer);
        queue(attempted);
      }
      while (receivers.size > 0 && performance.now() < until) await sleep(20);
      for (const { running, waiting } of receivers.values()) {
        left.push(...running, ...waiting.splice(0));
        running.clear();
      }
      if (left.length > 0 && !(await options.leave?.(left)))
        for (const attempted of left) end(attempted, { outcome: 'failed', reason: 'the server ended' });
      await Promise.all(reports);
    },
  };
}
