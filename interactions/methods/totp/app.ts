/**
 * What an authenticator app computes: RFC 6238 with SHA-1, six digits and steps of 30 seconds, because that is what every app can.
 * Pure but for the randomness of a new key. This file keeps nothing and shows nothing.
 */

import { generateSecret, generateURI, verify } from 'otplib';

/** Seconds of a time step (ASVS 6.5.5). */
const step = 30;
export const digits = 6;

/** A new key of 160 bits (RFC 4226, 4 R6), in base32. */
export const newKey = (): string => generateSecret({ length: 20 });

/** The address that hands a key to an app. It names whose account where; neither name may hold a colon. */
export function setupAddress(names: { issuer: string; username: string }, key: string): string {
  const plain = (name: string) => name.replaceAll(':', ' ');
  return generateURI({ issuer: plain(names.issuer), label: plain(names.username), secret: key, digits, period: step });
}

/**
 * The time step that `code`, of six digits, is of; undefined when it is of none that counts at `now`. One step to either side
 * counts (RFC 6238, 5.2): for the code that changes while it is typed, and for clocks that differ by half a minute.
 */
export async function stepOf(key: string, code: string, now: Date): Promise<number | undefined> {
  const epoch = Math.floor(now.getTime() / 1000);
  const found = await verify({ secret: key, token: code, digits, period: step, epoch, epochTolerance: step });
  return found.valid && 'timeStep' in found ? found.timeStep : undefined;
}
