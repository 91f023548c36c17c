/** Workers as processes of this machine that share its listening ports, by node:cluster; and the way back to who started them. */

import cluster, { type Worker as Forked } from 'node:cluster';
import { withSmallMemory } from './memory.ts';
import { isOurs, type ToSupervisor, type ToWorker, type Upward, type Worker } from './messages.ts';

/** Tells a worker its number. Not KAPU_…: those are settings. */
const numberVariable = 'WORKER_OF_KAPU';

/** The number of the worker that this process is; undefined where nobody has started it as one. */
export function ownNumber(): number | undefined {
  return cluster.isWorker ? Number(process.env[numberVariable]) : undefined;
}

/** Starts this very program with the same arguments as worker `number`. One that the system does not start has ended. */
export function startWorker(number: number): Worker {
  let worker: Forked;
  try {
    worker = cluster.fork({ ...withSmallMemory(process.env), [numberVariable]: String(number) });
  } catch (fault) {
    return unstarted(number, fault as NodeJS.ErrnoException);
  }
  return {
    number,
    pid: worker.process.pid,
    // Into a channel that has closed: that it ended is heard by itself.
    send: (message: ToWorker) => void (worker.isConnected() && worker.send(message, () => {})),
    onMessage: (hear) => worker.on('message', (message) => isOurs(message) && hear(message as ToSupervisor)),
    onEnd(hear) {
      worker.once('exit', (code: number | null, signal: string | null) => hear(signal ?? `code ${code}`));
      // No such program any more, no memory or number for a process: there is no exit. Of one that runs, its exit will tell.
      worker.on('error', (fault: NodeJS.ErrnoException) => {
        if (worker.process.pid === undefined) hear(notStarted(fault));
      });
    },
    kill: () => void worker.process.kill('SIGKILL'),
  };
}

const notStarted = ({ code, message }: NodeJS.ErrnoException) => `not started: ${code ?? message}`;

function unstarted(number: number, fault: NodeJS.ErrnoException): Worker {
  return {
    number,
    pid: undefined,
    send() {},
    onMessage() {},
    onEnd: (hear) => queueMicrotask(() => hear(notStarted(fault))),
    kill() {},
  };
}

/** The way to the supervisor. Its end ends this process: node:cluster sees to that. */
export const supervisor: Upward = {
  send: (message: ToSupervisor) => void (process.connected && process.send!(message, undefined, {}, () => {})),
  onMessage: (hear) => process.on('message', (message) => isOurs(message) && hear(message as ToWorker)),
};
