/**
 * The throttle: budgets of what may be tried within a window of time, counted in the shared state before the work is
 * done. It knows nothing of what is being tried, nor of accounts, addresses or pages: callers name their budgets.
 */

import { createHash } from 'node:crypto';
import type { State } from '../state/state.ts';

/** One budget: of all spending under `name` and `key`, at most `limit` within `window` seconds, from the first. */
export interface Budget {
  /** What is counted, such as 'password.origin'. It stands in the store as it is. */
  name: string;
  /** Whose budget it is: a user name, an address. Only its hash stands in the store. */
  key: string;
  limit: number;
  /** Seconds. */
  window: number;
}

export type Spending =
  | { outcome: 'allowed' }
  /** At least one budget is used up. `retryAfter` is in seconds, and never too short: the longest window used up. */
  | { outcome: 'refused'; retryAfter: number };

export interface Throttle {
  /**
   * Spends one from each budget, refused or not, so that a caller who goes on asking gains nothing. Call it before the
   * work. Throws StateUnavailable when the store is away: limits fail closed.
   */
  spend(budgets: Budget[]): Promise<Spending>;
  /** Gives back one to each budget, when what was tried turned out right: only failures use budgets up. */
  refund(budgets: Budget[]): Promise<void>;
}

/** A throttle whose counts every process that shares `state` sees. */
export function createThrottle({ state }: { state: Pick<State, 'count' | 'uncount'> }): Throttle {
  return {
    async spend(budgets) {
      const counts = await Promise.all(budgets.map((budget) => state.count(storeKey(budget), budget.window)));
      const usedUp = budgets.filter((budget, at) => counts[at]! > budget.limit);
      if (usedUp.length === 0) return { outcome: 'allowed' };
      return { outcome: 'refused', retryAfter: Math.max(...usedUp.map((budget) => budget.window)) };
    },

    async refund(budgets) {
      await Promise.all(budgets.map((budget) => state.uncount(storeKey(budget))));
    },
  };
}

function storeKey({ name, key }: Budget): string {
  return `throttle:${name}:${createHash('sha256').update(key).digest('base64url')}`;
}
