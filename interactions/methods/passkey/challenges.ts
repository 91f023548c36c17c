/**
 * Challenges: what an authenticator has to sign, so that an answer is good for one visit and once (WebAuthn Level 3, 13.4.3). A
 * challenge says itself when it was made and, under a key, for whom, so that asking for any number keeps nothing and takes none
 * away: whoever has a sign-in open in two tabs goes on in either. Kept is what has been answered, until it would be too old.
 */

import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { State } from '../../../src/state/state.ts';

/** What a challenge is bound to. */
export interface Binding {
  purpose: 'sign-in' | 'set-up';
  visit: string;
  /** Who is known in the visit. */
  accountId?: string;
}

export interface Challenges {
  /** A new one, as base64url. */
  make(binding: Binding): string;
  /**
   * Uses `challenge` up. Of all callers exactly one hears that it is good; 'over' is one that was used, or is too old, and 'wrong'
   * what was never made for `binding`.
   */
  take(binding: Binding, challenge: string): Promise<'good' | 'over' | 'wrong'>;
}

/** Seconds that a challenge can be answered; browsers are told the same. */
export const challengeLife = 300;

/** Bytes of a challenge: what nobody can foresee, the time in milliseconds since 1970, and the tag of both. */
const [unforeseen, dated, tagged] = [16, 6, 20];

/** Challenges under `keys`: the first signs, all are taken. What was used is kept in `state`. */
export function createChallenges(keys: readonly string[], state: Pick<State, 'add'>, now: () => Date): Challenges {
  function sealed(key: string, { purpose, visit, accountId = '' }: Binding, head: Buffer): Buffer {
    const named = JSON.stringify(['passkey challenge', purpose, visit, accountId]);
    const tag = createHmac('sha256', key).update(named).update(head).digest().subarray(0, tagged);
    return Buffer.concat([head, tag]);
  }
  return {
    make(binding) {
      const head = Buffer.concat([randomBytes(unforeseen), Buffer.alloc(dated)]);
      head.writeUIntBE(now().getTime(), unforeseen, dated);
      return sealed(keys[0]!, binding, head).toString('base64url');
    },

    async take(binding, challenge) {
      const given = Buffer.from(challenge, 'base64url');
      // Spelt in one way only: what is remembered is the text.
      if (given.length !== unforeseen + dated + tagged || given.toString('base64url') !== challenge) return 'wrong';
      const head = given.subarray(0, unforeseen + dated);
      if (!keys.some((key) => timingSafeEqual(sealed(key, binding, head), given))) return 'wrong';
      const age = now().getTime() - head.readUIntBE(unforeseen, dated);
      if (age > challengeLife * 1000) return 'over';
      // Longer than it lives by the clock of any server.
      const isFirst = await state.add(`passkey:${hash('sha256', challenge, 'base64url')}`, '', 2 * challengeLife);
      return isFirst ? 'good' : 'over';
    },
  };
}
