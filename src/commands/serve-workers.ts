/**
 * `kapu serve --workers N`: this process starts N others that serve, looks after them, gives out turns to hash, and answers on the
 * operations port for all of them. It opens no store and sees no request.
 */

import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import type { Settings } from '../../config/settings.ts';
import { createOperations } from '../health.ts';
import { createLog } from '../log.ts';
import { createQueue } from '../passwords/queue.ts';
import { longestPatience } from '../stores.ts';
import { close, listen } from '../web/listeners.ts';
import type { Worker } from '../workers/messages.ts';
import { createSharedNumbers, type Numbers } from '../workers/numbers.ts';
import { type Ask, questionsTo } from '../workers/questions.ts';
import { createSupervisor, WorkerEnded } from '../workers/supervisor.ts';
import { giveTurns } from '../workers/turns.ts';
import { Refused } from './command.ts';
import { grace, portTaken } from './serve.ts';
import { type StoppingEffects, stopOnSignals } from './stopping.ts';

export interface ServeWorkersEffects extends StoppingEffects {
  settings: Settings;
  count: number;
  startWorker(number: number): Worker;
  onHangup(callback: () => void): void;
  now(): Date;
}

/** Resolves when each worker is up, or has ended and is started again. Signals do what they do to a server of one process. */
export async function serveByWorkers(effects: ServeWorkersEffects): Promise<void> {
  const { settings, count, startWorker, onHangup, exit, now } = effects;
  refuseMemory(settings);
  const { password, shutdownPatience } = settings;
  const log = createLog(settings.log);
  const queue = createQueue({
    atOnce: password.atOnce || availableParallelism(),
    length: password.queue,
    patience: password.queuePatience,
    now,
  });
  const asking = new Map<Worker, Ask>();
  const supervisor = createSupervisor({
    count,
    start: startWorker,
    started(worker) {
      giveTurns(queue, worker);
      asking.set(worker, questionsTo(worker, 2 * longestPatience(settings) + 1_000));
    },
    ended(worker) {
      asking.delete(worker);
      numbers.ended(worker.number);
    },
    log,
    now,
  });
  const numbers = createSharedNumbers(() => supervisor.up().length, supervisor.restarts);
  const answers = (question: Parameters<Ask>[0]) =>
    Promise.all(supervisor.up().map(async (worker) => [worker.number, await asking.get(worker)?.(question)] as const));
  const operations = [
    {
      server: createServer(
        createOperations({
          ready: async () => readiness((await answers('ready')).map(([, parts]) => parts)),
          metrics: {
            contentType: numbers.contentType,
            text: async () => numbers.text(answered(await answers('numbers'))),
          },
        }),
      ),
      at: settings.operations,
    },
  ];

  const stopping = stopOnSignals(
    {
      async stop() {
        // The operations port last: whoever looks sees that nobody is ready.
        await supervisor.stop();
        await close(operations, grace);
      },
      kill: supervisor.kill,
      patience: shutdownPatience * 1000 + 2 * grace,
    },
    effects,
  );
  onHangup(supervisor.reload);

  try {
    await listen(operations);
    await supervisor.start();
  } catch (fault) {
    if (stopping()) return;
    await supervisor.stop();
    await close(operations, grace);
    // It has said why on its way out.
    if (fault instanceof WorkerEnded) return exit(1);
    throw portTaken(fault) ?? fault;
  }
  const { length: up } = supervisor.up();
  log.info({ up, workers: count, issuer: settings.issuer, operations: settings.operations }, 'the workers are up');
}

function refuseMemory({ state }: Settings): void {
  if (state.kind !== 'memory') return;
  throw new Refused(
    'state in memory is one process’s own: what one worker keeps, the others would not know',
    "set state to 'redis', or leave out --workers",
  );
}

/** What is ready in all workers together: a part that one of them lacks is not. One that says nothing in time lacks itself. */
function readiness(answers: unknown[]): Record<string, boolean> {
  const all: Record<string, boolean> = { workers: answers.length > 0 && !answers.includes(undefined) };
  for (const parts of answers)
    for (const [part, there] of Object.entries((parts ?? {}) as Record<string, boolean>))
      all[part] = there && (all[part] ?? true);
  return all;
}

function answered(answers: (readonly [number, unknown])[]): Map<number, Numbers> {
  return new Map(answers.filter((one): one is [number, Numbers] => one[1] !== undefined));
}
