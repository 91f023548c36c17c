/**
 * Interactions as the pages see them: one authorization request of one browser, waiting for the person. This file turns the
 * library's interaction and session into a Visit and a visit's end into the library's result; it shows nothing and
 * decides nothing about levels.
 */

import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { Interaction } from 'oidc-provider';
import { type Evidence, merge, restore, store } from '../assurance/evidence.ts';
import type { Demand } from '../assurance/request.ts';
import { factsOf, type ServiceFacts, text } from './clients/service-facts.ts';
import type { Permission } from './consent.ts';
import { noticesOf, type Tell } from './logout/notices.ts';
import { type Assessor, type Beginning, createReason, type SessionWithEvidence, type SignInResult } from './policy.ts';
import { beginAnew } from './sessions/begin-anew.ts';
import { knownBrowserOf } from './sessions/browser.ts';
import { type Gone, gone, leaveTrace } from './trace.ts';

/** One open interaction. */
export interface Visit {
  uid: string;
  /** What is asked of the person: to prove who they are, to choose an account, or to allow the client what it asks for. */
  prompt: 'login' | 'select_account' | 'consent';
  service: ServiceFacts;
  /** Whether the person was sent to make an account. */
  creates: boolean;
  uiLocales?: string;
  loginHint?: string;
  /** What the person is to allow the client, where the prompt is consent. */
  asks: Permission[];
  demand: Demand;
  /** Who is signing in, by an earlier step or by the session. */
  accountId?: string;
  /** What this person has proven, before and in this sign-in. */
  evidence: Evidence;
  /** Whether this person has settled for a weaker level that was listed. */
  settles: boolean;
  /** How it has ended already, where the browser has come back instead of going on. */
  ended?: 'completed' | Refusal;
  /** Where the browser goes in the end; its origin belongs in the page's form-action. */
  redirectUri: string;
}

export type Opened =
  | { outcome: 'open'; visit: Visit }
  /** Session or browser is not the one that it began in; `begin` gives the address at which the same request begins anew. */
  | { outcome: 'restart'; begin: () => Promise<string> }
  | Gone;

/** How a person gives up. */
export type Refusal = 'access_denied' | 'unmet_authentication_requirements';

export interface Interactions {
  /** The interaction `uid`, if it is this browser's and still open. */
  open(ctx: Context, uid: string): Promise<Opened>;
  /**
   * The visit in which `method` has just proven `accountId`, with something of `kind` where it tells kinds apart; another account
   * than before starts from nothing. It has to be kept, or completed, to outlast the request.
   */
  earn(visit: Visit, accountId: string, method: string, kind?: string): Visit;
  /** Keeps what has been earned. */
  keep(visit: Visit): Promise<void>;
  /** Notes that the person settles for a weaker level that was listed. */
  settle(visit: Visit): Promise<void>;
  /** Ends the interaction with the person signed in; gives the address to go on at. Call it once. */
  complete(ctx: Context, visit: Visit): Promise<string>;
  /** Ends the interaction with the session's account chosen. */
  select(ctx: Context, visit: Visit): Promise<string>;
  /** Notes that the person wants to sign in with another account than the session's. */
  another(visit: Visit): Promise<void>;
  /** Ends the interaction with the client allowed what it asks for. */
  consent(ctx: Context, visit: Visit): Promise<string>;
  /** Ends the interaction with an error for the client. */
  refuse(ctx: Context, visit: Visit, error: Refusal, description: string): Promise<string>;
}

/** Progress of a sign-in: as it will be handed on, and whose it is. */
type Progress = SignInResult & { accountId?: string; another?: boolean };

/** What stands behind a visit. */
interface Behind {
  interaction: Interaction;
  progress: Progress;
  session: SessionWithEvidence;
  /** When this request began. */
  openedAt: Date;
}

/** What an interaction holds of a sign-in. */
interface FinishedOrNot {
  progress?: Progress;
  login?: { accountId: string };
  signIn?: SignInResult;
}

