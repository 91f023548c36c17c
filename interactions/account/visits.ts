/**
 * Signing in to the person's own pages, and staying signed in: an OpenID sign-in like any service's, then a session of these pages'
 * own, which counts no longer than the browser session that it came from. This file owns that session, its cookie, and what is
 * kept while somebody signs in; what pages show is theirs.
 */

import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Settings } from '../../config/settings.ts';
import { dominates, named, plusOf, reached } from '../../src/assurance/levels.ts';
import { ownClient, ownService } from '../../src/oidc/clients/own-client.ts';
import { accountPath } from '../../src/oidc/interaction-path.ts';
import type { Assessor } from '../../src/oidc/policy.ts';
import { browserOf, knownBrowserOf } from '../../src/oidc/sessions/browser.ts';
import type { BrowserSession, BrowserSessions } from '../../src/oidc/sessions/browser-session.ts';
import {
  type KeptRequest,
  type OwnSignIn,
  OwnSignInUnavailable,
  type Wish,
} from '../../src/oidc/sessions/own-sign-in.ts';
import { keyOf } from '../../src/oidc/stored/adapter.ts';
import type { Account, Records } from '../../src/records/records.ts';
import type { State } from '../../src/state/state.ts';
import { errorPage } from '../pages/error/page.ts';
import type { Pages, View } from '../pages/render.ts';
import { go, sendPage } from '../send.ts';
import { viewOf } from '../visitor.ts';
import { shownTo, wasShownToAnother } from './addressee.ts';
import { refusedPage } from './refused/page.ts';
import { texts } from './texts.ts';
import type { AccountVisit, AccountVisits } from './visit.ts';

export interface VisitsOptions {
  settings: Settings;
  signIn: OwnSignIn;
  browserSessions: BrowserSessions;
  assessor: Assessor;
  accounts: Pick<Records['accounts'], 'find'>;
  state: Pick<State, 'get' | 'put' | 'take' | 'remove'>;
  pages: Pages;
  now: () => Date;
}

export interface Visits extends AccountVisits {
  /** Answers the request that brings a sign-in's answer. */
  callback(ctx: Context): Promise<void>;
}

/** The session of these pages. Times are milliseconds since 1970. */
interface Own {
  accountId: string;
  /** The browser session that it came from. */
  uid: string;
  /** When its sign-in was redeemed. */
  at: number;
  /** When plus was last proven: what changes something looks at it. */
  plusAt?: number;
}

/** What is kept while somebody signs in. */
interface Kept extends KeptRequest {
  /** The browser that it began in: nobody can hand their own answer to somebody else. */
  browser: string;
  back: string;
  at: number;
  wish?: Wish;
}

const sessionKey = (id: string) => keyOf('AccountSession', id);
const requestKey = (state: string) => keyOf('AccountSignIn', state);
const cookieName = (ctx: Context) => (ctx.secure ? '__Host-kapu-account' : 'kapu-account');

