/**
 * The person's own methods: what is set up, and setting up, renaming and taking away. Each method shows and proves its own; this
 * page knows none by name. Nothing here changes without fresh plus, and nobody takes away what they need to reach it again.
 */

import Router from '@koa/router';
import type { Context } from 'koa';
import { maskAddress } from '../../../src/mail/mask.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import { type Account, type Credential, type Locale, unfitName } from '../../../src/records/records.ts';
import { enrolmentVisit, methodNotice } from '../../enrolment.ts';
import { field } from '../../form.ts';
import type { Method } from '../../method.ts';
import { timeInWords } from '../../plain-words.ts';
import { tellAfterwards } from '../own-sessions.ts';
import type { AccountPageParts } from '../pages.ts';
import { holdWithout } from '../standing.ts';
import type { AccountPage, AccountVisit, AccountVisits } from '../visit.ts';
import { type ListedMethod, type ListModel, methodsPage, removePage, renamePage } from './page.ts';
import { type Chosen, isDoubtLeft, isTogether, mayGo, namesOf, without } from './removal.ts';
import { texts } from './texts.ts';

const name = 'methods';
const home = `${accountPath}/${name}`;

/** The page of the methods that a deployment has. */
export function createMethodsPage(parts: AccountPageParts): AccountPage {
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].linkAbout }),
    routes: (router, visits) => mount(router, visits, parts),
  };
}

function mount(router: Router, visits: AccountVisits, parts: AccountPageParts): void {
  const { pages } = parts;

  router.get('/', async (ctx) => {
    const visit = await visits.any(ctx);
    if (visit) visit.show(methodsPage(pages, visit.view, await listOf(ctx, visit, parts)));
  });

  router.get('/rename', async (ctx) => {
    const visit = await visits.fresh(ctx);
    if (!visit) return;
    const chosen = await chosenIn(ctx, visit.account, parts);
    if (!chosen || isTogether(chosen.method)) return visit.go(home);
    const [credential] = chosen.credentials;
    visit.show(renamePage(pages, visit.view, { action: ctx.url, backHref: home, name: credential?.name ?? '' }));
  });

  router.post('/rename', async (ctx) => {
    const visit = await visits.fresh(ctx, `${ctx.path}${ctx.search}`);
    if (!visit) return;
    const chosen = await chosenIn(ctx, visit.account, parts);
    if (!chosen || isTogether(chosen.method)) return visit.go(home);
    await rename(ctx, visit, chosen, parts);
  });

  router.get('/remove', async (ctx) => {
    const visit = await visits.fresh(ctx);
    if (!visit) return;
    const chosen = await chosenIn(ctx, visit.account, parts);
    if (!chosen) return visit.go(home);
    await showRemove(ctx, visit, chosen, parts);
  });

  router.post('/remove', async (ctx) => {
    const visit = await visits.fresh(ctx, `${ctx.path}${ctx.search}`);
    if (!visit) return;
    const chosen = await chosenIn(ctx, visit.account, parts);
    if (!chosen) return visit.go(home);
    if (field(ctx, 'remove') === undefined || !mayGo(visit.account, chosen, chosen.there, parts))
      return showRemove(ctx, visit, chosen, parts);
    await remove(ctx, visit, chosen, parts);
  });

  for (const method of parts.methods) {
    if (!method.enrolment) continue;
    const own = new Router();
    method.enrolment.routes(own, async (ctx) => {
      const visit = await visits.fresh(ctx, ctx.method === 'GET' ? undefined : `${home}/${method.name}`);
      if (!visit) return undefined;
      const { account, view, session, show, go } = visit;
      const done = (added: boolean) => go(added ? `${home}?done=added` : home);
      const without = (gone: readonly Credential[]) => holdWithout(gone, visit, parts);
      return enrolmentVisit(ctx, { id: session.uid, account, view, method, show, done, without }, parts);
    });
    router.use(`/${method.name}`, own.routes());
  }
}

/** What the address names; undefined where the person has no such thing. */
async function chosenIn(ctx: Context, { id }: Account, parts: AccountPageParts): Promise<Chosen | undefined> {
  const { method: named, id: wanted } = ctx.query;
  const method = parts.methods.find((each) => each.enrolment && each.name === named);
  if (!method) return undefined;
  const there = await parts.credentials.list(id);
  const own = there.filter((credential) => credential.method === method.name);
  const credentials = isTogether(method) ? own : own.filter((credential) => credential.id === (wanted ?? ''));
  return credentials.length > 0 ? { method, credentials, there } : undefined;
}

