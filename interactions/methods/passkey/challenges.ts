/**
 * Challenges: what an authenticator has to sign, so that an answer is good for one visit and once (WebAuthn Level 3, 13.4.3). A
 * visit has one at a time: whoever asks for another takes the place of the one before, and fills no store.
 */

import { hash, randomBytes } from 'node:crypto';
import type { State } from '../../../src/state/state.ts';

/** What a challenge is bound to. */
export interface Binding {
  purpose: 'sign-in' | 'set-up';
  visit: string;
  /** Who is known in the visit. */
  accountId?: string;
}

export interface Challenges {
  /** A new one, as base64url, in the place of the visit's last. */
  make(binding: Binding): Promise<string>;
  /** The visit's challenge, which of all callers exactly one gets; undefined when there is none, or no longer. */
  take(binding: Binding): Promise<string | undefined>;
}

/** Seconds that a challenge can be answered; browsers are told the same. */
export const challengeLife = 300;

/** Challenges kept in `state`. */
export function createChallenges(state: Pick<State, 'put' | 'take'>): Challenges {
  const keyOf = ({ purpose, visit, accountId = '' }: Binding) =>
    `passkey:${hash('sha256', JSON.stringify([purpose, visit, accountId]), 'base64url')}`;
  return {
    async make(binding) {
      const challenge = randomBytes(32).toString('base64url');
      await state.put(keyOf(binding), challenge, challengeLife);
      return challenge;
    },
    async take(binding) {
      return (await state.take(keyOf(binding)))?.value;
    },
  };
}