/** Interactions of `provider`, which is asked for in each request: the provider and its pages need each other, and new keys bring a new one. */
export function createInteractions(
  provider: () => Provider,
  assessor: Assessor,
  tellServices: Tell,
  now: () => Date,
): Interactions {
  const behind = new WeakMap<Visit, Behind>();

  /** `visit`, or the first of a request, with its progress moved on. */
  function withProgress(
    facts: Pick<Visit, 'uid' | 'service' | 'uiLocales' | 'loginHint' | 'asks' | 'demand' | 'redirectUri'>,
    from: Omit<Behind, 'progress'>,
    progress: Progress,
  ): Visit {
    const { interaction, session } = from;
    const fromSession = progress.another || asksWho(interaction) ? undefined : session.accountId;
    const accountId = progress.accountId ?? fromSession;
    const held = accountId !== undefined && accountId === fromSession ? restore(session.evidence) : [];
    const visit: Visit = {
      ...facts,
      prompt: progress.another ? 'login' : (interaction.prompt.name as Visit['prompt']),
      accountId,
      evidence: merge(held, restore(progress.evidence)),
      creates: interaction.prompt.reasons.includes(createReason),
      settles: accountId !== undefined && progress.settledBy === accountId,
      ended: undefined,
    };
    behind.set(visit, { ...from, progress });
    return visit;
  }

  /** `visit` after `change`, not stored yet. */
  function moved(visit: Visit, change: Partial<Progress>): Visit {
    const from = behind.get(visit)!;
    return withProgress(visit, from, { ...from.progress, ...change });
  }

  async function keep(visit: Visit): Promise<void> {
    const { interaction, progress } = behind.get(visit)!;
    interaction.result = { progress } as never;
    await interaction.persist();
  }

  async function finish(ctx: Context, visit: Visit, result: object): Promise<string> {
    const { interaction } = behind.get(visit)!;
    interaction.result = result as never;
    await interaction.persist();
    leaveTrace(ctx, visit.uid, visit.service.clientId, true);
    return interaction.returnTo;
  }

  return {
    async open(ctx, uid) {
      const openedAt = now();
      // One for the whole request: new keys may bring another meanwhile.
      const own = provider();
      const cookie = ctx.cookies.get(own.cookieName('interaction'), { signed: true });
      const interaction = cookie === uid ? await own.Interaction.find(uid) : undefined;
      if (!interaction) return gone(ctx, own, cookie === uid);
      if (beginningOf(interaction).browser !== knownBrowserOf(ctx))
        return { outcome: 'restart', begin: () => beginAnew(own, interaction) };
      const client = await own.Client.find(String(interaction.params.client_id));
      if (!client) return { outcome: 'gone', why: 'expired' };

      const session = (await own.Session.get(ctx as never)) as SessionWithEvidence;
      const begunIn = interaction.session?.uid;
      if (begunIn && (begunIn !== session.uid || interaction.session?.accountId !== session.accountId))
        return { outcome: 'restart', begin: () => beginAnew(own, interaction) };

      const progress = progressOf(interaction);
      const { params } = interaction;
      const facts = {
        uid,
        service: factsOf(client as never),
        uiLocales: text(params.ui_locales),
        loginHint: text(params.login_hint),
        asks: beginningOf(interaction).asks ?? [],
        demand: assessor.demand(params, client as never, new Date(progress.startedAt)),
        redirectUri: String(params.redirect_uri),
      };
      const visit = withProgress(facts, { interaction, session, openedAt }, progress);
      visit.ended = endOf(interaction);
      return { outcome: 'open', visit };
    },

    earn(visit, accountId, method, kind) {
      const { progress: before, openedAt } = behind.get(visit)!;
      const kept = before.accountId === undefined || before.accountId === accountId ? before.evidence : {};
      // Dated from before it was checked: what was changed meanwhile, a password or an account, is later.
      return moved(visit, { accountId, evidence: { ...kept, ...store([{ method, kind, at: openedAt }]) } });
    },

    keep,

    settle: (visit) => keep(moved(visit, { settledBy: visit.accountId })),

    select: (ctx, visit) =>
      finish(ctx, visit, { ...behind.get(visit)!.interaction.lastSubmission, select_account: {} }),

    another: (visit) => keep(moved(visit, { another: true, accountId: undefined, evidence: {} })),

    async complete(ctx, visit) {
      const { interaction, progress, session } = behind.get(visit)!;
      const { startedAt, evidence, settledBy } = progress;
      const before = answeredBy(interaction);
      if (session.accountId && session.accountId !== visit.accountId) {
        // One browser, one person: the one before is signed out (and the library's own question is never shown).
        const toTell = await noticesOf(provider(), session, ctx as never);
        await session.destroy();
        tellServices(toTell);
        interaction.session = undefined;
      }
      return finish(ctx, visit, {
        // What somebody else has allowed is not this person's answer.
        ...(before === visit.accountId && interaction.lastSubmission),
        login: { accountId: visit.accountId, remember: false },
        signIn: { startedAt, evidence, settledBy } satisfies SignInResult,
      });
    },

    consent: (ctx, visit) => finish(ctx, visit, { ...behind.get(visit)!.interaction.lastSubmission, consent: {} }),

    refuse: (ctx, visit, error, description) => finish(ctx, visit, { error, error_description: description }),
  };
}

function progressOf(interaction: Interaction): Progress {
  const { progress, login, signIn: made } = (interaction.result ?? {}) as FinishedOrNot;
  // Finished, yet back here: the session changed before the browser got on.
  if (login && made)
    return { ...made, accountId: login.accountId, another: interaction.prompt.name === 'select_account' };
  const { startedAt } = beginningOf(interaction);
  const { signIn } = (interaction.lastSubmission ?? {}) as { signIn?: SignInResult };
  return (
    progress ?? {
      startedAt: startedAt ?? signIn?.startedAt ?? interaction.iat * 1000,
      evidence: {},
      settledBy: signIn?.settledBy,
    }
  );
}

function endOf({ result }: Interaction): Visit['ended'] {
  const { login, error } = (result ?? {}) as { login?: object; error?: Refusal };
  return login ? 'completed' : error;
}

function beginningOf({ prompt }: Interaction): Partial<Beginning> {
  return prompt.details as Partial<Beginning>;
}

/** Who has given the answers that the request already has. */
function answeredBy({ lastSubmission, session }: Interaction): string | undefined {
  return (lastSubmission as FinishedOrNot | undefined)?.login?.accountId ?? session?.accountId;
}

/** The request wants a new sign-in, or names another person than the session's: who comes is open, and the session's evidence of no use. */
function asksWho(interaction: Interaction): boolean {
  const reasons = ['login_prompt', createReason, 'id_token_hint', 'claims_id_token_sub_value'];
  return interaction.prompt.reasons.some((reason) => reasons.includes(reason));
}
