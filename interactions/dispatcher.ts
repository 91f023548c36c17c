/**
 * The dispatcher: what a person is asked next is worked out here, from facts, at every visit; and here alone is a sign-in
 * completed or refused. Methods come back to it and never lead to one another. It knows no method by name and no way to a
 * level; that a passkey may have been copied is a notice of its own, and methods say when.
 */

import type { Context } from 'koa';
import type { Settings } from '../config/settings.ts';
import { pageFor } from '../src/assurance/page.ts';
import type { Audit } from '../src/audit/audit.ts';
import { interactionPath } from '../src/oidc/interaction-path.ts';
import type { Interactions, Refusal, Visit } from '../src/oidc/interactions.ts';
import type { Assessor } from '../src/oidc/policy.ts';
import { type Account, type Locale, type Records, usernameKey } from '../src/records/records.ts';
import { originOf } from '../src/throttle/origin.ts';
import { createDue, type Due } from './due.ts';
import { canEndHold, endHold } from './end-hold.ts';
import type { TellEnded } from './ended.ts';

import { field } from './form.ts';
import { type KnownBrowsers, stillKnown } from './known-browsers.ts';
import type { Method, Steps } from './method.ts';
import type { SignInNotices } from './notices/sign-in.ts';
import { errorPage } from './pages/error/page.ts';
import type { Beside, Pages, View } from './pages/render.ts';
import { formTarget, go, sendPage } from './send.ts';
import { viewOf } from './visitor.ts';
import type { WayIn } from './way-in.ts';

export interface DispatcherOptions {
  settings: Settings;
  interactions: Interactions;
  assessor: Assessor;
  accounts: Records['accounts'];
  credentials: Pick<Records['credentials'], 'list'>;
  methods: Method[];
  waysIn: readonly WayIn[];
  pages: Pages;
  audit: Audit;
  knownBrowsers: KnownBrowsers;
  tellEnded: TellEnded;
  notices: SignInNotices;
  /** Other notices have been written: they are sent at once. */
  noticesWritten(): void;
  now: () => Date;
  /** Counts a proof that was refused, for the metrics. */
  countRefusal: (method: string, reason: string) => void;
  /** Counts the end of a sign-in, for the metrics. */
  count: (outcome: 'completed' | 'cancelled' | 'unmet', level: string) => void;
}

/** Everything that is known when a visit is answered. */
export interface Situation {
  visit: Visit;
  account?: Account;
  answer: Due;
}

export interface Dispatcher {
  /** The visit and where it stands; undefined when there is none any more, and the request has been answered. */
  situation(ctx: Context): Promise<Situation | undefined>;
  /** Sends the person to what comes next. */
  dispatch(ctx: Context, now: Situation): Promise<void>;
  /** Ends the interaction with an error for the service. */
  refuse(ctx: Context, visit: Visit, error: Refusal, description: string, account?: Account): Promise<void>;
  /** Tells the service that this person cannot reach what it asks for. */
  unmet(ctx: Context, now: Situation): Promise<void>;
  /** The person gives up. */
  cancel(ctx: Context, now: Situation): Promise<void>;
  /** The person goes on at a weaker level. */
  decline(ctx: Context, now: Situation): Promise<void>;
  /** What `method` is handed: its visit, if it is the one to be asked now; otherwise the request has been answered. */
  stepOf(method: Method): Steps;
  /** The same for a request that is not the browser's own: the method answers it in any case, and nothing is changed. */
  lookOf(method: Method): Steps;
  /** How pages of this visit see the person. */
  viewOf(ctx: Context, visit: Visit): View;
}

