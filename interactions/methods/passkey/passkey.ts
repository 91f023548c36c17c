/**
 * The method `passkey`: proves that the person holds a key that they have registered, and that its device has just made sure of
 * them by fingerprint, face or PIN. The key says whose it is, so it finds out who the person is as well.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Account, Credential } from '../../../src/records/records.ts';
import { type Pool, poolOf } from '../../../src/throttle/throttle.ts';
import { field } from '../../form.ts';
import { hasProven } from '../../known-browsers.ts';
import type { Method, MethodFacts, MethodParts, Step, Steps } from '../../method.ts';
import { formStatus } from '../../send.ts';
import { type Binding, createChallenges } from './challenges.ts';
import { createEnrolment, keyOf, passkeyIn } from './enrolment.ts';
import { besidePart, type PasskeyModel, passkeyPage } from './page.ts';
import { texts } from './texts.ts';
import { type Assertion, challengeIn, type Passkey, partyOf, requestOptions, verifyUse } from './webauthn.ts';

export type PasskeyOptions = Pick<
  MethodParts,
  'settings' | 'accounts' | 'credentials' | 'state' | 'throttle' | 'pages' | 'now'
>;

/** What the method is, whatever it works with. */
export const passkey: MethodFacts = {
  name: 'passkey',
  // No use counts without user verification: two factors in one (RFC 8176, 2; NIST SP 800-63B-4, 3.1.7).
  amr: ['user', 'mfa'],
  // Without attestation it is the device's word where the key is kept.
  kinds: { bound: ['hwk'], synced: ['swk'] },
  identifies: true,
  proves: 'own',
  availableTo: ({ setUp }) => setUp.includes('passkey'),
  title: (locale) => texts[locale].methodTitle,
};

/** The method with what it works with: the records of passkeys, the state for challenges, the throttle, the pages. */
export function createPasskey(options: PasskeyOptions): Method {
  const challenges = createChallenges(options.settings.secrets.codeKeys, options.state, options.now);
  const party = partyOf(options.settings.issuer);
  const parts: Parts = { ...options, challenges, party };
  return {
    ...passkey,
    routes: (router, step, look) => mount(router, step, look, parts),
    beside: besidePart,
    enrolment: createEnrolment(parts),
  };
}

export interface Parts extends PasskeyOptions {
  challenges: ReturnType<typeof createChallenges>;
  party: ReturnType<typeof partyOf>;
}

function mount(router: Router, step: Steps, look: Steps, parts: Parts): void {
  router.get('/', async (ctx) => {
    const visit = await step(ctx);
    if (visit) show(ctx, visit, parts);
  });

  /** For the script, here and beside other methods' forms: what the browser is to ask its authenticators for. */
  router.post('/options', async (ctx) => {
    const visit = await look(ctx);
    ctx.set('cache-control', 'no-store');
    if (!visit) {
      ctx.status = 410;
      return;
    }
    const { account } = visit;
    const own = account ? (await parts.credentials.list(account.id, passkey.name)).map(passkeyIn) : [];
    ctx.body = requestOptions(parts.party, parts.challenges.make(bindingOf(visit)), own);
  });

  router.post('/', async (ctx) => {
    const visit = await step(ctx);
    if (!visit) return;
    if (field(ctx, 'cancel') !== undefined) return visit.cancelled();
    if (field(ctx, 'decline') !== undefined && visit.mayDecline) return visit.declined();
    await submitted(ctx, visit, parts);
  });
}

async function submitted(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const assertion = assertionIn(ctx);
  if (assertion === 'none') return show(ctx, step, parts, { problem: 'no-script' });
  const admission = await admit(assertion, step, parts);
  if (admission.outcome === 'refused') {
    await step.refused('too-many-tries');
    return show(ctx, step, parts, { problem: 'too-many', retryAfter: admission.retryAfter });
  }
  const use = await judge(assertion, step, parts).catch(async (fault) => {
    // A store that is away must not use up anybody's tries.
    await parts.throttle.refund(admission.spent);
    throw fault;
  });
  if (use.outcome === 'proven') {
    await parts.throttle.refund(admission.spent);
    return step.passed(use.account, use.kind);
  }
  await step.refused(use.reason, use.account, { copied: use.problem === 'copied' });
  show(ctx, step, parts, { problem: use.problem });
}

type Use =
  | { outcome: 'proven'; account: Account; kind: 'bound' | 'synced' }
  /** `account`: whose audit it belongs to. */
  | { outcome: 'refused'; reason: string; account?: Account; problem: 'expired' | 'refused' | 'copied' };

