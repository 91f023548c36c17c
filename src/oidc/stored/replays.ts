/** What clients sign may come once: its jti is remembered for as long as the JWT would still be accepted. */

import type { State } from '../../state/state.ts';
import { clockTolerance } from '../clients/signed.ts';
import { keyOf } from './adapter.ts';

/**
 * Whether `jti` of `issuer` comes for the first time, decided by one atomic step (RFC 7523, 3; RFC 9449, 11.1). The library reckons
 * `expiresAt`, in seconds, without the client's clock, which may be ahead: the JWT is good for that much longer, and to the
 * end of that second.
 */
export function acceptOnce(state: State, now: () => Date) {
  return (issuer: string, jti: string, expiresAt: number): Promise<boolean> => {
    const life = Math.ceil(expiresAt - now().getTime() / 1000) + clockTolerance + 1;
    return state.add(keyOf('ReplayDetection', `${issuer} ${jti}`), '1', Math.max(1, life));
  };
}
