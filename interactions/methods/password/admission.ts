/**
 * Who may try a password now: counted before anything is looked up, by the name that was typed, so that one that nobody has costs
 * the same. Three ways in. A browser that the person has used before has tries of its own. Others share the tries of their origin,
 * and of the account from everywhere. Once those are used up the account is guarded: each origin has a few tries a day, and none of them says
 * whether the password was right (guard.ts). So guesses come to nothing, and nobody is locked out (docs/design.md, section 7, rule 4).
 * A few of them are *plain*: those alone can get into an account that no code can be mailed to, and so tell something.
 */

import type { Settings } from '../../../config/settings.ts';
import { type Pool, poolOf, type Throttle } from '../../../src/throttle/throttle.ts';

export type Admission =
  /** `spent` is given back by `undo`. */
  | { outcome: 'admitted'; way: 'known' | 'open'; spent: Pool[] }
  | { outcome: 'admitted'; way: 'guarded'; plain: boolean; spent: Pool[] }
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
  /** The code of a guarded account was right: that try was its owner's. */
  undoGuarded(attempt: Attempt): Promise<void>;
}

const day = 24 * 60 * 60;

/** Admission by the budgets of `settings`, counted by `throttle`. */
export function createAdmissions(throttle: Throttle, settings: Settings['password']): Admissions {
  const { window, triesPerAccount, triesPerOrigin, triesFromAnywhere, anywhereWindow } = settings;
  const fromOrigin = ({ name, origin }: Attempt): Pool => ({
    name: 'password',
    key: origin,
    window,
    budgets: [
      { of: '', limit: triesPerOrigin },
      { of: `account ${name}`, limit: triesPerAccount },
    ],
  });
  const guarded = ({ name, origin }: Attempt) =>
    poolOf('password.guarded', JSON.stringify([name, origin]), day, settings.guardedTries);
  const plainly = ({ name, origin }: Attempt) =>
    poolOf('password.plain', JSON.stringify([name, origin]), day, settings.plainTries);
  const undo = async (spent: Pool[]) => void (await Promise.all(spent.map((pool) => throttle.refund(pool))));
  return {
    async admit(attempt) {
      const { name, browser } = attempt;
      if (browser !== undefined) {
        const known = poolOf('password.known', browser, anywhereWindow, settings.knownTries);
        if ((await throttle.spend(known)).outcome === 'allowed')
          return { outcome: 'admitted', way: 'known', spent: [known] };
      }
      // In this order: what an origin may not try must not use up what everybody shares.
      const mine = fromOrigin(attempt);
      const first = await throttle.spend(mine);
      if (first.outcome === 'refused') return { ...first, way: 'open' };
      const everywhere = poolOf('password.anywhere', name, anywhereWindow, triesFromAnywhere);
      if ((await throttle.spend(everywhere)).outcome === 'allowed')
        return { outcome: 'admitted', way: 'open', spent: [mine, everywhere] };
      const last = await throttle.spend(guarded(attempt));
      if (last.outcome === 'refused') return { ...last, way: 'guarded' };
      const plain = (await throttle.spend(plainly(attempt))).outcome === 'allowed';
      const spent = [mine, guarded(attempt), ...(plain ? [plainly(attempt)] : [])];
      return { outcome: 'admitted', way: 'guarded', plain, spent };
    },

    async undo(admission) {
      if (admission.outcome === 'admitted') await undo(admission.spent);
    },

    undoGuarded: (attempt) => undo([fromOrigin(attempt), guarded(attempt), plainly(attempt)]),
  };
}
