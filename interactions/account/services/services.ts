/**
 * What each service was given of a person, and when; and taking it back: what was allowed, its authorizations with all their tokens,
 * and its part of every session, of whose end it is told (ASVS 10.4.9, 10.7.3).
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { ownClientId } from '../../../src/oidc/clients/own-client.ts';
import { readPermission } from '../../../src/oidc/consent.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import type { Account } from '../../../src/records/records.ts';
import { permissionInWords } from '../../consent/texts.ts';
import { field } from '../../form.ts';
import { timeInWords } from '../../plain-words.ts';
import { sessionsOf } from '../own-sessions.ts';
import type { AccountPageParts } from '../pages.ts';
import { serviceName } from '../service-name.ts';
import type { AccountPage, AccountVisit, AccountVisits } from '../visit.ts';
import { revokePage, type ServicesModel, servicesPage } from './page.ts';
import { texts } from './texts.ts';

const name = 'services';
const home = `${accountPath}/${name}`;
/** Entries of the audit that are read at once. */
const page = 200;
/** The last entries that services are sought in: whoever asks for a token every minute must not make this page slow. */
const remembered = 10_000;

/** The page of a person's services. */
export function createServicesPage(parts: AccountPageParts): AccountPage {
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].linkAbout }),
    routes: (router, visits) => mount(router, visits, parts),
  };
}

function mount(router: Router, visits: AccountVisits, parts: AccountPageParts): void {
  router.get('/', async (ctx) => {
    const visit = await visits.any(ctx);
    if (visit) visit.show(servicesPage(parts.pages, visit.view, await modelOf(ctx, visit, parts)));
  });

  router.get('/revoke', async (ctx) => {
    const visit = await visits.any(ctx);
    if (!visit) return;
    const clientId = clientIn(ctx);
    if (!clientId) return visit.go(home);
    const model = { name: await serviceName(clientId, visit.view.locale, parts), action: ctx.url, backHref: home };
    visit.show(revokePage(parts.pages, visit.view, model));
  });

  router.post('/revoke', async (ctx) => {
    const visit = await visits.any(ctx, home);
    if (!visit) return;
    const clientId = clientIn(ctx);
    if (!clientId || field(ctx, 'revoke') === undefined) return visit.go(home);
    await revoke(ctx, visit.account, clientId, parts);
    visit.go(`${home}?done=revoked`);
  });
}

/** The service that the address names; the own pages are none. */
function clientIn(ctx: Context): string | undefined {
  const { client } = ctx.query;
  return typeof client === 'string' && client !== '' && client !== ownClientId ? client : undefined;
}

async function revoke(ctx: Context, account: Account, clientId: string, parts: AccountPageParts): Promise<void> {
  const { audit, records, accountSessions } = parts;
  await audit.write(ctx, 'service.revoked', { account, clientId });
  // First what would be the ground for new ones.
  await records.consents.remove(account.id, clientId);
  const uids: string[] = [];
  for await (const { uid } of sessionsOf(account, parts)) uids.push(uid);
  const grantIds = await grantsOf(account, clientId, parts);
  await accountSessions.leave(clientId, account, { uids, grantIds }, ctx);
}

/** The authorizations that tokens of the service may live by still. */
async function grantsOf(
  { id }: Account,
  clientId: string,
  { records, settings, now }: AccountPageParts,
): Promise<string[]> {
  const { refreshToken, sessionMax } = settings.times;
  // A refresh ends with the life of the first token: no tokens live by an authorization that has not been named since.
  const since = new Date(now().getTime() - Math.max(refreshToken, sessionMax) * 1000);
  const found = new Set<string>();
  for (let before: number | undefined; ; ) {
    const entries = await records.audit.recent({ accountId: id, event: 'token.issued', since, before, limit: page });
    for (const entry of entries)
      if (entry.clientId === clientId && entry.detail?.authorization) found.add(String(entry.detail.authorization));
    if (entries.length < page) return [...found];
    before = entries.at(-1)!.id;
  }
}

async function modelOf(ctx: Context, { account, view }: AccountVisit, parts: AccountPageParts): Promise<ServicesModel> {
  const { records, settings } = parts;
  const [given, revoked, consents, latest] = await Promise.all([
    records.audit.clientsIn(account.id, 'token.issued', remembered),
    records.audit.clientsIn(account.id, 'service.revoked', remembered),
    records.consents.list(account.id),
    records.audit.recent({ accountId: account.id, event: 'token.issued', limit: page }),
  ]);
  const inWords = (time: Date) => timeInWords(time, settings.deployment.timeZone, view.locale);
  const ids = [...new Set([...given, ...consents].map(({ clientId }) => clientId))].filter((id) => id !== ownClientId);
  const services = ids.map(async (clientId) => {
    const times = given.find((each) => each.clientId === clientId);
    const consent = consents.find((each) => each.clientId === clientId);
    const takenBack = revoked.find((each) => each.clientId === clientId)?.last;
    const isOver = takenBack !== undefined && !consent && times !== undefined && times.last <= takenBack;
    const scope = latest.find((entry) => entry.clientId === clientId)?.detail?.scope;
    const scopes = consent?.scopes ?? String(scope ?? 'openid').split(' ');
    const gets = scopes.filter(Boolean).map((each) => permissionInWords(readPermission(each), view.locale));
    return {
      name: await serviceName(clientId, view.locale, parts),
      gets: gets.length > 0 ? gets : [texts[view.locale].onlyIdentifier],
      allowed: consent && inWords(consent.grantedAt),
      first: times && inWords(times.first),
      last: times && inWords(times.last),
      takenBack: isOver ? inWords(takenBack) : undefined,
      revokeHref: `${home}/revoke?${new URLSearchParams({ client: clientId })}`,
    };
  });
  return { revoked: ctx.query.done === 'revoked', services: await Promise.all(services) };
}
