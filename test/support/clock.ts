/**
 * A clock that a test moves, for a server and for its state: a store in Redis expires by real time, so that whoever keeps
 * one listens, and makes what it holds older by as much.
 */

export interface Clock {
  now(): Date;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
  /** From now on so far ahead of real time. */
  goTo(milliseconds: number): Promise<void>;
  /** Calls `listener` with the milliseconds of each move, until the function that it gives is called. */
  onMove(listener: (milliseconds: number) => Promise<void>): () => void;
}

/** A clock that shows real time until it is moved; a `still` one moves only when a test moves it. */
export function testClock({ still = false } = {}): Clock {
  // A test may put another in its place.
  const real = Date.now;
  const start = real();
  const listeners = new Set<(milliseconds: number) => Promise<void>>();
  let ahead = 0;
  const clock: Clock = {
    now: () => new Date((still ? start : real()) + ahead),
    pass: (milliseconds) => clock.goTo(ahead + milliseconds),
    async goTo(milliseconds) {
      const moved = milliseconds - ahead;
      ahead = milliseconds;
      if (moved !== 0) await Promise.all([...listeners].map((listener) => listener(moved)));
    },
    onMove(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return clock;
}
