/**
 * Who may try a password now: counted before anything is looked up, by the name that was typed, so that one that nobody has costs
 * the same. Three ways in. A browser that the person has used before has tries of its own. Others share the tries of their origin,
 * and of the account from everywhere. Once those are used up the account is guarded: each origin has a few tries a day, and none of them says
 * whether the password was right (guard.ts). So guesses come to nothing, and nobody is locked out (docs/design.md, section 7, rule 4).
 */

import type { Settings } from '../../../config/settings.ts';
import type { Pool, Throttle } from '../../../src/throttle/throttle.ts';

export type Admission =
  /** `spent` is given back by `undo`. */
  | { outcome: 'admitted'; way: 'known' | 'open' | 'guarded'; spent: Pool[] }
  /** `retryAfter` is in seconds. */
  | { outcome: 'refused'; way: 'open' | 'guarded'; retryAfter: number };

export interface Attempt {
  /** The user name as `usernameKey` gives it. */
  name: string;
  origin: string;
  /** The key of a browser that knows this person. */
  browser?: string;
}

export interface Admissions {
  /** Counts a try. Throws StateUnavailable when the store is away. */
  admit(attempt: Attempt): Promise<Admission>;
  /** What was admitted was no failure, or could not be tried. */
  undo(admission: Admission): Promise<void>;
}

const day = 24 * 60 * 60;

/** Admission by the budgets of `settings`, counted by `throttle`. */
export function createAdmissions(throttle: Throttle, settings: Settings['password']): Admissions {
  const { window, triesPerAccount, triesPerOrigin, triesFromAnywhere, anywhereWindow, guardedTries, knownTries } =
    settings;
  const one = (name: string, key: string, seconds: number, limit: number): Pool => ({
    name,
    key,
    window: seconds,
    budgets: [{ of: '', limit }],
  });
  const fromOrigin = ({ name, origin }: Attempt): Pool => ({
    name: 'password',
    key: origin,
    window,
    budgets: [
      { of: '', limit: triesPerOrigin },
      { of: `account ${name}`, limit: triesPerAccount },
    ],
  });
  return {
    async admit(attempt) {
      const { name, origin, browser } = attempt;
      if (browser !== undefined) {
        const known = one('password.known', browser, day, knownTries);
        if ((await throttle.spend(known)).outcome === 'allowed')
          return { outcome: 'admitted', way: 'known', spent: [known] };
      }
      // In this order: what an origin may not try must not use up what everybody shares.
      const mine = fromOrigin(attempt);
      const first = await throttle.spend(mine);
      if (first.outcome === 'refused') return { ...first, way: 'open' };
      const everywhere = one('password.anywhere', name, anywhereWindow, triesFromAnywhere);
      if ((await throttle.spend(everywhere)).outcome === 'allowed')
        return { outcome: 'admitted', way: 'open', spent: [mine, everywhere] };
      const guarded = one('password.guarded', JSON.stringify([name, origin]), day, guardedTries);
      const last = await throttle.spend(guarded);
      return last.outcome === 'refused'
        ? { ...last, way: 'guarded' }
        : { outcome: 'admitted', way: 'guarded', spent: [mine, guarded] };
    },

    async undo(admission) {
      if (admission.outcome === 'admitted') await Promise.all(admission.spent.map((pool) => throttle.refund(pool)));
    },
  };
}
