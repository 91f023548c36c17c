/**
 * The pages behind the link of a notice, at /account/stop/<token>. They ask for no sign-in: whoever has the link may stop, and gets
 * nothing by it. Looking does nothing, so that programs that follow links in mails stop nothing.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { isHeld } from '../../src/assurance/hold.ts';
import type { Account } from '../../src/records/records.ts';
import { poolOf } from '../../src/throttle/throttle.ts';
import type { AccountPageParts } from '../account/pages.ts';
import type { AccountPage } from '../account/visit.ts';
import { sendPage } from '../send.ts';
import { viewOf } from '../visitor.ts';
import { askPage, donePage, overPage } from './page.ts';

/** How often one account can be stopped by links in a day. */
const [most, day] = [10, 24 * 3600];

export function createStopPage(parts: AccountPageParts): AccountPage {
  const { accounts, pages, settings, stop, stopLinks, throttle } = parts;

  /** Whose hold the link names, while it lasts. */
  async function accountOf(ctx: Context): Promise<Account | undefined> {
    const stopping = stopLinks.read(String(ctx.params.token));
    const account = stopping && (await accounts.find(stopping.accountId));
    const same = account?.hold?.since.getTime() === stopping?.since.getTime();
    return account && same && isHeld(account.hold, parts.now()) ? account : undefined;
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
        await stop(account.id, 'notice', ctx as never);
        sendPage(ctx, donePage(pages, view));
      });
    },
  };
}
