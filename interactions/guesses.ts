/**
 * How often codes may be guessed at that somebody has of their own, such as those of an authenticator app. Only whoever has given
 * the password can guess, and a browser in which the person has given such a code before counts by itself: so whoever has somebody's
 * password uses up nothing of theirs there. It does so after all sessions were ended as well: what was proven in it was not the password
 * alone, and its owner, who has just thrown a thief out, is the one who must get in. This file compares no code and knows no method.
 */

import type { Account } from '../src/records/records.ts';
import { type Pool, poolOf, type Throttle } from '../src/throttle/throttle.ts';
import { hasProven, type KnownBrowser } from './known-browsers.ts';

/** At most `limit` wrong guesses in `window` seconds. */
export interface GuessBudget {
  limit: number;
  window: number;
}

export interface GuessRules {
  /** What is guessed at: the method's name. */
  name: string;
  /** In a browser that the person has proven this method in. */
  known: GuessBudget;
  /** For one account from one origin. */
  here: GuessBudget;
  /** For one account from everywhere, where what is guessed at is short enough to be found so. */
  anywhere?: GuessBudget;
}

export interface Guesser {
  account: Account;
  origin: string;
  /** What the browser is known by, if it is. */
  browser?: KnownBrowser;
}

export type Admitted =
  /** `undo` gives back what was counted: the guess was right, or could not be made. */
  | { outcome: 'allowed'; undo(): Promise<void> }
  /** `retryAfter` is in seconds. `everywhere`: no other origin helps. */
  | { outcome: 'refused'; retryAfter: number; everywhere: boolean };

/** Counts a guess, before it is made; throws StateUnavailable when the store is away. */
export type CountGuess = (guesser: Guesser) => Promise<Admitted>;

/** The budgets of `rules`, counted by `throttle`. */
export function createGuesses(throttle: Throttle, { name, known, here, anywhere }: GuessRules): CountGuess {
  const pool = (part: string, key: string, { limit, window }: GuessBudget) =>
    poolOf(`${name}.${part}`, key, window, limit);
  const allowed = (...spent: Pool[]): Admitted => ({
    outcome: 'allowed',
    undo: async () => void (await Promise.all(spent.map((each) => throttle.refund(each)))),
  });
  return async ({ account, origin, browser }) => {
    if (browser && hasProven(browser, account)) {
      const own = pool('known', browser.key, known);
      if ((await throttle.spend(own)).outcome === 'allowed') return allowed(own);
    }
    // In this order: what an origin may not try must not use up what everybody shares.
    const mine = pool('here', JSON.stringify([account.id, origin]), here);
    const first = await throttle.spend(mine);
    if (first.outcome === 'refused') return { ...first, everywhere: false };
    if (!anywhere) return allowed(mine);
    const shared = pool('anywhere', account.id, anywhere);
    const second = await throttle.spend(shared);
    return second.outcome === 'refused' ? { ...second, everywhere: true } : allowed(mine, shared);
  };
}
