import type { Account } from '../src/records/records.ts';

/** Whether mail reaches this person. */
export function hasMailbox(account: Account): account is Account & { email: string } {
  return account.email !== undefined && account.emailVerified;
}
