/** The person's own part of the audit, in plain words; and "this was not me" on each entry, which takes away and gives nothing. */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { ownClientId, ownService } from '../../../src/oidc/clients/own-client.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import type { KeptEntry, Locale } from '../../../src/records/records.ts';
import { field } from '../../form.ts';
import { timeInWords } from '../../plain-words.ts';
import { sendPage } from '../../send.ts';
import { donePage, takenOn } from '../../stop/page.ts';
import { viewOf } from '../../visitor.ts';
import { closeAfterwards, shortened } from '../own-sessions.ts';
import type { AccountPageParts } from '../pages.ts';
import { serviceName } from '../service-name.ts';
import type { AccountPage, AccountVisit, AccountVisits } from '../visit.ts';
import { type ActivityModel, activityPage, reportPage } from './page.ts';
import { type Named, texts } from './texts.ts';

const name = 'activity';
const home = `${accountPath}/${name}`;
/** Entries on a page. */
const most = 25;

/** The page of a person's activity. */
export function createActivityPage(parts: AccountPageParts): AccountPage {
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].linkAbout }),
    routes: (router, visits) => mount(router, visits, parts),
  };
}

function mount(router: Router, visits: AccountVisits, parts: AccountPageParts): void {
  const { pages, records, settings, stop } = parts;

  router.get('/', async (ctx) => {
    const visit = await visits.any(ctx);
    if (visit) visit.show(activityPage(pages, visit.view, await modelOf(ctx, visit, parts)));
  });

  router.get('/report', async (ctx) => {
    const visit = await visits.any(ctx);
    if (!visit) return;
    const { account, view } = visit;
    const id = numberIn(ctx, 'entry');
    const [entry] =
      id === undefined ? [] : await records.audit.recent({ accountId: account.id, before: id + 1, limit: 1 });
    const about = entry?.id === id ? entry : undefined;
    const model = {
      what: about ? wordsOf(about, view.locale, await namesOf([about], view.locale, parts), parts) : '',
      when: about ? timeInWords(about.at, settings.deployment.timeZone, view.locale) : '',
      action: `${home}/report`,
      backHref: home,
    };
    visit.show(reportPage(pages, view, model));
  });

  router.post('/report', async (ctx) => {
    const visit = await visits.any(ctx, `${home}/report`);
    if (!visit) return;
    if (field(ctx, 'report') === undefined) return visit.go(home);
    const stopped = await stop(visit.account.id, 'own-pages', ctx as never);
    closeAfterwards(ctx, visit.account, parts);
    const view = viewOf(ctx, settings.deployment.locale, ownService(settings.issuer));
    sendPage(ctx, donePage(pages, view, takenOn(view, stopped, parts.stopRules)));
  });
}

/** A number of the address, if it is one of the audit's. */
function numberIn(ctx: Context, name: string): number | undefined {
  const { [name]: text } = ctx.query;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function modelOf(ctx: Context, { account, view }: AccountVisit, parts: AccountPageParts): Promise<ActivityModel> {
  const before = numberIn(ctx, 'before');
  // One more than is shown says whether there are older ones.
  const found = await parts.records.audit.recent({ accountId: account.id, before, limit: most + 1 });
  const shown = found.slice(0, most);
  const names = await namesOf(shown, view.locale, parts);
  const entries = shown.map((entry) => ({
    what: wordsOf(entry, view.locale, names, parts),
    when: timeInWords(entry.at, parts.settings.deployment.timeZone, view.locale),
    from: entry.origin && !byItself.test(entry.event) ? shortened(entry.origin) : undefined,
    isAlarm: alarms.test(entry.event),
    reportHref: `${home}/report?entry=${entry.id}`,
  }));
  const isMore = found.length > most;
  return {
    entries,
    olderHref: isMore ? `${home}?before=${shown.at(-1)!.id}` : undefined,
    newestHref: before === undefined ? undefined : home,
  };
}

/** What a service or this server does: where from says nothing to a person. */
const byItself = /^(token|logout|mail|notice)\./;
const alarms = /^(notice\.failed|token\.replayed|logout\.failed|account\.(reported|disabled)|[\w-]+\.refused)$/;

/** The services that entries name, by their ids. */
async function namesOf(
  entries: readonly KeptEntry[],
  locale: Locale,
  parts: AccountPageParts,
): Promise<Map<string, string>> {
  const ids = [...new Set(entries.flatMap(({ clientId }) => clientId ?? []))];
  const own = ownService(parts.settings.issuer).names[locale]!;
  const named = ids.map(async (id) => [id, id === ownClientId ? own : await serviceName(id, locale, parts)] as const);
  return new Map(await Promise.all(named));
}

/** An entry in plain words. */
export function wordsOf(
  { event, clientId = '', detail = {} }: Pick<KeptEntry, 'event' | 'clientId' | 'detail'>,
  locale: Locale,
  services: ReadonlyMap<string, string>,
  { methods }: Pick<AccountPageParts, 'methods'>,
): string {
  const t = texts[locale];
  const methodName = String(detail.method ?? '');
  const ofMethod = methodName && event.startsWith(`${methodName}.`) ? `METHOD${event.slice(methodName.length)}` : event;
  const named: Named = {
    method: methods.find((each) => each.name === methodName)?.title(locale) ?? methodName,
    service: services.get(clientId) ?? clientId,
    detail,
  };
  return (t.words[event] ?? t.words[ofMethod])?.(named) ?? t.other;
}
