/** Which of this process's threads the system is to run first, when there are more than cores. */

import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Steps of nice(1) behind the process: about a tenth of a core for each of them when all are busy. */
const behind = 10;
/** Of nice(1): nothing stands behind it. */
const last = 19;

/**
 * Lets the threads that compute password hashes (libuv's pool) stand behind the one that serves everybody: as many hashes at once as cores
 * leave it none of its own, and then each of its steps waits for some milliseconds. Call it when the pool has been used.
 * Gives how many threads there were; where the system has no priority for each thread (other than Linux) 0, and nothing changes.
 */
export function hashesGiveWay(): number {
  try {
    const workers = readdirSync('/proc/self/task').filter(
      (thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'libuv-worker',
    );
    const priority = Math.min(last, getPriority() + behind);
    for (const thread of workers) setPriority(Number(thread), priority);
    return workers.length;
  } catch {
    return 0;
  }
}
