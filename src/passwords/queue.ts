/**
 * A bounded queue for work that takes a core: so many at once, so many waiting, each for so long, and past that the
 * caller hears 'busy' at once instead of everyone waiting for ever. It knows nothing of what the work is.
 */

export interface QueueOptions {
  /** Works that run at once; at least 1. */
  atOnce: number;
  /** Works that may wait. */
  length: number;
  /** Seconds that a work may wait before it is turned away. */
  patience: number;
  now: () => Date;
}

export type Run<T> =
  | { outcome: 'done'; value: T }
  /** Turned away, and the work was not begun. `retryAfter` is in whole seconds. */
  | { outcome: 'busy'; retryAfter: number };

/** The queue as metrics show it. */
export interface QueueLoad {
  running: number;
  waiting: number;
  /** Seconds that the first in line has waited; 0 when nobody waits. */
  oldest: number;
  /** Turned away since the start. */
  refused: number;
}

export interface Queue {
  /** Runs `work` in its turn. Rejects only with what `work` itself rejects with. */
  run<T>(work: () => Promise<T>): Promise<Run<T>>;
  load(): QueueLoad;
}

/** An empty queue. */
export function createQueue({ atOnce, length, patience, now }: QueueOptions): Queue {
  const waiting = new Set<{ since: Date; begin: () => void }>();
  let running = 0;
  let refused = 0;

  /** True once it is this caller's turn; false when patience ended first. The turn is held until `leave`. */
  async function enter(): Promise<boolean> {
    if (running < atOnce) {
      running++;
      return true;
    }
    if (waiting.size >= length) return false;
    return new Promise((resolve) => {
      const patienceEnds = setTimeout(() => {
        waiting.delete(turn);
        resolve(false);
      }, patience * 1000);
      const turn = {
        since: now(),
        begin: () => {
          clearTimeout(patienceEnds);
          waiting.delete(turn);
          resolve(true);
        },
      };
      waiting.add(turn);
    });
  }

  /** Hands the turn to the first in line, so that a newcomer cannot slip in between. */
  function leave(): void {
    const [first] = waiting;
    if (first) first.begin();
    else running--;
  }

  return {
    async run(work) {
      if (!(await enter())) {
        refused++;
        return { outcome: 'busy', retryAfter: Math.max(1, Math.ceil(patience)) };
      }
      try {
        return { outcome: 'done', value: await work() };
      } finally {
        leave();
      }
    },
    load() {
      const [first] = waiting;
      const oldest = first ? Math.max(0, (now().getTime() - first.since.getTime()) / 1000) : 0;
      return { running, waiting: waiting.size, oldest, refused };
    },
  };
}
