/**
 * How often codes may be guessed at that somebody has of their own, such as those of an authenticator app. Only whoever has given
 * the password can guess, and a browser in which the person has given a code of what they have now counts by itself: so whoever has
 * somebody's password uses up nothing of theirs there. It does so after all sessions were ended as well: what was proven in it was not the
 * password alone, and its owner, who has just thrown a thief out, is the one who must get in. Not so where what was proven was another's, such
 * as a thief's app that has been taken away. This file compares no code and knows no method.
 */

import type { Account, Records } from '../src/records/records.ts';
import { type Pool, poolOf, spendInTurn, type Throttle } from '../src/throttle/throttle.ts';
import type { KnownBrowser } from './known-browsers.ts';

/** At most `limit` wrong guesses in `window` seconds. */
export interface GuessBudget {
  limit: number;
  window: number;
}

export interface GuessRules {
  /** What is guessed at: the method's name. */
  name: string;
  /** In a browser that has proven this method since what the person has of it now was set up. */
  known: GuessBudget;
  /** In all such browsers together, where what is guessed at is short enough to be found so: there is no end to a thief's browsers. */
  knownInAll?: GuessBudget;
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

/** Counts a guess, before it is made; throws StateUnavailable and RecordsUnavailable when a store is away. */
export type CountGuess = (guesser: Guesser) => Promise<Admitted>;

export interface GuessParts {
  throttle: Throttle;
  credentials: Pick<Records['credentials'], 'list'>;
}

/** The budgets of `rules`, counted by the throttle. */
export function createGuesses({ throttle, credentials }: GuessParts, rules: GuessRules): CountGuess {
  const { name, known, knownInAll, here, anywhere } = rules;
  const pool = (part: string, key: string, { limit, window }: GuessBudget) =>
    poolOf(`${name}.${part}`, key, window, limit);

  /** `shared`: by several browsers or origins. */
  async function spend(mine: Pool, shared: Pool | undefined): Promise<Admitted> {
    const { spent, ...spending } = await spendInTurn(throttle, shared ? [mine, shared] : [mine]);
    if (spending.outcome === 'refused') return { ...spending, everywhere: spent.length > 0 };
    return { ...spending, undo: async () => void (await Promise.all(spent.map((each) => throttle.refund(each)))) };
  }

  /** Whether `browser` has proven what the account has now, and not what was there before it. */
  async function hasProvenThis({ since }: KnownBrowser, { id }: Account): Promise<boolean> {
    const present = await credentials.list(id, name);
    return present.length > 0 && present.every(({ createdAt }) => since >= createdAt);
  }

  return async ({ account, origin, browser }) => {
    if (browser && (await hasProvenThis(browser, account))) {
      const inAll = knownInAll && pool('known-in-all', account.id, knownInAll);
      const own = await spend(pool('known', browser.key, known), inAll);
      if (own.outcome === 'allowed') return own;
    }
    const everybodys = anywhere && pool('anywhere', account.id, anywhere);
    return spend(pool('here', JSON.stringify([account.id, origin]), here), everybodys);
  };
}
