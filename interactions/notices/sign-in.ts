/**
 * Notices of what happens at a sign-in: a browser that is not known, codes that were refused after a right password (ASVS 6.3.5).
 * This file decides whether one is written; nothing that it does keeps anybody from signing in.
 */

import type { Context } from 'koa';
import type { Settings } from '../../config/settings.ts';
import type { Account, Records } from '../../src/records/records.ts';
import { poolOf, type Throttle } from '../../src/throttle/throttle.ts';
import { deviceInWords } from '../device.ts';
import { hasMailbox } from '../mailbox.ts';
import type { NoticeKind } from './texts.ts';

export interface SignInNotices {
  /** Tells the owner of `account` of what this request has done on the way to `service`. Never throws. */
  tell(
    ctx: Context,
    kind: Extract<NoticeKind, 'newBrowser' | 'codesRefused' | 'passkeyCopied'>,
    account: Account,
    service: string,
  ): Promise<void>;
}

export interface SignInNoticesOptions {
  settings: Settings['notices'];
  outbox: Pick<Records['notices'], 'add'>;
  throttle: Throttle;
  /** Called when one has been written. */
  written(): void;
  /** Called when one could not be written. */
  lost(fault: unknown, accountId: string, kind: NoticeKind): void;
  now: () => Date;
}

/** Seconds in which an account is told of one of a kind. */
const window = 3600;
/** Accounts of which this process remembers that they have been told. */
const most = 10_000;

/** Notices as the settings want them. No sign-in fails for one: what could not be written is told to `lost`. */
export function createSignInNotices(options: SignInNoticesOptions): SignInNotices {
  const { settings, outbox, throttle, written, lost, now } = options;
  /** Who has been told, until when: what the throttle has said is not asked of it at every sign-in. */
  const told = new Map<string, number>();

  function remember(key: string, seconds: number): void {
    told.delete(key);
    told.set(key, now().getTime() + seconds * 1000);
    if (told.size > most) told.delete(told.keys().next().value!);
  }

  return {
    async tell(ctx, kind, account, service) {
      if (!settings[kind] || !hasMailbox(account)) return;
      const key = `${kind} ${account.id}`;
      if ((told.get(key) ?? 0) > now().getTime()) return;
      // One an hour of each kind: whoever has the password cannot fill the mailbox, nor hide among mails.
      const pool = poolOf(`notices.${kind}`, account.id, window, 1);
      try {
        const spending = await throttle.spend(pool);
        if (spending.outcome === 'refused') return remember(key, spending.retryAfter);
        const detail = { ...deviceInWords(ctx.get('user-agent'), account.locale), service };
        // Somebody's very first browser is no news to them.
        const onlyAfter = kind === 'newBrowser' ? 'sign-in.completed' : undefined;
        if (!(await outbox.add(account.id, { kind, detail, onlyAfter }))) return await throttle.refund(pool);
        remember(key, window);
        written();
      } catch (fault) {
        lost(fault, account.id, kind);
        await throttle.refund(pool).catch(() => {});
      }
    },
  };
}