/** What becomes of `assertion`. Once it is known whose it should be the challenge is used up, so that nothing is tried twice. */
async function judge(assertion: Assertion | 'broken', step: Step, parts: Parts): Promise<Use> {
  const { challenges, accounts, party } = parts;
  const refused = (
    reason: string,
    account = step.account,
    problem: 'refused' | 'expired' | 'copied' = 'refused',
  ): Use => ({
    outcome: 'refused',
    reason,
    account,
    problem,
  });
  const found = await ownerOf(assertion, parts);
  const account = found && (await accounts.find(found.accountId));
  if (assertion === 'broken') return refused('malformed');
  const challenge = challengeIn(assertion.clientData);
  const taken = await challenges.take(bindingOf(step), challenge);
  if (taken === 'over') return refused('challenge-over', step.account, 'expired');
  if (taken === 'wrong') return refused('wrong-challenge', account);
  if (!found) return refused('unknown-passkey');
  if (step.account && step.account.id !== found.accountId) return refused('passkey-of-another');
  const kept = passkeyIn(found.credential);
  // Who is not known yet is whom the key names; what names another than its owner is not theirs (WebAuthn Level 3, 7.2, step 6).
  const { userHandle = step.account && kept.user } = assertion;
  if (userHandle !== kept.user) return refused('wrong-user-handle', account);
  const verdict = await verifyUse(party, challenge, kept, assertion);
  if (verdict.outcome === 'refused') return refused(verdict.reason, account);
  if (account?.status !== 'active') return refused('account-disabled', account);

  switch (await noteUse(found.accountId, found.credential, verdict, parts)) {
    case 'noted':
      return { outcome: 'proven', account, kind: kept.synced ? 'synced' : 'bound' };
    case 'copied':
      return refused('counter-not-grown', account, 'copied');
    case 'gone':
      return refused('unknown-passkey', account);
  }
}

/**
 * Notes a use, unless the counter has not grown: where a key counts at all, that says that there are two of it (WebAuthn Level 3,
 * 6.1.1). Of two uses at once one writes first, and the other is judged by what it wrote.
 */
async function noteUse(
  accountId: string,
  first: Credential,
  { counter, backedUp }: Pick<Passkey, 'counter' | 'backedUp'>,
  { credentials }: Parts,
): Promise<'noted' | 'copied' | 'gone'> {
  let credential: Credential = first;
  for (let turn = 0; turn < 5; turn++) {
    const kept = passkeyIn(credential);
    if (kept.counter > 0 && counter <= kept.counter) return 'copied';
    if (await credentials.use(accountId, credential, { ...kept, counter, backedUp })) return 'noted';
    const now = await credentials.owner(passkey.name, credential.id);
    if (now?.accountId !== accountId) return 'gone';
    credential = now.credential;
  }
  return 'gone';
}

const bindingOf = ({ uid, account }: Step): Binding => ({ purpose: 'sign-in', visit: uid, accountId: account?.id });

async function ownerOf(assertion: Assertion | 'broken', { credentials }: Parts) {
  return assertion === 'broken' ? undefined : credentials.owner(passkey.name, keyOf(assertion.id));
}

type Admission = { outcome: 'allowed'; spent: Pool } | { outcome: 'refused'; retryAfter: number };

/**
 * Counts a try. Nobody guesses a key: what is bounded is the work that somebody can have done for nothing, an origin's and, within
 * it, at one passkey. A browser that its owner has used it in has tries of its own, which nobody else can use up.
 */
async function admit(assertion: Assertion | 'broken', step: Step, parts: Parts): Promise<Admission> {
  const { throttle, accounts, settings } = parts;
  const { window, triesPerOrigin, triesPerAccount, anywhereWindow, knownTries } = settings.password;
  const one = assertion === 'broken' ? [] : [{ of: `passkey ${keyOf(assertion.id)}`, limit: triesPerAccount }];
  const budgets = [{ of: '', limit: triesPerOrigin }, ...one];
  const everybodys: Pool = { name: 'passkey', key: step.origin, window, budgets };
  const spending = await throttle.spend(everybodys);
  if (spending.outcome === 'allowed') return { outcome: 'allowed', spent: everybodys };
  const found = await ownerOf(assertion, parts);
  const owner = found && (await accounts.find(found.accountId));
  const browser = owner && step.knownAs(owner.username);
  if (!browser || !hasProven(browser, owner)) return spending;
  const own = poolOf('passkey.known', browser.key, anywhereWindow, knownTries);
  const again = await throttle.spend(own);
  return again.outcome === 'allowed' ? { outcome: 'allowed', spent: own } : again;
}

/** What the script has put into the form: 'none' where no script has run. */
function assertionIn(ctx: Context): Assertion | 'none' | 'broken' {
  const [id, clientData, authenticatorData, signature, userHandle] = [
    ...['id', 'client-data', 'authenticator-data', 'signature', 'user-handle'],
  ].map((name) => field(ctx, name));
  if (!id && !clientData && !authenticatorData && !signature) return 'none';
  const all = [id, clientData, authenticatorData, signature].map((text) => text ?? '');
  if (!all.every((text) => /^[\w-]+$/.test(text))) return 'broken';
  return {
    id: id!,
    clientData: clientData!,
    authenticatorData: authenticatorData!,
    signature: signature!,
    userHandle: userHandle || undefined,
  };
}

function show(
  ctx: Context,
  step: Step,
  { pages }: Parts,
  { retryAfter, problem }: Pick<PasskeyModel, 'problem'> & { retryAfter?: number } = {},
): void {
  const path = ctx.path.replace(/\/$/, '');
  const model: PasskeyModel = {
    action: path,
    optionsAt: `${path}/options`,
    known: step.account !== undefined,
    mayDecline: step.mayDecline,
    ...(retryAfter !== undefined && { retryMinutes: Math.ceil(retryAfter / 60) }),
    problem,
  };
  const status = formStatus(problem, retryAfter);
  step.show(passkeyPage(pages, step.view, model), { status, retryAfter, script: true });
}
