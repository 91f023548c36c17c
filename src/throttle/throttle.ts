/**
 * The throttle: budgets of what may be tried within a window of time, counted in the shared state before the work is
 * done. It knows nothing of what is being tried, nor of accounts, addresses or pages: callers name their budgets.
 */

import { hash } from 'node:crypto';
import type { State } from '../state/state.ts';

/** Budgets that are spent in one step, and share a window: it starts with the first spending from any of them. */
export interface Pool {
  /** What is counted, such as 'password'. It stands in the key as it is. */
  name: string;
  /** Whose pool it is: an address, an account. Only its hash stands in the key. */
  key: string;
  /** Seconds. */
  window: number;
  /** In the order in which they are spent: the widest first. It bounds how many of the others the store has to keep. */
  budgets: Budget[];
}

/** At most `limit` within the pool's window. */
export interface Budget {
  /** Whose part of the pool it is, '' for the whole of it. Only its hash stands in the store. */
  of: string;
  limit: number;
}

/** A pool of one budget. */
export function poolOf(name: string, key: string, window: number, limit: number): Pool {
  return { name, key, window, budgets: [{ of: '', limit }] };
}

export type Spending =
  | { outcome: 'allowed' }
  /** A budget is used up. `retryAfter` is in seconds: when its window ends. */
  | { outcome: 'refused'; retryAfter: number };

export interface Throttle {
  /**
   * Spends one from each budget of the pool, up to the first that is used up: who goes on asking under one name goes on using
   * up what is wider. Call it before the work. Throws StateUnavailable when the store is away: limits fail closed.
   * `amount` is how much is spent, where it is not one; 0 spends nothing, and asks whether one could be spent.
   */
  spend(pool: Pool, amount?: number): Promise<Spending>;
  /** Gives back what an allowed spending took, when what was tried turned out right: only failures use budgets up. */
  refund(pool: Pool, amount?: number): Promise<void>;
}

/**
 * Spends one from each of `pools` in turn, up to the first that is used up: put first what is somebody's own, so that what they may not try
 * does not use up what others share. `spent` is what has been taken, also where the whole is refused, for whoever gives it back.
 * Throws as the throttle does.
 */
export async function spendInTurn(
  throttle: Pick<Throttle, 'spend'>,
  pools: readonly Pool[],
): Promise<Spending & { spent: Pool[] }> {
  const spent: Pool[] = [];
  for (const pool of pools) {
    const spending = await throttle.spend(pool);
    if (spending.outcome === 'refused') return { ...spending, spent };
    spent.push(pool);
  }
  return { outcome: 'allowed', spent };
}

/** A throttle whose counts every process that shares `state` sees. */
export function createThrottle({ state }: { state: Pick<State, 'spend' | 'refund'> }): Throttle {
  return {
    async spend(pool, amount) {
      const limits = Object.fromEntries(pool.budgets.map(({ of, limit }) => [storedName(of), limit]));
      const spend = await state.spend(storedKey(pool), limits, pool.window, amount);
      return spend.outcome === 'over' ? { outcome: 'refused', retryAfter: spend.wait } : { outcome: 'allowed' };
    },

    async refund(pool, amount) {
      await state.refund(
        storedKey(pool),
        pool.budgets.map(({ of }) => storedName(of)),
        amount,
      );
    },
  };
}

function storedKey({ name, key }: Pool): string {
  return `throttle:${name}:${hashed(key, 22)}`;
}

/** 72 bits tell the names of one pool apart. Never a number, which would come before names that were given earlier. */
function storedName(of: string): string {
  return of === '' ? '' : hashed(of, 12);
}

function hashed(text: string, length: number): string {
  return hash('sha256', text, 'base64url').slice(0, length);
}
