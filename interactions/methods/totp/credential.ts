/**
 * What is kept of a person's authenticator app: its key, sealed, and the time step of the last code that was taken, so that no
 * code is taken twice (RFC 6238, 5.2; ASVS 6.5.1).
 */

import type { Account, NewCredential, Records } from '../../../src/records/records.ts';
import type { Vault } from '../../../src/vault.ts';
import { stepOf } from './app.ts';

export const method = 'totp';

/** A person has one app. */
const id = 'app';

interface Kept extends Record<string, unknown> {
  /** Sealed by the vault. */
  key: string;
  lastStep: number;
}

/** Where the vault knows the key of an account's app. */
const place = (accountId: string) => `${method} ${accountId}`;

/** The credential of an app with which a code of `lastStep` has just been given. */
export async function appOf(vault: Vault, account: Account, key: string, lastStep: number): Promise<NewCredential> {
  return { method, id, data: { key: await vault.seal(key, place(account.id)), lastStep } satisfies Kept };
}

export type Use =
  /** The code was right, and is used up. */
  | 'right'
  | 'wrong'
  /** It was right once: it, or one after it, has been taken. */
  | 'used'
  /** The account has no app any more. */
  | 'none'
  /** The app's key does not open: the vault's key that it was sealed under is gone. */
  | 'unreadable';

export interface Apps {
  credentials: Pick<Records['credentials'], 'list' | 'use'>;
  vault: Vault;
  now: () => Date;
}

/** Takes `code` from the app of `account`. Of parallel callers with one code exactly one hears 'right'. */
export async function useCode({ credentials, vault, now }: Apps, account: Account, code: string): Promise<Use> {
  for (;;) {
    const [credential] = await credentials.list(account.id, method);
    if (!credential) return 'none';
    const { key, lastStep } = credential.data as Kept;
    const opened = await vault.open(key, place(account.id));
    if (!opened) return 'unreadable';
    const step = await stepOf(opened.text, code, now());
    if (step === undefined) return 'wrong';
    if (step <= lastStep) return 'used';
    const sealed = opened.old ? await vault.seal(opened.text, place(account.id)) : key;
    if (await credentials.use(account.id, credential, { key: sealed, lastStep: step } satisfies Kept)) return 'right';
    // Another code was taken meanwhile, or another app set up: what this one is worth is to be seen again.
  }
}
