/** What signals do to a command that serves: the first has it end gently, the second ends it at once. */

import type { Terminal } from './command.ts';

export interface Stopping {
  /** Ends gently. */
  stop(): Promise<void>;
  /** Ends at once what would outlive this process. */
  kill?(): void;
  /** Milliseconds for ending gently. */
  patience: number;
}

export interface StoppingEffects {
  /** Calls back at each SIGTERM and SIGINT. */
  onSignal(callback: () => void): void;
  exit(code: number): void;
  terminal: Terminal;
}

/**
 * Ends the process with 0 after a gentle end; with 1 at a second signal, where that end fails, and past the patience. What it gives
 * says whether a signal has come.
 */
export function stopOnSignals(
  { stop, kill = () => {}, patience }: Stopping,
  { onSignal, exit, terminal }: StoppingEffects,
): () => boolean {
  let stopping = false;
  const endNow = () => {
    kill();
    exit(1);
  };
  onSignal(() => {
    if (stopping) return endNow();
    stopping = true;
    setTimeout(() => {
      terminal.err('kapu: not stopped within shutdownPatience: ended');
      endNow();
    }, patience).unref();
    stop().then(
      () => exit(0),
      (fault: Error) => {
        terminal.err(`kapu: could not stop cleanly: ${fault.message}`);
        endNow();
      },
    );
  });
  return () => stopping;
}