/** Visits of a deployment's people. */
export function createVisits(options: VisitsOptions): Visits {
  const { settings, signIn, browserSessions, assessor, accounts, state, pages, now } = options;
  const { levels: ladder, times } = settings;
  const client = ownClient(settings);
  /** What changes of an account need: the second level, where there is one. */
  const plus = plusOf(ladder);
  const freshness = settings.account.freshness;

  async function ownOf(ctx: Context): Promise<{ id: string; own: Own } | undefined> {
    const id = ctx.cookies.get(cookieName(ctx), { signed: false });
    const found = id && (await state.get(sessionKey(id)));
    return found ? { id, own: JSON.parse(found.value) } : undefined;
  }

  /** Sends the person to sign in, and after that to `back`. */
  async function begin(ctx: Context, back: string, wish?: Wish): Promise<void> {
    const { address, kept } = await signIn.ask(wish);
    const value: Kept = { ...kept, browser: browserOf(ctx), back, at: now().getTime(), wish };
    await state.put(requestKey(kept.state), JSON.stringify(value), times.interaction);
    go(ctx, address);
  }

  function viewIn(ctx: Context): View {
    const view = viewOf(ctx, settings.deployment.locale);
    const t = texts[view.locale];
    return {
      ...view,
      own: { title: t.title, href: accountPath, signOut: t.signOut, signOutHref: `${accountPath}/sign-out` },
    };
  }

  /** What a request for plus would be answered with now. */
  function isAtPlus(account: Account, { evidence }: BrowserSession): boolean {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: plus.name } } });
    const demand = assessor.demand({ scope: 'openid', claims }, client, now());
    return assessor.answer(demand, evidence, account, true).kind === 'reached';
  }

  function levelOf(account: Account, { evidence }: BrowserSession): string {
    const counting = assessor.counting(assessor.demand({ scope: 'openid' }, client, now()), evidence, account);
    return (reached(ladder, counting, now())?.level ?? ladder[0]!).name;
  }

  async function any(ctx: Context, back?: string): Promise<AccountVisit | undefined> {
    const comeBack = back ?? placeOf(ctx);
    const found = await ownOf(ctx);
    const session = found && (await browserSessions(ctx));
    const isSame = session && session.uid === found.own.uid && session.accountId === found.own.accountId;
    // Who goes on reading here stays signed in: half-way through the idle time the browser session is renewed, without a question.
    const isDue = isRead(ctx) && found && now().getTime() - found.own.at > (times.sessionIdle * 1000) / 2;
    if (!isSame || isDue) return void (await begin(ctx, comeBack));
    const account = await accounts.find(session.accountId);
    const { own } = found;
    if (account?.status !== 'active' || (account.validSince && own.at < account.validSince.getTime()))
      return void (await begin(ctx, comeBack));
    const view = viewIn(ctx);
    if (wasShownToAnother(ctx, account)) {
      ctx.state.log?.warn('a form of the own pages was shown to somebody else');
      return void sendPage(ctx, refusedPage(pages, view, { kind: 'other-person', href: comeBack }), { status: 409 });
    }
    return {
      account,
      view,
      session: { uid: session.uid },
      evidence: session.evidence,
      level: levelOf(account, session),
      freshPlus: () =>
        own.plusAt !== undefined && now().getTime() - own.plusAt <= freshness * 1000 && isAtPlus(account, session),
      show: (html, shown) => sendPage(ctx, shownTo(account, html), shown),
      go: (path) => go(ctx, path),
    };
  }

  return {
    any,

    async fresh(ctx, back) {
      const visit = await any(ctx, back);
      if (!visit || visit.freshPlus()) return visit;
      await begin(ctx, back ?? placeOf(ctx), { level: plus.name, maxAge: freshness });
      return undefined;
    },

    async callback(ctx) {
      const given = new URLSearchParams(ctx.querystring).getAll('state');
      const taken = given.length === 1 ? await state.take(requestKey(given[0]!)) : undefined;
      const kept: Kept | undefined = taken && JSON.parse(taken.value);
      if (!kept) return leftover(ctx);
      if (kept.browser !== knownBrowserOf(ctx)) return fail(ctx, 'other-browser');
      // Before: sessions that are ended while it is redeemed end this one as well.
      const at = now().getTime();
      const redeemed = await signIn.redeem(ctx.search, kept).catch(async (fault: unknown) => {
        // Whoever tries again goes on.
        if (fault instanceof OwnSignInUnavailable) await state.put(requestKey(kept.state), taken!.value, times.code);
        throw fault;
      });
      if (redeemed.outcome === 'refused') return refused(ctx, redeemed.error);
      const session = redeemed.outcome === 'signed-in' ? await browserSessions(ctx) : undefined;
      if (redeemed.outcome === 'unusable' || session?.accountId !== redeemed.accountId) {
        ctx.state.log?.warn({ reason: redeemed.outcome }, 'a sign-in to the own pages came to nothing');
        return fail(ctx, 'expired');
      }
      const before = await ownOf(ctx);
      const own: Own = { accountId: session.accountId, uid: session.uid, at, plusAt: plusAt(kept, redeemed) };
      const isSame = before?.own.uid === own.uid && before.own.accountId === own.accountId;
      if (isSame) own.plusAt = Math.max(own.plusAt ?? 0, before.own.plusAt ?? 0) || undefined;
      // Another id with each sign-in (ASVS 7.2.4).
      const id = randomBytes(24).toString('base64url');
      await state.put(sessionKey(id), JSON.stringify(own), times.sessionIdle);
      if (before) await state.remove(sessionKey(before.id));
      const cookie = { path: '/', httpOnly: true, sameSite: 'lax', signed: false, secure: ctx.secure } as const;
      ctx.cookies.set(cookieName(ctx), id, { ...cookie, overwrite: true });
      go(ctx, kept.back);
    },
  };

  /** When plus was proven, by what the ID token says: now, if all of it was proven in this very sign-in, however slowly. */
  function plusAt({ at }: Kept, { acr, authTime }: { acr: string; authTime: Date }): number | undefined {
    const level = named(ladder, acr);
    if (!level || !dominates(ladder, level, plus)) return undefined;
    const isNew = authTime.getTime() >= Math.floor(at / 1000) * 1000;
    return isNew ? now().getTime() : authTime.getTime();
  }

  /** An answer that has been used, or that nobody asked for: the back button, mostly. */
  async function leftover(ctx: Context): Promise<void> {
    if (await ownOf(ctx)) go(ctx, accountPath);
    else fail(ctx, 'expired');
  }

  function fail(ctx: Context, kind: 'expired' | 'other-browser'): void {
    const view = viewOf(ctx, settings.deployment.locale, ownService(settings.issuer));
    sendPage(ctx, errorPage(pages, view, { kind }), { status: 400 });
  }

  /** Given up, or out of reach; whoever has been signed in before still is. */
  async function refused(ctx: Context, error: string): Promise<void> {
    const kind = error === 'unmet_authentication_requirements' ? 'unmet' : 'cancelled';
    const html = refusedPage(pages, viewIn(ctx), { kind, href: accountPath });
    sendPage(ctx, html, { status: kind === 'unmet' ? 403 : 200 });
  }
}

const isRead = ({ method }: Context): boolean => method === 'GET' || method === 'HEAD';

/** Where to come back to after a sign-in: what was read, or the page whose form was sent. */
const placeOf = (ctx: Context): string => (isRead(ctx) ? ctx.url : ctx.path);
