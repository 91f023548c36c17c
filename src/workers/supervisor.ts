/**
 * Keeps so many workers running: starts them, starts one again that has ended, after a pause that grows while it keeps ending, and
 * ends them all. It serves nobody itself, and knows nothing of what workers do; how a process is started is handed in.
 */

import type { Logger } from 'pino';
import type { Worker } from './messages.ts';

export interface SupervisorOptions {
  /** How many workers. */
  count: number;
  /** Starts the worker of that number, from 1 on. */
  start(number: number): Worker;
  /** Told of each worker that has been started, before it says anything. */
  started(worker: Worker): void;
  /** Told of each that has ended. */
  ended(worker: Worker): void;
  log: Logger;
  now: () => Date;
}

export interface Supervisor {
  /**
   * Starts all workers; resolves when each is up, or has ended before it was and is to be started again. The first goes ahead, so that the database is brought up to date once and what
   * is wrong is said once. Rejects with WorkerEnded when the first ends before it is up.
   */
  start(): Promise<void>;
  /** The workers that are up. */
  up(): Worker[];
  /** How many have been started in the place of one that had ended. */
  restarts(): number;
  /** Has all look at their keys. */
  reload(): void;
  /** Has all finish what runs and end; resolves when they have. Nothing is started any more. */
  stop(): Promise<void>;
  /** Ends all at once. */
  kill(): void;
}

/** A worker has ended before it was up, and has said why itself. */
export class WorkerEnded extends Error {
  override name = 'WorkerEnded';
}

/** Milliseconds before a worker is started again; twice as many each time that it ends young. */
const [shortest, longest] = [100, 30_000];
/** Milliseconds after which an end says nothing of the next start. */
const grown = 60_000;

/** How long to wait before the worker is started that has ended `times` times in a row without having lived long. */
export function pauseBefore(times: number): number {
  return Math.min(longest, shortest * 2 ** Math.max(0, times - 1));
}

/** A supervisor; nothing is started yet. */
export function createSupervisor({ count, start, started, ended, log, now }: SupervisorOptions): Supervisor {
  const alive = new Map<number, { worker: Worker; up: boolean }>();
  const pauses = new Set<NodeJS.Timeout>();
  let restarts = 0;
  /** Whether the first worker has been up. */
  let begun = false;
  let stopping: PromiseWithResolvers<void> | undefined;

  /** Starts worker `number`, and again when it ends; resolves when it is up the first time, rejects when it never was. */
  function keep(number: number, youngDeaths = 0): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = start(number);
    const since = now().getTime();
    const entry = { worker, up: false };
    alive.set(number, entry);
    worker.onMessage((message) => {
      if (message.kapu !== 'up') return;
      entry.up = true;
      resolve();
      // It may not have heard it while it was starting.
      if (stopping) worker.send({ kapu: 'stop' });
    });
    worker.onEnd((how) => {
      alive.delete(number);
      ended(worker);
      if (!entry.up) reject(new WorkerEnded(`worker ${number} ended before it was up (${how})`));
      if (stopping) return alive.size === 0 ? stopping.resolve() : undefined;
      // What cannot start at all is not tried again: `start` says so.
      if (!begun) return undefined;
      const times = now().getTime() - since < grown ? youngDeaths + 1 : 1;
      const pause = pauseBefore(times);
      log.error({ worker: number, pid: worker.pid, how, milliseconds: pause }, 'a worker ended: it is started again');
      const timer = setTimeout(() => {
        pauses.delete(timer);
        restarts++;
        keep(number, times).catch(() => {});
      }, pause);
      pauses.add(timer);
      return undefined;
    });
    started(worker);
    return promise;
  }

  return {
    async start() {
      await keep(1);
      begun = true;
      const others = Array.from({ length: count - 1 }, (_, n) => keep(n + 2));
      // One that does not come up is started again like any other.
      await Promise.allSettled(others);
    },
    up: () => [...alive.values()].filter(({ up }) => up).map(({ worker }) => worker),
    restarts: () => restarts,
    reload() {
      for (const { worker } of alive.values()) worker.send({ kapu: 'reload' });
    },
    stop() {
      if (stopping) return stopping.promise;
      stopping = Promise.withResolvers<void>();
      for (const timer of pauses) clearTimeout(timer);
      if (alive.size === 0) stopping.resolve();
      for (const { worker } of alive.values()) worker.send({ kapu: 'stop' });
      return stopping.promise;
    },
    kill() {
      for (const { worker } of alive.values()) worker.kill();
    },
  };
}
