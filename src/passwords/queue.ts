/**
 * A bounded queue for work that takes a core: so many at once, so many waiting, each for so long, and past that the
 * caller hears 'busy' at once instead of everyone waiting for ever. It knows nothing of what the work is.
 */

export interface QueueOptions {
  /** Works that run at once; at least 1. */
  atOnce: number;
  /** Works that may wait; as many again of those that go first. */
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

interface Waiting {
  since: Date;
  begin: () => void;
}

export interface Queue {
  /** Runs `work` in its turn; with 'first' before all that are not. Rejects only with what `work` itself rejects with. */
  run<T>(work: () => Promise<T>, turn?: 'first'): Promise<Run<T>>;
  load(): QueueLoad;
}

/** An empty queue. */
export function createQueue({ atOnce, length, patience, now }: QueueOptions): Queue {
  const lines = { first: new Set<Waiting>(), usual: new Set<Waiting>() };
  let running = 0;
  let refused = 0;

  /** The first of each line that has one, in the order in which their turns come. */
  const heads = () => [lines.first, lines.usual].flatMap(([head]) => head ?? []);

  /** True once it is this caller's turn; false when patience ended first. The turn is held until `leave`. */
  async function enter(waiting: Set<Waiting>): Promise<boolean> {
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
    const [next] = heads();
    if (next) next.begin();
    else running--;
  }

  return {
    async run(work, turn) {
      if (!(await enter(lines[turn ?? 'usual']))) {
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
      const since = heads().map((each) => each.since.getTime());
      const oldest = Math.max(0, ...since.map((time) => (now().getTime() - time) / 1000));
      return { running, waiting: lines.first.size + lines.usual.size, oldest, refused };
    },
  };
}
