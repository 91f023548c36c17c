/**
 * The policy: whether an authorization request may go on, or the person must be asked. The library keeps its checks of
 * prompt and hints; its two checks of essential acr and its check of max_age give way to one of ours, which asks
 * src/assurance, and choosing an account is a prompt of ours. The dispatcher asks the same assessor.
 */

import { errors, interactionPolicy, type KoaContextWithOIDC, type Session } from 'oidc-provider';
import { amrOf } from '../assurance/amr.ts';
import { type Evidence, merge, restore, type StoredEvidence, since, store } from '../assurance/evidence.ts';
import { canUse, mailboxCounts } from '../assurance/hold.ts';
import type { Ladder, Standing } from '../assurance/levels.ts';
import { refusalOf } from '../assurance/refusal.ts';
import { type Answer, answer, counting, type Demand, demandOf, type ScopeRules } from '../assurance/request.ts';
import type { Account } from '../records/records.ts';
import { claimsByScope, type SignedInAccount, scopesAsked } from './account.ts';
import { rulesOf } from './clients/clients.ts';
import type { NoteSpellings } from './clients/retired-aliases.ts';
import { isAskedEachTime, type Permission, permissionsAsked } from './consent.ts';
import { endOf } from './level-life.ts';
import { browserOf } from './sessions/browser.ts';

/** What the policy needs to know of a sign-in method. */
export interface MethodFacts {
  name: string;
  amr: string[];
  kinds?: Record<string, string[]>;
  proves: 'password' | 'mailbox' | 'own';
  availableTo(account: Account): boolean;
}

/** A session with the evidence that Kapu keeps in it. */
export type SessionWithEvidence = Session & { evidence?: StoredEvidence };

/** What a sign-in hands to the request that resumes, beside the library's own result. */
export interface SignInResult {
  /** When the authorization request was first received, in milliseconds. */
  startedAt: number;
  evidence: StoredEvidence;
  /** Who has settled for a weaker level that was listed: an account id. */
  settledBy?: string;
}

/** What an interaction keeps of how its request began. */
export interface Beginning {
  /** As in SignInResult. */
  startedAt: number;
  /** A hash of the cookie of the browser that it began in. */
  browser: string;
  /** What the person is to allow, where that is asked. */
  asks?: Permission[];
}

export interface Assessor {
  /** What a request demands; throws the library's InvalidRequest when it is malformed. */
  demand(params: Record<string, unknown>, client: { [key: string]: unknown }, startedAt: Date): Demand;
  /** The proofs of `account` that count for a demand now, whatever the level. */
  counting(demand: Demand, evidence: Evidence, account: Account): Evidence;
  /** How a demand is answered now. `account` undefined: the person is not known yet. */
  answer(demand: Demand, evidence: Evidence, account: Account | undefined, settles: boolean): Answer;
}

/** The assessor of a deployment's levels and methods. */
export function createAssessor(options: {
  ladder: Ladder;
  scopeRules: ScopeRules;
  methods: readonly MethodFacts[];
  now: () => Date;
}): Assessor {
  const { ladder, scopeRules, methods, now } = options;
  /** A method that has been switched off proves nothing any more, in sessions from before either. */
  const offered = (evidence: Evidence) => evidence.filter((proof) => methods.some(({ name }) => name === proof.method));
  const byMail = (name: string) => methods.some((method) => method.name === name && method.proves === 'mailbox');
  /** Nor does anything from before the account's sessions were ended; nor, in a hold, the mailbox. */
  const standing = (evidence: Evidence, account: Account | undefined) =>
    since(offered(evidence), account?.validSince).filter(
      (proof) => !byMail(proof.method) || mailboxCounts(proof, account?.hold, now()),
    );
  return {
    demand(params, client, startedAt) {
      const scope = scopesAsked(params.scope as string | undefined, params.claims as string | undefined).join(' ');
      // A claim asked for by itself comes under the rules of the scope that it belongs to.
      const request = { ...params, scope, max_age: params.max_age === undefined ? undefined : Number(params.max_age) };
      const demand = demandOf(request, rulesOf(client), scopeRules, ladder, startedAt);
      if ('malformed' in demand) throw new errors.InvalidRequest(demand.malformed);
      return demand;
    },
    counting: (demand, evidence, account) => counting(demand, standing(evidence, account), now()),
    answer(demand, held, account, settles) {
      const evidence = standing(held, account);
      const usable = (name: string) =>
        methods.some((method) => method.name === name && (!account || canUse(method, account, now())));
      // Nobody settles for somebody else, so as long as nobody is known nobody has.
      return answer(demand, ladder, { evidence, now: now(), usable, settles: settles && account !== undefined });
    },
  };
}