async function listOf(
  ctx: Context,
  { account, view }: AccountVisit,
  { methods, credentials, settings }: AccountPageParts,
): Promise<ListModel> {
  const all = await credentials.list(account.id);
  const inWords = (time: Date) => timeInWords(time, settings.deployment.timeZone, view.locale);
  const entryOf = (method: Method, credential: Credential, about: string) => {
    const named = addressOf(method, credential);
    return {
      name: nameOf(method, credential, view.locale),
      about,
      added: inWords(credential.createdAt),
      used: credential.usedAt && inWords(credential.usedAt),
      renameHref: isTogether(method) ? undefined : `${home}/rename?${named}`,
      removeHref: `${home}/remove?${named}`,
    };
  };
  const listed = methods.flatMap((method): ListedMethod[] => {
    const { enrolment } = method;
    if (!enrolment) return [];
    const own = all.filter((credential) => credential.method === method.name);
    const [first] = own;
    const together = first && enrolment.together?.(own, view.locale);
    const entries =
      first && together !== undefined
        ? [
            {
              ...entryOf(method, first, together),
              name: method.title(view.locale),
              used: lastUse(own, inWords) ?? null,
            },
          ]
        : own.map((each) => entryOf(method, each, enrolment.describe(each, view.locale)));
    return [
      {
        name: method.name,
        title: method.title(view.locale),
        about: enrolment.about(view.locale),
        credentials: entries,
        setUp: setUpOf(method, own.length, view.locale),
      },
    ];
  });
  const mailbox = methods.some((method) => method.proves === 'mailbox' && method.availableTo(account));
  const done = (['added', 'removed', 'renamed'] as const).find((each) => each === ctx.query.done);
  return { done, methods: listed, maskedAddress: mailbox && account.email ? maskAddress(account.email) : undefined };
}

function setUpOf(method: Method, count: number, locale: Locale): ListedMethod['setUp'] {
  const t = texts[locale];
  const most = method.enrolment?.most ?? 0;
  const again = isTogether(method) || most === 1;
  if (count >= most && !again) return undefined;
  const words = count === 0 ? t.setUp : again ? t.setUpAnew : t.setUpAnother;
  return { href: `${home}/${method.name}`, title: words(method.title(locale)) };
}

function lastUse(credentials: readonly Credential[], inWords: (time: Date) => string): string | undefined {
  const times = credentials.flatMap(({ usedAt }) => usedAt?.getTime() ?? []);
  return times.length > 0 ? inWords(new Date(Math.max(...times))) : undefined;
}

const nameOf = (method: Method, credential: Credential, locale: Locale) => credential.name ?? method.title(locale);

const addressOf = (method: Method, { id }: Credential) =>
  new URLSearchParams({ method: method.name, ...(!isTogether(method) && { id }) }).toString();

async function rename(ctx: Context, visit: AccountVisit, chosen: Chosen, parts: AccountPageParts): Promise<void> {
  const { method, credentials } = chosen;
  const [credential] = credentials;
  const given = (field(ctx, 'name') ?? '').trim();
  const again = (problem: 'missing' | 'refused') => {
    const model = { action: ctx.url, backHref: home, name: given, problem };
    visit.show(renamePage(parts.pages, visit.view, model), { status: 422 });
  };
  if (given === '') return again('missing');
  if (unfitName(given)) return again('refused');
  const { account } = visit;
  await parts.audit.write(ctx, 'METHOD.renamed', { account, detail: { method: method.name } });
  await parts.credentials.rename(account.id, method.name, credential!.id, given);
  visit.go(`${home}?done=renamed`);
}

async function showRemove(ctx: Context, visit: AccountVisit, chosen: Chosen, parts: AccountPageParts): Promise<void> {
  const { method, credentials } = chosen;
  const { account, view } = visit;
  const refused = !mayGo(account, chosen, chosen.there, parts);
  const name = isTogether(method) ? method.title(view.locale) : nameOf(method, credentials[0]!, view.locale);
  const left = namesOf(without(chosen, chosen.there));
  const isLastOwn = !parts.methods.some((each) => each.proves === 'own' && left.includes(each.name));
  const signsOut = isDoubtLeft(chosen, account, parts);
  const holds = (await holdWithout(credentials, visit, parts)) !== undefined;
  const model = { action: ctx.url, backHref: home, name, isLastOwn, signsOut, holds, refused };
  visit.show(removePage(parts.pages, view, model), { status: refused ? 409 : 200 });
}

async function remove(ctx: Context, visit: AccountVisit, chosen: Chosen, parts: AccountPageParts): Promise<void> {
  const { method, credentials } = chosen;
  const { account } = visit;
  const held = await holdWithout(credentials, visit, parts);
  const notice = methodNotice(ctx, 'methodRemoved', method, account, held?.hold);
  await parts.audit.write(ctx, 'METHOD.removed', { account, detail: { method: method.name } });
  const endSessions = isDoubtLeft(chosen, account, parts);
  const change = isTogether(method) ? { clear: [method.name] } : { uses: credentials[0]! };
  const removed = await parts.accounts.change(
    account.id,
    { ...change, ...held, endSessions },
    {
      ...{ notices: [notice], seen: account },
      // Asked once more of what is there then: of two that are taken away at once, the second may be the last.
      provided: (there) => mayGo(account, chosen, there, parts),
    },
  );
  if (removed) parts.noticesWritten();
  if (removed && endSessions) tellAfterwards(ctx, account, parts);
  visit.go(removed ? `${home}?done=removed` : home);
}
