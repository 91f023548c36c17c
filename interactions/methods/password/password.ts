/**
 * The method `password`: proves that the person knows the password of a user name, and thereby who they are. Whether an
 * account exists shows in nothing: an unknown name costs the same budgets, the same hash and gets the same words.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Settings } from '../../../config/settings.ts';
import type { Passwords } from '../../../src/passwords/passwords.ts';
import { type Account, type Records, usernameKey } from '../../../src/records/records.ts';
import type { Throttle } from '../../../src/throttle/throttle.ts';
import { field } from '../../form.ts';
import { stillKnown } from '../../known-browsers.ts';
import { digitsOf } from '../../mailed-code/codes.ts';
import { mailReference } from '../../mailed-code/report.ts';
import type { Method, MethodFacts, Step } from '../../method.ts';
import type { Pages } from '../../pages/render.ts';
import { timeInWords } from '../../plain-words.ts';
import { formStatus, go } from '../../send.ts';
import { type Admission, type Admissions, createAdmissions } from './admission.ts';
import { createGuard, type Guard, type GuardOptions } from './guard.ts';
import { type GuardModel, guardPage } from './guard-page.ts';
import { type PasswordModel, passwordPage } from './page.ts';
import { texts } from './texts.ts';

export interface PasswordOptions extends GuardOptions {
  settings: Settings;
  accounts: Records['accounts'];
  passwords: Passwords;
  throttle: Throttle;
  pages: Pages;
}

interface Parts extends PasswordOptions {
  admissions: Admissions;
  guard: Guard;
}

/** What the method is, whatever it works with. */
export const password: MethodFacts = {
  name: 'password',
  amr: ['pwd'],
  identifies: true,
  proves: 'password',
  // Every account has one; one without a hash has the same refusals as a wrong password.
  availableTo: () => true,
  title: (locale) => texts[locale].methodTitle,
};

/** The method with what it works with: accounts, the throttle, the hashing queue, the pages. */
export function createPassword(options: PasswordOptions): Method {
  return {
    ...password,
    routes(router: Router, step) {
      const parts: Parts = {
        ...options,
        admissions: createAdmissions(options.throttle, options.settings.password),
        guard: createGuard(options),
      };
      router.get('/', async (ctx) => {
        const visit = await step(ctx);
        if (!visit) return;
        const { account, loginHint = '' } = visit;
        const ended = await endedOf(visit, account, options);
        show(ctx, visit, options, { username: account?.username ?? loginHint, ended });
      });
      router.post('/', async (ctx) => {
        const visit = await step(ctx);
        if (!visit) return;
        if (field(ctx, 'cancel') !== undefined) return visit.cancelled();
        if (field(ctx, 'decline') !== undefined && visit.mayDecline) return visit.declined();
        await submitted(ctx, visit, parts);
      });
      router.get('/confirm', async (ctx) => {
        const visit = await step(ctx);
        if (!visit) return;
        if (await parts.guard.isAsking(visit)) showGuard(ctx, visit, parts);
        else go(ctx, passwordOf(ctx));
      });
      router.post('/confirm', async (ctx) => {
        const visit = await step(ctx);
        if (!visit) return;
        if (field(ctx, 'cancel') !== undefined) return visit.cancelled();
        if (field(ctx, 'again') !== undefined) return go(ctx, passwordOf(ctx));
        await confirmed(ctx, visit, parts);
      });
    },
  };
}

async function submitted(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { admissions, passwords, guard } = parts;
  const username = (field(ctx, 'username') ?? '').trim();
  const password = field(ctx, 'password') ?? '';
  const missing = missingOf(username, password);
  if (missing) return show(ctx, step, parts, { username, problem: missing, status: 422 });

  // As records look it up: a spelling that finds the same account has no tries of its own.
  const attempt = { name: usernameKey(username) ?? username, origin: step.origin };
  const browser = step.knownAs(username);
  let admission = await admissions.admit({ ...attempt, browser: browser?.key });
  if (admission.outcome === 'refused') return refused(ctx, step, parts, username, admission);

  const found = await parts.accounts.findForPassword(username).catch(async (fault) => {
    // A database that is away must not use up people's tries, and with them those of a whole office.
    await admissions.undo(admission);
    throw fault;
  });
  if (admission.way === 'known' && found && !stillKnown(browser!, found.account)) {
    admission = await admissions.admit(attempt);
    if (admission.outcome === 'refused') return refused(ctx, step, parts, username, admission);
  }
  // A flood of strangers keeps nobody waiting who has been here before.
  const turn = admission.way === 'known' ? 'first' : undefined;
  const check = await passwords.verify(found?.passwordHash, password, turn);
  if (check.outcome === 'busy') {
    await admissions.undo(admission);
    return show(ctx, step, parts, { username, problem: 'busy', status: 503, retryAfter: check.retryAfter });
  }
  const account = check.outcome === 'right' && found?.account.status === 'active' ? found.account : undefined;
  if (admission.way === 'guarded' && !(account && admission.plain && !guard.canAsk(account))) {
    // Right and wrong cost the same from here on, and look the same.
    await step.refused(account ? 'code-asked' : reasonOf(check), found?.account);
    await guard.ask(ctx, step, attempt, account && guard.canAsk(account) ? found : undefined);
    return go(ctx, `${pathOf(ctx)}/confirm`);
  }
  if (!account) {
    await step.refused(reasonOf(check), found?.account);
    const ended = await endedOf(step, found?.account, parts);
    return show(ctx, step, parts, { username, problem: 'wrong', status: 422, ended });
  }
  // Nothing of what follows rests on it, but that it has been done is known before the answer leaves.
  const undone = admissions.undo(admission);
  undone.catch(() => {});
  if (check.outcome === 'right' && check.rehash) await rehash(account, found!.passwordHash!, password, parts);
  await step.passed(account);
  await undone;
}