/** Why a sign-in is asked for, where the request wants an account to be made. */
export const createReason = 'create_account';

export interface PolicyOptions {
  /** Whether people may make accounts of their own. */
  signUp: boolean;
  assessor: Assessor;
  methods: readonly MethodFacts[];
  noteSpellings: NoteSpellings;
  now: () => Date;
}

/** The prompts of oidc-provider's interaction policy, with Kapu's level check. */
export function createPolicy(options: PolicyOptions): interactionPolicy.DefaultPolicy {
  const { now } = options;
  const { Check, Prompt, base } = interactionPolicy;
  const policy = base();
  const login = policy.get('login')!;
  for (const reason of ['no_session', 'max_age', 'essential_acr', 'essential_acrs']) login.checks.remove(reason);
  login.details = (ctx: KoaContextWithOIDC) =>
    ({ startedAt: startedAt(ctx, now).getTime(), browser: browserOf(ctx) }) satisfies Beginning;
  login.checks.add(
    new Check('no_session', 'the person is not signed in', 'login_required', (ctx) => !ctx.oidc.account),
  );
  login.checks.add(new Check('level', 'more has to be proven', 'login_required', (ctx) => asksMore(ctx, options)));
  for (const reason of ['id_token_hint', 'claims_id_token_sub_value']) endAfterSignIn(login.checks.get(reason)!);

  if (options.signUp) {
    // Initiating User Registration via OpenID Connect 1.0: whoever is signed in, somebody new is to come.
    login.checks.add(
      new Check(createReason, 'an account is to be made', 'login_required', (ctx) => isToCreate(ctx, options)),
    );
    const create = new Prompt({ name: 'create', requestable: true });
    create.checks.remove('create_prompt');
    policy.add(create);
  }

  // OpenID Connect Core, 3.1.2.1: asked where somebody is signed in; a sign-in of this very request has answered it.
  const select = new Prompt({ name: 'select_account', requestable: true }, login.details);
  select.checks.remove('select_account_prompt');
  select.checks.add(
    new Check('select_account', 'the person is to choose an account', (ctx) => {
      const { prompts, account } = ctx.oidc;
      const result = resultOf(ctx);
      if (!prompts.has('select_account') || !account || result?.login || result?.select_account) return false;
      // A malformed request is the service's to hear of, before anybody is asked anything.
      demandIn(ctx, options);
      return true;
    }),
  );
  policy.add(select, 0);

  const consent = policy.get('consent')!;
  // When the request was received is known through every prompt: what is proven from then on is fresh.
  consent.details = (ctx: KoaContextWithOIDC) => ({ ...login.details(ctx), asks: asksOf(ctx) });
  consent.checks.get('native_client_prompt')!.check = (ctx) =>
    isAskedEachTime(ctx.oidc.client!, ctx.oidc.client!.applicationType) && !resultOf(ctx)?.consent;
  return policy;
}

/** Whether the request wants an account to be made, and nobody has signed in for it yet. */
function isToCreate(ctx: KoaContextWithOIDC, { signUp }: PolicyOptions): boolean {
  return signUp && ctx.oidc.prompts.has('create') && !resultOf(ctx)?.login;
}

/** What the consent page asks for. */
function asksOf({ oidc }: KoaContextWithOIDC): Permission[] {
  const { scope, claims } = oidc.params as Record<string, string | undefined>;
  const resources = Object.entries(oidc.resourceServers ?? {}).map(([name, { scopes }]) => [name, [...scopes]]);
  return permissionsAsked({ scope, claims, resources: Object.fromEntries(resources) }, [
    ...oidc.requestParamOIDCScopes,
    ...Object.keys(claimsByScope),
  ]);
}

