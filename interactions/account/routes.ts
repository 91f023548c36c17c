/** The addresses of the person's own pages: the overview, the sign-in's answer, and those of each page. */

import Router from '@koa/router';
import { maskAddress } from '../../src/mail/mask.ts';
import { accountPath } from '../../src/oidc/interaction-path.ts';
import { ownClientId } from '../../src/oidc/own-client.ts';
import { go } from '../send.ts';
import { overviewPage } from './overview/page.ts';
import type { AccountPage } from './visit.ts';
import { createVisits, type VisitsOptions } from './visits.ts';

export interface AccountRoutesOptions extends VisitsOptions {
  /** In the order in which the overview names them. */
  accountPages: readonly AccountPage[];
}

/** The router of everything below /account. */
export function createAccountRoutes(options: AccountRoutesOptions): Router {
  const { pages, accountPages } = options;
  const visits = createVisits(options);
  const router = new Router({ prefix: accountPath });

  router.get('/', async (ctx) => {
    const visit = await visits.any(ctx);
    if (!visit) return;
    const { account, view } = visit;
    const links = accountPages.flatMap(({ name, link }) =>
      link ? [{ href: `${accountPath}/${name}`, ...link(view.locale) }] : [],
    );
    visit.show(
      overviewPage(pages, view, {
        name: account.name,
        username: account.username,
        maskedAddress: account.email && maskAddress(account.email),
        isConfirmed: account.emailVerified,
        links,
      }),
    );
  });

  router.get('/callback', (ctx) => visits.callback(ctx));
  // The protocol asks whether the person means it, and ends the browser session, without which the one of these pages is nothing.
  router.get('/sign-out', (ctx) => go(ctx, `/session/end?client_id=${ownClientId}`));

  for (const page of accountPages) {
    const own = new Router();
    page.routes(own, visits);
    router.use(`/${page.name}`, own.routes());
  }
  return router;
}