const reasonOf = ({ outcome }: { outcome: 'right' | 'wrong' }) =>
  outcome === 'right' ? 'account-disabled' : 'wrong-password';

async function refused(
  ctx: Context,
  step: Step,
  parts: Parts,
  username: string,
  { way, retryAfter }: Extract<Admission, { outcome: 'refused' }>,
): Promise<void> {
  await step.refused(way === 'guarded' ? 'too-many-from-anywhere' : 'too-many-tries');
  const problem = way === 'guarded' ? 'guarded' : 'too-many';
  show(ctx, step, parts, { username, problem, retryMinutes: Math.ceil(retryAfter / 60), status: 429, retryAfter });
}

/** The code that a guarded account asks for. */
async function confirmed(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { guard, accounts, admissions, settings } = parts;
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return showGuard(ctx, step, parts, { problem: 'missing' });
  const code = digitsOf(typed, settings.emailCode.longDigits);
  if (!code) return showGuard(ctx, step, parts, { problem: 'malformed' });
  const guess = await guard.guess(step, code);
  switch (guess.outcome) {
    case 'right':
      await admissions.undoGuarded(guess.attempt);
      return step.passed(guess.account);
    case 'overtaken':
      await step.refused('account-changed', await accounts.find(guess.accountId));
      return showGuard(ctx, step, parts, { problem: 'expired' });
    case 'wrong':
      await step.refused('wrong-code');
      return showGuard(
        ctx,
        step,
        parts,
        guess.left === 0 ? { problem: 'spent' } : { problem: 'wrong', triesLeft: guess.left },
      );
    case 'spent':
      await step.refused('codes-spent');
      return showGuard(ctx, step, parts, { problem: 'spent' });
    case 'none':
      await step.refused('code-expired');
      return showGuard(ctx, step, parts, { problem: 'expired' });
    case 'not-asking':
      return go(ctx, passwordOf(ctx));
  }
}

function showGuard(
  ctx: Context,
  step: Step,
  { pages, settings }: Parts,
  shown: Pick<GuardModel, 'problem' | 'triesLeft'> = {},
): void {
  const { longDigits: digits, life } = settings.emailCode;
  const model = { action: ctx.path, digits, lifeMinutes: life / 60, mailReference: mailReference(step.uid), ...shown };
  step.show(guardPage(pages, step.view, model), { status: formStatus(shown.problem) });
}

/** Without the slash that an address may end in. */
const pathOf = (ctx: Context) => ctx.path.replace(/\/$/, '');
const passwordOf = (ctx: Context) => pathOf(ctx).replace(/\/confirm$/i, '');

function missingOf(username: string, password: string): PasswordModel['problem'] {
  if (username && password) return undefined;
  if (username) return 'password-missing';
  return password ? 'username-missing' : 'both-missing';
}

/** The setting has risen since this hash was made. When the queue is full the next sign-in does it. */
async function rehash(account: Account, previous: string, password: string, options: PasswordOptions): Promise<void> {
  const made = await options.passwords.hash(password);
  if (made.outcome === 'hashed') await options.accounts.rehashPassword(account.id, previous, made.hash);
}

/** That the person has been signed out everywhere, as the page says it. */
async function endedOf(step: Step, account: Account | undefined, { settings }: PasswordOptions) {
  const ended = account && (await step.ended(account));
  if (!ended) return undefined;
  return { why: ended.why, when: timeInWords(ended.at, settings.deployment.timeZone, step.view.locale) };
}

function show(
  ctx: Context,
  step: Step,
  { pages, settings }: PasswordOptions,
  {
    status,
    retryAfter,
    ...model
  }: Pick<PasswordModel, 'username' | 'problem' | 'retryMinutes' | 'ended'> & { status?: number; retryAfter?: number },
): void {
  const asksPlus = step.level !== settings.levels[0]!.name;
  const { mayDecline } = step;
  step.show(passwordPage(pages, step.view, { action: ctx.path, asksPlus, mayDecline, ...model }), {
    status,
    retryAfter,
  });
}
