/**
 * An account as it was when something of it was proven. A sign-in goes on over several pages, and meanwhile its owner may have
 * changed the address, ended all sessions, or said that it was not them: what was proven before is then worth nothing.
 */

import type { Account, Records } from '../src/records/records.ts';
import type { State } from '../src/state/state.ts';

/** What of an account a proof stands on, as it is kept with the sign-in. */
export interface Seen {
  accountId: string;
  /** The address. */
  to?: string;
  /** `validSince`, in milliseconds since 1970. */
  validSince?: number;
}

/** What is kept of `account` beside what has just been proven. */
export function seenOf({ id, email, validSince }: Account): Seen {
  return { accountId: id, to: email, validSince: validSince?.getTime() };
}

/** Whether `account` can be used, and is the one that was seen, with the same address and no end of its sessions since. */
export function isAsSeen(account: Account | undefined, seen: Seen): account is Account {
  if (account?.status !== 'active') return false;
  const now = seenOf(account);
  return now.accountId === seen.accountId && now.to === seen.to && now.validSince === seen.validSince;
}

/** What is kept of a proof at `key` of the state, with the account as it is now; undefined where something has overtaken it. */
export async function keptAsSeen<Kept extends Seen = Seen>(
  key: string,
  { state, accounts }: { state: Pick<State, 'get'>; accounts: Pick<Records['accounts'], 'find'> },
): Promise<(Kept & { account: Account }) | undefined> {
  const value = await state.get(key);
  if (!value) return undefined;
  const kept: Kept = JSON.parse(value.value);
  const account = await accounts.find(kept.accountId);
  return isAsSeen(account, kept) ? { ...kept, account } : undefined;
}
