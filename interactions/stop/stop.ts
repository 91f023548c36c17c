/**
 * The pages behind the link of a notice, at /account/stop/<token>. They ask for no sign-in: whoever has the link may stop, and gets
 * nothing by it. Looking does nothing, so that programs that follow links in mails stop nothing.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { doubtedSince, isHeld } from '../../src/assurance/hold.ts';
import type { Account } from '../../src/records/records.ts';
import { poolOf } from '../../src/throttle/throttle.ts';
import { tellAfterwards } from '../account/own-sessions.ts';
import type { AccountPageParts } from '../account/pages.ts';
import type { AccountPage } from '../account/visit.ts';
import { sendPage } from '../send.ts';
import { viewOf } from '../visitor.ts';
import type { Stopping } from './link.ts';
import { askPage, donePage, overPage, takenOn } from './page.ts';

/** How often one account can be stopped by links in a day. */
const [most, day] = [10, 24 * 3600];

/** The pages behind a stop link. Nobody needs to be signed in to them, and reading one stops nothing: programs follow links in mails. */
export function createStopPage(parts: AccountPageParts): AccountPage {
  const { accounts, pages, settings, stop, stopLinks, stopRules, throttle } = parts;

  /** Whose account the link names, as long as there is something to stop. */
  async function accountOf(ctx: Context): Promise<Account | undefined> {
    const stopping = stopLinks.read(String(ctx.params.token));
    const account = stopping && (await accounts.find(stopping.accountId));
    return account && (await lasts(account, stopping)) ? account : undefined;
  }

  /**
   * Whether the hold that began then goes on; or what was changed then cannot be told from what a thief has changed, although it be
   * there no more: who had it for a while has used it. Not once operators have seen the person since.
   */
  async function lasts({ id: accountId, hold }: Account, { since, isChange }: Stopping): Promise<boolean> {
    if (!isChange) return hold?.since.getTime() === since.getTime() && isHeld(hold, parts.now());
    if (since < doubtedSince(stopRules.hold, hold, parts.now())) return false;
    const seen = await parts.records.audit.recent({ accountId, event: 'desk-check.recorded', since, limit: 1 });
    return seen.length === 0;
  }

  return {
    name: 'stop',
    routes(router: Router) {
      router.get('/:token', async (ctx) => {
        const view = viewOf(ctx, settings.deployment.locale);
        if (await accountOf(ctx)) sendPage(ctx, askPage(pages, view, { action: ctx.path }));
        else sendPage(ctx, overPage(pages, view), { status: 410 });
      });

      router.post('/:token', async (ctx) => {
        const view = viewOf(ctx, settings.deployment.locale);
        const account = await accountOf(ctx);
        if (!account) return sendPage(ctx, overPage(pages, view), { status: 410 });
        const spending = await throttle.spend(poolOf('stop', account.id, day, most));
        if (spending.outcome === 'refused') {
          const { retryAfter } = spending;
          return sendPage(ctx, askPage(pages, view, { action: ctx.path, busy: true }), { status: 429, retryAfter });
        }
        const stopped = await stop(account.id, 'notice', ctx as never);
        tellAfterwards(ctx, account, parts);
        sendPage(ctx, donePage(pages, view, takenOn(view, stopped, stopRules)));
      });
    },
  };
}