/** The dispatcher of a deployment's methods and levels. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { interactions, assessor, accounts, audit, count, countRefusal, knownBrowsers, notices, settings } = options;
  const due = createDue(options);

  /** The visit and where it stands; undefined when there is none any more, and the request has been answered. */
  async function situation(ctx: Context): Promise<Situation | undefined> {
    const opened = await interactions.open(ctx, ctx.params.uid);
    switch (opened.outcome) {
      case 'restart':
        ctx.status = 303;
        ctx.redirect(await opened.begin());
        return undefined;
      case 'gone': {
        const view = viewOf(ctx, settings.deployment.locale, opened.service);
        sendPage(ctx, errorPage(options.pages, view, { kind: opened.why }), { status: 410 });
        return undefined;
      }
      case 'open':
        return situationIn(opened.visit);
    }
  }

  /** The same without an answer, and without a new beginning. */
  async function glance(ctx: Context): Promise<Situation | undefined> {
    const opened = await interactions.open(ctx, ctx.params.uid);
    return opened.outcome === 'open' ? situationIn(opened.visit) : undefined;
  }

  async function situationIn(visit: Visit): Promise<Situation> {
    const found = visit.accountId === undefined ? undefined : await accounts.find(visit.accountId);
    return situationOf(visit, found?.status === 'active' ? found : undefined);
  }

  /** Where `visit` of `account`, an active one, stands. */
  function situationOf(visit: Visit, account: Account | undefined): Situation {
    const answer = assessor.answer(visit.demand, account ? visit.evidence : [], account, visit.settles);
    return { visit, account, answer: due(answer, visit, account) };
  }

  /** The one place that decides what comes next. `proof`: an entry of the audit that is being written, and has to be there before a sign-in ends. */
  async function dispatch(ctx: Context, { visit, account, answer }: Situation, proof?: Promise<void>): Promise<void> {
    if (visit.prompt !== 'login' && !account)
      return refuse(ctx, visit, 'access_denied', 'the account can no longer be used');
    if (visit.prompt === 'consent') return go(ctx, `${pathOf(visit)}/consent`);
    if (visit.prompt === 'select_account') return go(ctx, `${pathOf(visit)}/select-account`);
    switch (answer.kind) {
      case 'reached':
        await Promise.all([
          proof,
          visit.ended !== 'completed' &&
            audit.write(ctx, 'sign-in.completed', {
              account,
              clientId: visit.service.clientId,
              detail: { acr: answer.acr, methods: answer.standing.proofs.map(({ method }) => method).join(' ') },
            }),
        ]);
        count('completed', answer.standing.level.name);
        return go(ctx, await interactions.complete(ctx, visit));
      case 'unmet':
        return unmet(ctx, { visit, account, answer });
      case 'enrol':
        return go(ctx, `${pathOf(visit)}/enrol`);
      case 'held':
        return go(ctx, `${pathOf(visit)}/held`);
      case 'missing': {
        // Only where what it ends with is asked: its pages are no other step's.
        const creates = (each: WayIn) => each.creates && answer.next.includes(each.method);
        const way = visit.creates && !account ? options.waysIn.find(creates) : undefined;
        return go(ctx, `${pathOf(visit)}/${way?.name ?? pageFor(answer, options.methods)}`);
      }
    }
  }

  /** What else would do in the place of `method`, and other ways in than by it. */
  function othersOf(method: Method, { visit, account }: Situation, next: string[], locale: Locale): Link[] {
    const instead = options.methods.filter(({ name }) => name !== method.name && next.includes(name));
    const ways = options.waysIn.filter((way) => way.method === method.name && !(account && way.forStrangers));
    return [...instead, ...ways].map(({ name, title }) => ({ href: `${pathOf(visit)}/${name}`, title: title(locale) }));
  }

  /** What other methods that find out who the person is add to the page of `method` on which it does so. */
  function besideIn(ctx: Context, method: Method, { visit }: Situation, next: string[]): Beside[] {
    if (!method.identifies || ctx.path.replace(/\/$/, '') !== `${pathOf(visit)}/${method.name}`) return [];
    return options.methods
      .filter(({ name, identifies }) => identifies && name !== method.name && next.includes(name))
      .flatMap((other) => other.beside?.(`${pathOf(visit)}/${other.name}`) ?? []);
  }

  /** Whether the person has proven here before who they are, by whatever method. */
  function isKnown(ctx: Context, account: Account): boolean {
    return options.methods.some((method) => {
      const browser = method.identifies ? knownBrowsers.recall(ctx, method.name, account.username) : undefined;
      return browser !== undefined && stillKnown(browser, account);
    });
  }

  /** The account once what has been proven in this browser ends its hold; otherwise as it is. */
  async function released(ctx: Context, account: Account, visit: Visit, method: string): Promise<Account> {
    // Who signs in does not say by that whose the new address is: they are asked on its page.
    if (account.formerEmail !== undefined || !(await canEndHold(account, visit.evidence, options))) return account;
    const { clientId } = visit.service;
    const ended = await endHold(ctx, account, { method, clientId }, options);
    return ended ? { ...account, hold: undefined } : account;
  }

  async function refuse(
    ctx: Context,
    visit: Visit,
    error: Refusal,
    description: string,
    account?: Account,
  ): Promise<void> {
    if (visit.ended !== error) {
      const event = error === 'access_denied' ? 'sign-in.cancelled' : 'sign-in.unmet';
      // Anybody can begin a sign-in and give it up, as often as they like.
      const write = account ? audit.write : audit.writeOnce;
      await write(ctx, event, { account, clientId: visit.service.clientId });
    }
    count(error === 'access_denied' ? 'cancelled' : 'unmet', visit.demand.floor.name);
    return go(ctx, await interactions.refuse(ctx, visit, error, description));
  }

  function unmet(ctx: Context, { visit, account }: Situation): Promise<void> {
    const why = 'the requested level cannot be reached';
    return refuse(ctx, visit, 'unmet_authentication_requirements', why, account);
  }

  /** Giving up the step-up is not giving up the sign-in: the service hears which (OpenID Connect Core Error Code unmet_authentication_requirements). */
  function cancel(ctx: Context, { visit, account }: Situation): Promise<void> {
    return account && assessor.counting(visit.demand, visit.evidence, account).length > 0
      ? refuse(
          ctx,
          visit,
          'unmet_authentication_requirements',
          'the person did not go on to the requested level',
          account,
        )
      : refuse(ctx, visit, 'access_denied', 'the person cancelled the sign-in');
  }

  async function decline(ctx: Context, { visit }: Situation): Promise<void> {
    await interactions.settle(visit);
    return go(ctx, pathOf(visit));
  }

  /** One method's visit; when another step is due now (the back button, another tab), the dispatcher takes over. */
  function stepOf(method: Method, open = situation): Steps {
    return async (ctx) => {
      const now = await open(ctx);
      if (!now) return undefined;
      const { visit, account, answer } = now;
      if (visit.prompt !== 'login' || answer.kind !== 'missing' || !answer.next.includes(method.name)) {
        if (open === glance) return undefined;
        if (!account || !method.identifies || !namesAnother(ctx, account)) await dispatch(ctx, now);
        else {
          await interactions.another(visit);
          go(ctx, pathOf(visit));
        }
        return undefined;
      }
      const beside = besideIn(ctx, method, now, answer.next);
      const seen = viewOf(ctx, settings.deployment.locale, visit.service, visit.uiLocales);
      const view: View = { ...seen, beside, others: othersOf(method, now, answer.next, seen.locale) };
      const { clientId } = visit.service;
      return {
        uid: visit.uid,
        service: view.service!,
        view,
        level: answer.target.name,
        account,
        loginHint: visit.loginHint,
        mayDecline: answer.mayDecline,
        origin: originOf(ctx.ip),
        knownAs: (username) => knownBrowsers.recall(ctx, method.name, username),
        ended: (of) => options.tellEnded(ctx, visit, method.name, of),
        async passed(proven, kind) {
          // Written together with the end of the sign-in, where it ends here: nothing is given, kept or changed before it is there.
          const proof = audit.write(ctx, 'METHOD.passed', {
            account: proven,
            clientId,
            detail: { method: method.name },
          });
          proof.catch(() => {});
          if (proven.hold) await proof;
          if (method.identifies && !isKnown(ctx, proven))
            await notices.tell(ctx, 'newBrowser', proven, view.service!.name);
          knownBrowsers.remember(ctx, method.name, proven.username);
          const earned = interactions.earn(visit, proven.id, method.name, kind);
          const moved = situationOf(earned, await released(ctx, proven, earned, method.name));
          if (moved.answer.kind !== 'reached') await proof;
          // What ends here is stored once, with its end.
          if (!['reached', 'unmet'].includes(moved.answer.kind)) await interactions.keep(moved.visit);
          if (moved.answer.kind === 'missing' && moved.answer.next.includes(method.name))
            ctx.state.log?.warn(
              { validSince: proven.validSince },
              'a proof counts for nothing: are the clocks in step?',
            );
          await dispatch(ctx, moved, proof);
        },
        async refused(reason, suspect, { last, copied } = {}) {
          countRefusal(method.name, reason);
          const write = costsNothing.test(reason) ? audit.writeOnce : audit.write;
          await write(ctx, 'METHOD.refused', { account: suspect, clientId, detail: { method: method.name, reason } });
          if (last && suspect && !method.identifies)
            await notices.tell(ctx, 'codesRefused', suspect, view.service!.name);
          if (copied && suspect) await notices.tell(ctx, 'passkeyCopied', suspect, view.service!.name);
        },
        cancelled: () => cancel(ctx, now),
        declined: () => decline(ctx, now),
        show: (html, { script = beside.length > 0, ...shown } = {}) =>
          sendPage(ctx, html, { ...shown, script, target: formTarget(visit.redirectUri) }),
      };
    };
  }
  return {
    situation,
    dispatch,
    refuse,
    unmet,
    cancel,
    decline,
    stepOf,
    lookOf: (method) => stepOf(method, glance),
    viewOf: (ctx, visit) => viewOf(ctx, settings.deployment.locale, visit.service, visit.uiLocales),
  };
}

/** Refusals that whoever repeats them pays nothing for: what a budget refuses, and codes that are not compared any more. */
const costsNothing = /^(too-many-.*|codes-spent|code-expired)$/;

/** A form of before somebody signed in in another tab, filled in by somebody else: nobody goes on as another than they said. */
function namesAnother(ctx: Context, account: Account): boolean {
  const username = field(ctx, 'username')?.trim();
  return Boolean(username) && usernameKey(username!) !== usernameKey(account.username);
}

interface Link {
  href: string;
  title: string;
}

/** Where the visit's pages live. */
export function pathOf(visit: Visit): string {
  return interactionPath(visit.uid);
}
