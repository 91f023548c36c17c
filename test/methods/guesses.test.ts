/** How often codes of one's own may be guessed at, counted by the budgets themselves: docs/decisions/025. */

import { beforeEach, expect, test } from '@jest/globals';
import { createGuesses, type Guesser } from '../../interactions/guesses.ts';
import type { Account, Credential } from '../../src/records/records.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';

const day = 24 * 3600;
const rules = {
  name: 'app',
  known: { limit: 4, window: 30 * day },
  knownInAll: { limit: 6, window: 30 * day },
  here: { limit: 1, window: 900 },
  anywhere: { limit: 2, window: 90 * day },
};
const account = { id: 'anna', createdAt: new Date(0) } as Account;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 12, minute));
const browser = (key: string, minute: number): Partial<Guesser> => ({ browser: { key, since: at(minute) } });

let present: Credential[];
let count: ReturnType<typeof createGuesses>;
beforeEach(() => {
  const throttle = createThrottle({ state: createMemoryState({ now: () => at(59), sweepEvery: 3_600_000 }) });
  present = [{ id: 'one', method: 'app', data: {}, createdAt: at(10) }];
  count = createGuesses({ throttle, credentials: { list: async () => present } }, rules);
});

/** How many of ten guesses are let, each from an origin of its own unless told otherwise. */
async function let10(guesser: Partial<Guesser>): Promise<number> {
  let allowed = 0;
  for (let nth = 0; nth < 10; nth++) {
    const admitted = await count({ account, origin: `${JSON.stringify(guesser)} ${nth}`, ...guesser });
    if (admitted.outcome === 'allowed') allowed++;
  }
  return allowed;
}

test('browsers that have proven something that is gone are strangers, however many there are', async () => {
  const old = Array.from({ length: 5 }, (_, nth) => browser(`thief's ${nth}`, 9));
  const allowed: number[] = [];
  for (const each of old) allowed.push(await let10(each));
  expect(allowed).toEqual([2, 0, 0, 0, 0]);
  expect(await let10(browser('owner', 10))).toBe(4);
});

test('a browser that has proven the older of two is a stranger, and so is each where nothing is there', async () => {
  present.push({ id: 'two', method: 'app', data: {}, createdAt: at(20) });
  expect(await let10({ ...browser('owner', 19), origin: 'home' })).toBe(1);
  expect(await let10({ ...browser('owner', 20), origin: 'home' })).toBe(4);
  present = [];
  expect(await let10({ ...browser('another', 20), origin: 'library' })).toBe(1);
});

test('all known browsers of an account have as many together as the rules say, and strangers theirs beside that', async () => {
  const allowed: number[] = [];
  for (const key of ['one', 'two', 'three']) allowed.push(await let10({ ...browser(key, 30), origin: 'home' }));
  // The last of the second one's is a stranger's, from there.
  expect(allowed).toEqual([4 + 1, 2, 0]);
  expect(await let10({})).toBe(1);
});

test('what was right is given back to all that it was taken from', async () => {
  for (const guesser of [browser('owner', 30), {}])
    for (let nth = 0; nth < 10; nth++) {
      const admitted = await count({ account, origin: 'home', ...guesser });
      expect(admitted.outcome).toBe('allowed');
      if (admitted.outcome === 'allowed') await admitted.undo();
    }
});
