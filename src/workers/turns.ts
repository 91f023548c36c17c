/**
 * Hashing by turns that the supervisor gives. As many hashes at once as the machine has cores are enough for all of its
 * processes together; a bound in each would be as many times too wide, or leave cores idle where one worker has more to do than
 * another. The queue that gives turns is the same that a process on its own has; only who waits in it is elsewhere.
 */

import type { Queue, Run } from '../passwords/queue.ts';
import type { Upward, Worker } from './messages.ts';

/** Gives `worker` turns of `queue` as it asks for them. What it holds is given back when it ends. */
export function giveTurns(queue: Queue, worker: Worker): void {
  const held = new Map<number, () => void>();
  let ended = false;
  worker.onMessage((message) => {
    if (message.kapu === 'done') {
      held.get(message.id)?.();
      held.delete(message.id);
    }
    if (message.kapu === 'turn') void give(message.id, message.first);
  });
  worker.onEnd(() => {
    ended = true;
    for (const giveBack of held.values()) giveBack();
  });

  async function give(id: number, first: boolean): Promise<void> {
    const turn = () =>
      new Promise<void>((giveBack) => {
        if (ended) return giveBack();
        held.set(id, giveBack);
        worker.send({ kapu: 'begin', id });
      });
    const run = await queue.run(turn, first ? 'first' : undefined);
    if (run.outcome === 'busy') worker.send({ kapu: 'busy', id, retryAfter: run.retryAfter });
  }
}

/** The queue as a worker has it: it waits where the supervisor says. */
export function turnsFrom(supervisor: Upward, now: () => Date): Queue {
  const waiting = new Map<number, { since: Date; hear: (said: { outcome: 'begin' } | Busy) => void }>();
  let last = 0;
  let running = 0;
  let refused = 0;
  supervisor.onMessage((message) => {
    if (message.kapu === 'begin') waiting.get(message.id)?.hear({ outcome: 'begin' });
    if (message.kapu === 'busy') waiting.get(message.id)?.hear({ outcome: 'busy', retryAfter: message.retryAfter });
  });

  return {
    async run<T>(work: () => Promise<T>, turn?: 'first'): Promise<Run<T>> {
      const id = ++last;
      const said = await new Promise<{ outcome: 'begin' } | Busy>((hear) => {
        waiting.set(id, { since: now(), hear });
        supervisor.send({ kapu: 'turn', id, first: turn === 'first' });
      });
      waiting.delete(id);
      if (said.outcome === 'busy') {
        refused++;
        return said;
      }
      running++;
      try {
        return { outcome: 'done', value: await work() };
      } finally {
        running--;
        supervisor.send({ kapu: 'done', id });
      }
    },
    load() {
      const [first] = waiting.values();
      const oldest = first ? (now().getTime() - first.since.getTime()) / 1000 : 0;
      return { running, waiting: waiting.size, oldest, refused };
    },
  };
}

type Busy = { outcome: 'busy'; retryAfter: number };
