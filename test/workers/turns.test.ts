import { describe, expect, test } from '@jest/globals';
import { createQueue } from '../../src/passwords/queue.ts';
import type { ToSupervisor, ToWorker, Upward, Worker } from '../../src/workers/messages.ts';
import { giveTurns, turnsFrom } from '../../src/workers/turns.ts';

const now = () => new Date();
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A worker and its own end of the channel, in one process. */
function channel(number: number) {
  const up: ((message: ToSupervisor) => unknown)[] = [];
  const down: ((message: ToWorker) => unknown)[] = [];
  const ends: ((how: string) => void)[] = [];
  const worker: Worker = {
    number,
    pid: 0,
    send: (message) => void down.map((hear) => hear(message)),
    onMessage: (hear) => void up.push(hear),
    onEnd: (hear) => void ends.push(hear),
    kill() {
      for (const hear of ends) hear('SIGKILL');
    },
  };
  const upward: Upward = {
    send: (message) => void up.map((hear) => hear(message)),
    onMessage: (hear) => void down.push(hear),
  };
  return { worker, queue: turnsFrom(upward, now) };
}

/** Two workers on one queue of a machine. */
function machine(options: { atOnce: number; length?: number }) {
  const shared = createQueue({ length: 10, patience: 60, ...options, now });
  const [one, other] = [channel(1), channel(2)];
  for (const { worker } of [one, other]) giveTurns(shared, worker);
  return { shared, one, other };
}

/** A work that ends when the test says so. */
function work() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const begun = { is: false };
  const begin = () => {
    begun.is = true;
    return promise;
  };
  return { begin, begun, end: () => resolve('done') };
}

describe('turns that workers share', () => {
  test('as many run at once as the machine allows, in all workers together', async () => {
    const { one, other, shared } = machine({ atOnce: 2 });
    const works = [work(), work(), work()];
    const runs = [one, one, other].map(({ queue }, n) => queue.run(works[n]!.begin));
    await settled();
    expect(works.map(({ begun }) => begun.is)).toEqual([true, true, false]);
    expect([one.queue.load(), other.queue.load()]).toMatchObject([
      { running: 2, waiting: 0 },
      { running: 0, waiting: 1 },
    ]);
    works[0]!.end();
    expect(await runs[0]).toEqual({ outcome: 'done', value: 'done' });
    await settled();
    expect(works[2]!.begun.is).toBe(true);
    for (const { end } of works) end();
    await Promise.all(runs);
    expect(shared.load()).toMatchObject({ running: 0, waiting: 0 });
  });

  test('who goes first goes before those who wait in another worker', async () => {
    const { one, other } = machine({ atOnce: 1 });
    const [running, usual, first] = [work(), work(), work()];
    const runs = [one.queue.run(running.begin), one.queue.run(usual.begin), other.queue.run(first.begin, 'first')];
    running.end();
    await runs[0];
    await settled();
    expect([usual.begun.is, first.begun.is]).toEqual([false, true]);
    for (const { end } of [usual, first]) end();
    await Promise.all(runs);
  });

  test('past the length of the one queue the answer is busy, and the work is not begun', async () => {
    const { one, other } = machine({ atOnce: 1, length: 1 });
    const works = [work(), work(), work()];
    const runs = [one, one, other].map(({ queue }, n) => queue.run(works[n]!.begin));
    expect(await runs[2]).toEqual({ outcome: 'busy', retryAfter: 60 });
    expect(works[2]!.begun.is).toBe(false);
    expect(other.queue.load().refused).toBe(1);
    for (const { end } of works) end();
    await Promise.all(runs.slice(0, 2));
  });

  test('a work that fails gives its turn back', async () => {
    const { one, other } = machine({ atOnce: 1 });
    await expect(one.queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await other.queue.run(async () => 1)).toEqual({ outcome: 'done', value: 1 });
  });

  test('what a worker held or waited for when it ended is the others’', async () => {
    const { one, other } = machine({ atOnce: 1 });
    const lost = [work(), work()];
    for (const { begin } of lost) void one.queue.run(begin);
    const mine = work();
    const run = other.queue.run(mine.begin);
    one.worker.kill();
    await settled();
    await settled();
    expect(mine.begun.is).toBe(true);
    mine.end();
    await run;
  });
});
