import { expect, test } from '@jest/globals';
import { stopOnSignals } from '../../src/commands/stopping.ts';

/** What comes of `signals` signals to a command that stops so. */
async function after(signals: number, stop: () => Promise<void>, patience = 60_000): Promise<string[]> {
  const seen: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let signal = () => {};
  const isStopping = stopOnSignals(
    { stop, kill: () => void seen.push('killed'), patience },
    {
      onSignal(callback) {
        signal = callback;
      },
      exit(code) {
        seen.push(`exit ${code}`);
        resolve();
      },
      terminal: { out: () => {}, err: (line) => void seen.push(line), read: async () => '' },
    },
  );
  expect(isStopping()).toBe(false);
  for (let n = 0; n < signals; n++) signal();
  expect(isStopping()).toBe(true);
  await ended;
  return seen;
}
const never = () => new Promise<void>(() => {});

test('a gentle end is 0', async () => {
  expect(await after(1, async () => {})).toEqual(['exit 0']);
});

test('a second signal, an end that fails and one that takes too long leave nothing running', async () => {
  expect(await after(2, never)).toEqual(['killed', 'exit 1']);
  const fails = () => Promise.reject(new Error('the port is stuck'));
  expect(await after(1, fails)).toEqual(['kapu: could not stop cleanly: the port is stuck', 'killed', 'exit 1']);
  const late = 'kapu: not stopped within shutdownPatience: ended';
  // Its clock alone keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  expect(await after(1, never, 1)).toEqual([late, 'killed', 'exit 1']);
  clearInterval(alive);
});
