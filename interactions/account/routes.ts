/** The addresses of the person's own pages: the overview, the sign-in's answer, and those of each page. */

import Router from '@koa/router';
import { isHeld } from '../../src/assurance/hold.ts';
import { maskAddress } from '../../src/mail/mask.ts';
import { ownClientId } from '../../src/oidc/clients/own-client.ts';
import { accountPath } from '../../src/oidc/interaction-path.ts';
import type { Locale } from '../../src/records/records.ts';
import type { Method } from '../method.ts';
import { timeInWords } from '../plain-words.ts';
import { go } from '../send.ts';
import { overviewPage } from './overview/page.ts';
import type { AccountPage } from './visit.ts';
import { createVisits, type VisitsOptions } from './visits.ts';

export interface AccountRoutesOptions extends VisitsOptions {
  /** In the order in which the overview names them. */
  accountPages: readonly AccountPage[];
  /** The sign-in methods that are not switched off. */
  methods: readonly Method[];
}

/** The router of everything below /account. */
export function createAccountRoutes(options: AccountRoutesOptions): Router {
  const { pages, accountPages, methods, settings, now } = options;
  const visits = createVisits(options);
  const inWords = (time: Date | undefined, locale: Locale) =>
    time ? timeInWords(time, settings.deployment.timeZone, locale) : '';
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
        methods: methods.filter((method) => method.availableTo(account)).map(({ title }) => title(view.locale)),
        held: isHeld(account.hold, now())
          ? {
              until: inWords(account.hold?.until, view.locale),
              href: account.formerEmail === undefined ? undefined : `${accountPath}/email`,
            }
          : undefined,
        deletion: account.deleteAt && { until: inWords(account.deleteAt, view.locale), href: `${accountPath}/data` },
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
