/**
 * Activation codes: with one, somebody whom an operator has made an account for, or whom an operator helps back into theirs, chooses
 * a password. An account has one at most; a keyed hash of it is kept as a credential, which is no sign-in method's, and using the code
 * takes that away (ASVS 6.4.1, 6.5.1). How it was handed over is kept with it: who can read somebody's mail proves no more than that.
 */

import { createHmac } from 'node:crypto';
import { isSameText } from '../../src/oidc/same-text.ts';
import type { Credential, NewCredential } from '../../src/records/records.ts';
import { newCode } from '../printed-code.ts';

/** What the credential is kept under. */
export const activation = 'activation';

/** How a code reaches its owner: through the mailbox alone, or on paper. */
export type Handing = 'mail' | 'letter';

export interface ActivationCodes {
  /** A new code, plainly, and what is kept of it, in the place of any before. */
  make(accountId: string, handing: Handing): { code: string; credential: NewCredential };
  /** How the code was handed over, where `code` is the one that `credential` keeps and has not run out; else undefined. */
  read(accountId: string, credential: Credential, code: string): Handing | undefined;
}

export interface ActivationCodeRules {
  /** The first hashes, all are tried. */
  keys: readonly string[];
  /** Seconds. */
  life: number;
  now: () => Date;
}

export function createActivationCodes({ keys, life, now }: ActivationCodeRules): ActivationCodes {
  const hash = (key: string, accountId: string, code: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([activation, accountId, code]))
      .digest('base64url');
  return {
    make(accountId, handing) {
      const code = newCode();
      const data = { hash: hash(keys[0]!, accountId, code), until: now().getTime() + life * 1000, handing };
      return { code, credential: { method: activation, id: '', data } };
    },
    read(accountId, { data }, code) {
      const kept = data as { hash: string; until: number; handing: Handing };
      const right = keys.filter((key) => isSameText(hash(key, accountId, code), kept.hash)).length > 0;
      return right && kept.until > now().getTime() ? kept.handing : undefined;
    },
  };
}

/** Where a code that is to be mailed is sealed for until then. */
export const placeOf = (accountId: string): string => `${activation} ${accountId}`;
