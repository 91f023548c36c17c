/**
 * The sessions of one person, as the audit knows of them: which there are, and closing those that have been ended everywhere. They count
 * for nothing from the moment of that end, and there may be very many, so that nobody waits for it: whoever keeps on signing in must not
 * keep their owner from ending it. What fails is in the log.
 */

import type { Context } from 'koa';
import { sourceOf } from '../../src/audit/audit.ts';
import type { Account, KeptEntry } from '../../src/records/records.ts';
import type { AccountPageParts } from './pages.ts';

/** Entries of the audit read at once. */
const page = 100;

/** The sessions that `account` has begun and that may live still, the latest first. */
export async function* sessionsOf(
  { id }: Account,
  { records, settings, now }: Pick<AccountPageParts, 'records' | 'settings' | 'now'>,
): AsyncGenerator<{ uid: string; entry: KeptEntry }> {
  const since = new Date(now().getTime() - settings.times.sessionMax * 1000);
  for (let before: number | undefined; ; ) {
    const entries = await records.audit.recent({ accountId: id, event: 'session.began', since, before, limit: page });
    for (const entry of entries) yield { uid: String(entry.detail?.session), entry };
    if (entries.length < page) return;
    before = entries.at(-1)!.id;
  }
}

/** Closes the sessions that have been ended with `account`, which is as it was before that, and has services told. */
export function closeAfterwards(ctx: Context, account: Account, parts: AccountPageParts): void {
  afterwards(ctx, account, parts, parts.accountSessions.end);
}

/** The same, but the sessions stay as they are, so that whoever comes back in one is told what has ended it. */
export function tellAfterwards(ctx: Context, account: Account, parts: AccountPageParts): void {
  afterwards(ctx, account, parts, parts.accountSessions.tellEnd);
}

type End = AccountPageParts['accountSessions']['end' | 'tellEnd'];

function afterwards(ctx: Context, account: Account, parts: AccountPageParts, end: End): void {
  const { accountSessions, accounts, inBackground } = parts;
  const source = sourceOf(ctx);
  inBackground(async () => {
    const now = await accounts.find(account.id);
    for await (const { uid } of sessionsOf(account, parts)) {
      // Begun or proven again since: that one has not been ended.
      if (now && (await accountSessions.find(uid, now))) continue;
      await end(uid, account, source);
    }
  });
}

/** Enough of a network for its owner to know it by, and not all of it: '192.0.…', '2001:db8:…'. */
export function shortened(origin: string): string {
  const mark = origin.includes(':') ? ':' : '.';
  return `${origin.split(mark).slice(0, 2).join(mark)}${mark}…`;
}
