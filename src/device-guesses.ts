/** The budget of wrong codes of devices, an origin's (RFC 8628, 5.1). */

import type { Settings } from '../config/settings.ts';
import type { Guesses } from './oidc/device-codes.ts';
import { originOf } from './throttle/origin.ts';
import type { Throttle } from './throttle/throttle.ts';

/** Guesses bounded by `settings`; right ones are given back. */
export function deviceGuesses(throttle: Throttle, { guesses, window }: Settings['deviceFlow']): Guesses {
  const poolOf = (address: string) => ({
    name: 'user-code',
    key: originOf(address),
    window,
    budgets: [{ of: '', limit: guesses }],
  });
  return {
    async refused(address) {
      const spending = await throttle.spend(poolOf(address));
      return spending.outcome === 'refused' ? spending.retryAfter : undefined;
    },
    right: (address) => throttle.refund(poolOf(address)),
  };
}
