/**
 * Where the person is signed in, and signing out of there. The audit knows which sessions began; whether one lives is asked of each.
 * Ending one takes no fresh proof: it gives nobody anything.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { ownService } from '../../../src/oidc/clients/own-client.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import { originOf } from '../../../src/throttle/origin.ts';
import { unknown as unknownIn } from '../../device.ts';
import { field } from '../../form.ts';
import { signedOutPage } from '../../pages/signed-out/page.ts';
import { timeInWords } from '../../plain-words.ts';
import { sendPage } from '../../send.ts';
import { viewOf } from '../../visitor.ts';
import { closeAfterwards, sessionsOf, shortened } from '../own-sessions.ts';
import type { AccountPageParts } from '../pages.ts';
import type { AccountPage, AccountVisit, AccountVisits } from '../visit.ts';
import { type SessionsModel, sessionsPage } from './page.ts';
import { texts } from './texts.ts';

const name = 'sessions';
const home = `${accountPath}/${name}`;
/** Sessions shown. */
const most = 30;

/** The page of a person's sessions. */
export function createSessionsPage(parts: AccountPageParts): AccountPage {
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].linkAbout }),
    routes: (router, visits) => mount(router, visits, parts),
  };
}

function mount(router: Router, visits: AccountVisits, parts: AccountPageParts): void {
  const { accountSessions, audit, records } = parts;

  router.get('/', async (ctx) => {
    const visit = await visits.any(ctx);
    if (visit) visit.show(sessionsPage(parts.pages, visit.view, await modelOf(ctx, visit, parts)));
  });

  router.post('/end', async (ctx) => {
    const visit = await visits.any(ctx, home);
    if (!visit) return;
    const uid = field(ctx, 'session') ?? '';
    const { account, session } = visit;
    // This one ends by signing out, which asks first.
    if (uid === session.uid) return visit.go(`${accountPath}/sign-out`);
    if (!(await accountSessions.find(uid, account))) return visit.go(`${home}?done=gone`);
    await audit.write(ctx, 'session.ended', { account, detail: { session: uid } });
    const ended = await accountSessions.end(uid, account, ctx);
    visit.go(`${home}?done=${ended ? 'ended' : 'gone'}`);
  });

  router.post('/end-others', async (ctx) => {
    const visit = await visits.any(ctx, home);
    if (!visit) return;
    const { account, session } = visit;
    for await (const { uid } of sessionsOf(account, parts)) {
      if (uid === session.uid || !(await accountSessions.find(uid, account))) continue;
      await audit.write(ctx, 'session.ended', { account, detail: { session: uid } });
      await accountSessions.end(uid, account, ctx);
    }
    visit.go(`${home}?done=others`);
  });

  router.post('/end-all', async (ctx) => {
    const visit = await visits.any(ctx, home);
    if (!visit) return;
    await audit.write(ctx, 'session.all-ended', { account: visit.account });
    await records.accounts.endSessions(visit.account.id);
    closeAfterwards(ctx, visit.account, parts);
    const view = viewOf(ctx, parts.settings.deployment.locale, ownService(parts.settings.issuer));
    sendPage(ctx, signedOutPage(parts.pages, view, { stays: false }));
  });
}

async function modelOf(
  ctx: Context,
  { account, view, session: current }: AccountVisit,
  parts: AccountPageParts,
): Promise<SessionsModel> {
  const { settings, accountSessions, now } = parts;
  const t = texts[view.locale];
  const unknown = unknownIn[view.locale];
  const inWords = (time: Date) => timeInWords(time, settings.deployment.timeZone, view.locale);
  const sessions: SessionsModel['sessions'] = [];
  let more = false;
  for await (const { uid, entry } of sessionsOf(account, parts)) {
    if (sessions.length >= most) {
      more = true;
      break;
    }
    const live = await accountSessions.find(uid, account);
    if (!live) continue;
    const { browser, system } = entry.detail ?? {};
    const isThis = uid === current.uid;
    sessions.push({
      uid,
      isThis,
      device: browser || system ? t.device(String(browser || unknown), String(system || unknown)) : t.unknown,
      began: inWords(entry.at),
      lastUse: isThis ? inWords(now()) : lastUseOf(live.endsAt, entry.at, parts, inWords),
      from: entry.origin === originOf(ctx.ip) ? t.here : t.elsewhere(shortened(entry.origin ?? '')),
    });
  }
  sessions.sort((one, other) => Number(other.isThis) - Number(one.isThis));
  const done = (['ended', 'others', 'gone'] as const).find((each) => each === ctx.query.done);
  return { done, sessions, more, action: home };
}

/** Each use puts the end off, until the greatest age is near; from then on the last use is not known. */
function lastUseOf(
  endsAt: Date,
  began: Date,
  { settings: { times } }: AccountPageParts,
  inWords: (time: Date) => string,
): string | undefined {
  const isCut = endsAt.getTime() >= began.getTime() + (times.sessionMax - 60) * 1000;
  return isCut ? undefined : inWords(new Date(endsAt.getTime() - times.sessionIdle * 1000));
}
