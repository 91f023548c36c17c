/**
 * Activation codes: with one, somebody whom an operator has made an account for, or whom an operator helps back into theirs, chooses
 * a password. An account has one at most; a keyed hash of it is kept as a credential, which is no sign-in method's. Using the code takes
 * that away (ASVS 6.4.1, 6.5.1), as does whatever else sets the password or ends sessions. How it was handed over is kept with it: who can read somebody's mail proves no more than that.
 */

import { createHmac } from 'node:crypto';
import { type Account, activation, type Credential, type NewCredential } from '../../src/records/records.ts';
import { isSameText } from '../../src/same-text.ts';
import { newCode } from '../printed-code.ts';

export { activation };

/** How a code reaches its owner: through the mailbox alone, or on paper. */
export type Handing = 'mail' | 'letter';

/** Whose code it is. */
type Owner = Pick<Account, 'id' | 'email'>;

export interface ActivationCodes {
  /** A new code, plainly, and what is kept of it, in the place of any before. */
  make(owner: Owner, handing: Handing): { code: string; credential: NewCredential };
  /** How the code was handed over, where `code` is the one that `credential` keeps and is good still; else undefined. */
  read(owner: Owner, credential: Credential, code: string): Handing | undefined;
}

export interface ActivationCodeRules {
  /** The first hashes, all are tried. */
  keys: readonly string[];
  /** Seconds. */
  life: number;
  now: () => Date;
}

/** Codes as `rules` say. What was made under a key that is gone reads as no code. */
export function createActivationCodes({ keys, life, now }: ActivationCodeRules): ActivationCodes {
  const hash = (key: string, { id, email }: Owner, handing: Handing, code: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([activation, id, code, ...(handing === 'mail' ? [email] : [])]))
      .digest('base64url');
  return {
    make(owner, handing) {
      const code = newCode();
      const until = now().getTime() + life * 1000;
      const data = { hash: hash(keys[0]!, owner, handing, code), until, handing };
      return { code, credential: { method: activation, id: '', data } };
    },
    read(owner, { data }, code) {
      const kept = data as { hash: string; until: number; handing: Handing };
      const right = keys.filter((key) => isSameText(hash(key, owner, kept.handing, code), kept.hash)).length > 0;
      return right && kept.until > now().getTime() ? kept.handing : undefined;
    },
  };
}

/** Where a code that is to be mailed is sealed for until then. */
export const placeOf = (accountId: string): string => `${activation} ${accountId}`;
