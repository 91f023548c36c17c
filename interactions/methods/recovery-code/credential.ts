/**
 * What is kept of a person's recovery codes: a credential each, named by the code's keyed hash, so that using a code is taking the
 * credential away, which only one can do (ASVS 6.5.1, 15.4.2).
 */

import { createHmac } from 'node:crypto';
import type { Account, NewCredential, NewNotice, Records } from '../../../src/records/records.ts';
import { newCode } from '../../printed-code.ts';

export const method = 'recovery-code';

/** How many a person gets. */
export const most = 10;

/** A new set, plainly, and what is kept of it: hashed with the first of `keys`. */
export function newSet(account: Account, [key]: readonly string[]): { codes: string[]; credentials: NewCredential[] } {
  const codes = Array.from({ length: most }, newCode);
  const credentials = codes.map((code) => ({ method, id: hashOf(key!, account.id, code), data: {} }));
  return { codes, credentials };
}

/**
 * Uses `code` up: 'right' for one caller. The `notice` of how many are left is written with it. Each of `keys` is tried, so that
 * what was printed long ago works for as long as its key is there.
 */
export async function useCode(
  credentials: Pick<Records['credentials'], 'list' | 'remove'>,
  keys: readonly string[],
  account: Account,
  code: string,
  notice: (left: number) => NewNotice | undefined,
): Promise<'right' | 'wrong'> {
  const hashes = keys.map((key) => hashOf(key, account.id, code));
  const kept = await credentials.list(account.id, method);
  const found = kept.find(({ id }) => hashes.includes(id));
  if (!found) return 'wrong';
  return (await credentials.remove(account.id, method, found.id, notice(kept.length - 1))) ? 'right' : 'wrong';
}

/** All that is kept of a code. The same code of another account has another hash. */
export const hashOf = (key: string, accountId: string, code: string): string =>
  createHmac('sha256', key)
    .update(JSON.stringify(['recovery code', accountId, code]))
    .digest('base64url');
