/**
 * Codes sent by mail: made, kept and guessed. A code belongs to one sign-in, one account and one level; only its keyed hash
 * is stored. Counting and comparing are one step of the store, so parallel guesses gain nothing. This file sends
 * no mail and shows no page.
 */

import { createHmac, randomInt } from 'node:crypto';
import type { Guess, State } from '../../src/state/state.ts';

/** What a code is bound to (ASVS 6.6.2). */
export interface Binding {
  /** The sign-in. */
  uid: string;
  accountId: string;
  level: string;
  /** The mailbox that it proves, where the account's may change meanwhile. */
  to?: string;
}

export interface CodeRules {
  /** Seconds. */
  life: number;
  /** Guesses a sign-in has, over all its codes. */
  tries: number;
  /** Seconds that a sign-in lasts; so long guesses are remembered, also when their code has run out. */
  signInLife: number;
}

export interface Codes {
  /** A new code of so many digits for this binding; those made before stay good until they expire. */
  make(binding: Binding, digits: number): Promise<string>;
  /** Guesses `typed`: digits only, as `digitsOf` gives them. */
  guess(binding: Binding, typed: string): Promise<Guess>;
}

/**
 * Codes kept in `state`. Keys: a code is hashed with each, and guessed with the first; so a new key is added behind the
 * first everywhere before it is moved to the front, and no code on its way is lost.
 */
export function createCodes(state: State, keys: readonly string[], rules: CodeRules): Codes {
  const place = ({ uid }: Binding) => `email-code:${uid}`;
  // A setting may let a code outlive the sign-in; what counts the guesses at it must not end before it.
  const kept = Math.max(rules.life, rules.signInLife);
  const hash = (key: string, { uid, accountId, level, to }: Binding, code: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([uid, accountId, level, ...(to === undefined ? [] : [to]), code]))
      .digest('base64url');
  return {
    async make(binding, digits) {
      const code = randomInt(10 ** digits)
        .toString()
        .padStart(digits, '0');
      for (const key of keys) await state.offer(place(binding), hash(key, binding, code), rules.life, kept);
      return code;
    },
    guess: (binding, typed) => state.guess(place(binding), hash(keys[0]!, binding, typed), rules.tries),
  };
}

/**
 * The digits of what a person typed or pasted: spaces, hyphens and dots of any script between them do not matter, nor do
 * full-width digits. Undefined when it cannot be a code of one of these `lengths`.
 */
export function digitsOf(typed: string, ...lengths: number[]): string | undefined {
  const plain = typed.normalize('NFKC').replaceAll(/[\s\p{Pd}\p{Cf}.]/gu, '');
  return lengths.includes(plain.length) && /^[0-9]+$/.test(plain) ? plain : undefined;
}
