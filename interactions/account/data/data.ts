/**
 * What is kept of the person: downloading it, and giving the account up. An account that is given up lives on for some time, so that
 * its owner can take it back; src/deletions.ts removes it then.
 */

import { Readable } from 'node:stream';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { ownService } from '../../../src/oidc/clients/own-client.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import type { Locale } from '../../../src/records/records.ts';
import { field } from '../../form.ts';
import { timeInWords } from '../../plain-words.ts';
import { go, sendPage } from '../../send.ts';
import { viewOf } from '../../visitor.ts';
import { closeAfterwards } from '../own-sessions.ts';
import type { AccountPageParts } from '../pages.ts';
import { reachesPlus } from '../reach.ts';
import type { AccountPage, AccountVisit, AccountVisits } from '../visit.ts';
import { documentOf } from './download.ts';
import { dataPage, deletePage, deletionAskedPage } from './page.ts';
import { texts } from './texts.ts';

const name = 'data';
const home = `${accountPath}/${name}`;
const day = 24 * 60 * 60;

/** The page of a person's data. */
export function createDataPage(parts: AccountPageParts): AccountPage {
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].linkAbout }),
    routes: (router, visits) => mount(router, visits, parts),
  };
}

function mount(router: Router, visits: AccountVisits, parts: AccountPageParts): void {
  const { pages, records, settings, audit, now } = parts;
  const inWords = (time: Date, locale: Locale) => timeInWords(time, settings.deployment.timeZone, locale);
  const end = () => new Date(now().getTime() + settings.account.deleteAfter * 1000);

  router.get('/', async (ctx) => {
    const visit = await visits.any(ctx);
    if (!visit) return;
    const { account, view } = visit;
    const until = account.deleteAt && inWords(account.deleteAt, view.locale);
    const days = Math.max(1, Math.floor(settings.account.deleteAfter / day));
    visit.show(dataPage(pages, view, { kept: ctx.query.done === 'kept', until, days, action: home }));
  });

  router.post('/download', async (ctx) => {
    const any = await visits.any(ctx, home);
    // Whoever can reach plus has to; the others get addresses that say no more than these pages do.
    const visit = any && reachesPlus(any.account, parts) ? await visits.fresh(ctx, home) : any;
    if (!visit) return;
    await audit.write(ctx, 'account.downloaded', { account: visit.account });
    ctx.type = 'json';
    ctx.set('cache-control', 'no-store');
    ctx.set('content-disposition', 'attachment; filename="my-account.json"');
    ctx.body = Readable.from(documentOf(visit.account, records, visit.freshPlus() ? 'whole' : 'masked'));
  });

  router.get('/delete', async (ctx) => {
    const visit = await visits.fresh(ctx);
    if (!visit) return;
    if (visit.account.deleteAt) return visit.go(home);
    const model = { until: inWords(end(), visit.view.locale), action: `${home}/delete`, backHref: home };
    visit.show(deletePage(pages, visit.view, model));
  });

  router.post('/delete', async (ctx) => {
    const visit = await visits.fresh(ctx);
    if (!visit) return;
    if (visit.account.deleteAt || field(ctx, 'delete') === undefined) return visit.go(home);
    await giveUp(ctx, visit);
  });

  async function giveUp(ctx: Context, { account }: AccountVisit): Promise<void> {
    const deleteAt = end();
    await audit.write(ctx, 'account.deletion-asked', { account, detail: { until: deleteAt.toISOString() } });
    const notices = [{ kind: 'deletionAsked', detail: { until: String(deleteAt.getTime()) } }];
    const change = { deleteAt, endSessions: true };
    // Whoever has stopped the account meanwhile is not to be overruled by what was proven before.
    if (!(await records.accounts.change(account.id, change, { notices, seen: account }))) return go(ctx, home);
    parts.noticesWritten();
    closeAfterwards(ctx, account, parts);
    const view = viewOf(ctx, settings.deployment.locale, ownService(settings.issuer));
    sendPage(ctx, deletionAskedPage(pages, view, { until: inWords(deleteAt, view.locale), accountHref: accountPath }));
  }

  router.post('/keep', async (ctx) => {
    const visit = await visits.any(ctx, home);
    if (!visit) return;
    const { account } = visit;
    if (!account.deleteAt) return visit.go(home);
    await audit.write(ctx, 'account.deletion-taken-back', { account });
    await records.accounts.change(account.id, { deleteAt: null }, { notices: [{ kind: 'deletionTakenBack' }] });
    parts.noticesWritten();
    visit.go(`${home}?done=kept`);
  });
}
