/** The budget of wrong codes of devices, an origin's (RFC 8628, 5.1). */

import type { Settings } from '../config/settings.ts';
import type { Guesses } from './oidc/stored/device-codes.ts';
import { originOf } from './throttle/origin.ts';
import { poolOf, type Throttle } from './throttle/throttle.ts';

/** Guesses bounded by `settings`; right ones are given back. */
export function deviceGuesses(throttle: Throttle, { guesses, window }: Settings['deviceFlow']): Guesses {
  const wrongFrom = (address: string) => poolOf('user-code', originOf(address), window, guesses);
  return {
    async refused(address) {
      const spending = await throttle.spend(wrongFrom(address));
      return spending.outcome === 'refused' ? spending.retryAfter : undefined;
    },
    right: (address) => throttle.refund(wrongFrom(address)),
  };
}
