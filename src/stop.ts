/**
 * "This was not me": whoever says so of an account stops what a mailbox could have been used for. It takes away and gives nothing, so
 * that it needs no proof: sessions end, the mailbox counts for nothing until the password and something of the person's own are
 * proven or operators have seen them, an address that was changed meanwhile goes back, and a removal is called off.
 */

import { heldFor, isHeld } from './assurance/hold.ts';
import type { Audit, Source } from './audit/audit.ts';
import type { Account, AccountChange, Records } from './records/records.ts';

/** Where it was said. */
export type Said = 'notice' | 'own-pages';

/** Stops what has been done to the account; 'gone' where there is no such account. */
export type Stop = (accountId: string, said: Said, source: Source) => Promise<'stopped' | 'already' | 'gone'>;

export interface StopOptions {
  accounts: Pick<Records['accounts'], 'find' | 'change'>;
  audit: Audit;
  /** Counts it, for whoever looks after people who are in trouble. */
  count(): void;
  noticesWritten(): void;
  now: () => Date;
}

/** Tries until nobody has changed the account at the same moment. */
const tries = 5;

export function createStop({ accounts, audit, count, noticesWritten, now }: StopOptions): Stop {
  return async (accountId, said, source) => {
    for (let times = 0; times < tries; times++) {
      const account = await accounts.find(accountId);
      if (!account) return 'gone';
      const already = isStopped(account);
      if (!already && times === 0) await audit.write(source, 'account.reported', { account, detail: { said } });
      // Whoever has signed in meanwhile is signed out again; nobody is told twice of the same.
      const notices = already ? [] : [{ kind: 'accountReported' }];
      if (!(await accounts.change(account.id, stopOf(account, now()), { notices, seen: account }))) continue;
      if (already) return 'already';
      count();
      noticesWritten();
      return 'stopped';
    }
    throw new Error('an account could not be stopped: it was changed at every try');
  };
}

/** What stopping writes. */
export function stopOf(account: Account, now: Date): AccountChange {
  const { formerEmail } = account;
  const back = isHeld(account.hold, now) && formerEmail ? { email: formerEmail, emailVerified: true } : {};
  return { ...back, hold: heldFor(undefined, account.hold, now), formerEmail: null, deleteAt: null, endSessions: true };
}

function isStopped({ hold, formerEmail, deleteAt }: Account): boolean {
  return hold !== undefined && hold.until === undefined && !formerEmail && !deleteAt;
}