/** What the request demands; throws the library's InvalidRequest when it is malformed. */
function demandIn(ctx: KoaContextWithOIDC, { assessor, now }: PolicyOptions): Demand {
  return assessor.demand(ctx.oidc.params as Record<string, unknown>, ctx.oidc.client!, startedAt(ctx, now));
}

/**
 * Whether the request must go to the sign-in pages for its level. When it need not, the session says what this very
 * request's token will say: acr, amr and auth_time are worked out anew each time, from evidence.
 */
function asksMore(ctx: KoaContextWithOIDC, options: PolicyOptions): boolean {
  const { assessor, methods, noteSpellings } = options;
  const { oidc } = ctx;
  const session = oidc.session as SessionWithEvidence;
  const silent = oidc.prompts.has('none');
  const demand = demandIn(ctx, options);
  noteSpellings(
    oidc.client!.clientId,
    demand.wishes.map((wish) => wish.asked),
  );
  const account = (oidc.account as SignedInAccount | undefined)?.record;
  if (!account && silent) return true;

  keepEvidence(ctx, session);
  const evidence = account ? restore(session.evidence) : [];
  const settles = silent || (account !== undefined && resultOf(ctx)?.signIn?.settledBy === account.id);
  const verdict = assessor.answer(demand, evidence, account, settles);
  if (verdict.kind === 'reached') {
    stamp(session, verdict.acr, verdict.standing, methods);
    ctx.state.levelUntil = endOf(verdict.standing);
    return false;
  }
  const refusal = refusalOf(demand, verdict, silent);
  if (!refusal) {
    // Who is to make an account is not sent to a method's page.
    if (!isToCreate(ctx, options)) ctx.state.answer = verdict;
    return true;
  }
  if (refusal.error === 'login_required') throw new errors.LoginRequired(refusal.description);
  throw new errors.UnmetAuthenticationRequirements(refusal.description);
}

/** After a sign-in has come back, its evidence joins what the session already holds. */
function keepEvidence(ctx: KoaContextWithOIDC, session: SessionWithEvidence): void {
  const result = resultOf(ctx);
  if (!result?.login || !result.signIn) return;
  ctx.state.sessionBegan = session.iat === undefined;
  session.evidence = store(merge(restore(session.evidence), restore(result.signIn.evidence)));
}

function stamp(session: Session, acr: string, standing: Standing, methods: readonly MethodFacts[]): void {
  session.acr = acr;
  session.amr = amrOf(standing, methods);
  session.loginTs = Math.floor(standing.at.getTime() / 1000);
}

/** When the authorization request was first received, through all its interactions. */
function startedAt(ctx: KoaContextWithOIDC, now: () => Date): Date {
  const kept =
    resultOf(ctx)?.signIn?.startedAt ??
    (ctx.oidc.entities.Interaction?.prompt.details as Partial<Beginning> | undefined)?.startedAt;
  return kept === undefined ? now() : new Date(kept);
}

function resultOf(ctx: KoaContextWithOIDC) {
  return ctx.oidc.result as
    | { login?: object; consent?: object; select_account?: object; signIn?: SignInResult }
    | undefined;
}

/** The library reads the hint of a first request only; the request that comes back from a sign-in is still the same one. */
async function readHint({ oidc }: KoaContextWithOIDC): Promise<void> {
  const hint = oidc.params?.id_token_hint;
  if (hint === undefined || oidc.entities.IdTokenHint) return;
  oidc.entity('IdTokenHint', await oidc.provider.IdToken.validate(String(hint), oidc.client!));
}

/** A hint that names someone else sends to sign-in once; whoever signs in as another after all gets an error, not a loop. */
function endAfterSignIn(check: interactionPolicy.Check): void {
  const original = check.check;
  check.check = async (ctx) => {
    await readHint(ctx);
    const differs = await original(ctx);
    if (differs && resultOf(ctx)?.login)
      throw new errors.LoginRequired('the person who signed in is not the one that the request names');
    return differs;
  };
}
