/**
 * The method `password`: proves that the person knows the password of a user name, and thereby who they are. Whether an
 * account exists shows in nothing: an unknown name costs the same budgets, the same hash and gets the same words.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Settings } from '../../../config/settings.ts';
import type { Passwords } from '../../../src/passwords/passwords.ts';
import { type Account, type Records, usernameKey } from '../../../src/records/records.ts';
import type { Pool, Throttle } from '../../../src/throttle/throttle.ts';
import { field } from '../../form.ts';
import type { Method, MethodFacts, Step } from '../../method.ts';
import type { Pages } from '../../pages/render.ts';
import { type PasswordModel, passwordPage } from './page.ts';
import { texts } from './texts.ts';

export interface PasswordOptions {
  settings: Settings;
  accounts: Records['accounts'];
  passwords: Passwords;
  throttle: Throttle;
  pages: Pages;
}

/** Longer than any user name: it finds no account, and is not stored or logged anywhere. */
const longestUsername = 256;

/** What the method is, whatever it works with. */
export const password: MethodFacts = {
  name: 'password',
  amr: ['pwd'],
  identifies: true,
  // Every account has one; one without a hash has the same refusals as a wrong password.
  availableTo: () => true,
  title: (locale) => texts[locale].methodTitle,
};

/** The method with what it works with: accounts, the throttle, the hashing queue, the pages. */
export function createPassword(options: PasswordOptions): Method {
  return {
    ...password,
    routes(router: Router, step) {
      router.get('/', async (ctx) => {
        const visit = await step(ctx);
        if (visit) show(ctx, visit, options, { username: visit.account?.username ?? visit.loginHint ?? '' });
      });
      router.post('/', async (ctx) => {
        const visit = await step(ctx);
        if (!visit) return;
        if (field(ctx, 'cancel') !== undefined) return visit.cancelled();
        if (field(ctx, 'decline') !== undefined && visit.mayDecline) return visit.declined();
        await submitted(ctx, visit, options);
      });
    },
  };
}

async function submitted(ctx: Context, step: Step, options: PasswordOptions): Promise<void> {
  const username = (field(ctx, 'username') ?? '').trim();
  const password = field(ctx, 'password') ?? '';
  const missing = missingOf(username, password);
  if (missing) return show(ctx, step, options, { username, problem: missing, status: 422 });

  const pool = poolOf(username, step.origin, options);
  const budget = await options.throttle.spend(pool);
  if (budget.outcome === 'refused') {
    await step.refused('too-many-tries');
    const retryMinutes = Math.ceil(budget.retryAfter / 60);
    return show(ctx, step, options, {
      username,
      problem: 'too-many',
      retryMinutes,
      status: 429,
      retryAfter: budget.retryAfter,
    });
  }

  const found = await find(username, options).catch(async (fault) => {
    // A database that is away must not use up people's tries, and with them those of a whole office.
    await options.throttle.refund(pool);
    throw fault;
  });
  const check = await options.passwords.verify(found?.passwordHash, password);
  switch (check.outcome) {
    case 'busy':
      await options.throttle.refund(pool);
      return show(ctx, step, options, { username, problem: 'busy', status: 503, retryAfter: check.retryAfter });
    case 'wrong':
      await step.refused('wrong-password', found?.account);
      return show(ctx, step, options, { username, problem: 'wrong', status: 422 });
    case 'right':
      break;
  }
  const { account, passwordHash } = found!;
  if (account.status !== 'active') {
    await step.refused('account-disabled', account);
    return show(ctx, step, options, { username, problem: 'wrong', status: 422 });
  }
  await options.throttle.refund(pool);
  if (check.rehash) await rehash(account, passwordHash!, password, options);
  await step.passed(account);
}

async function find(username: string, { accounts }: PasswordOptions) {
  return username.length <= longestUsername ? accounts.findForPassword(username) : undefined;
}

function missingOf(username: string, password: string): PasswordModel['problem'] {
  if (username && password) return undefined;
  if (username) return 'password-missing';
  return password ? 'username-missing' : 'both-missing';
}

/** Counted before anything is looked up, by the name that was typed: an unknown one has the same budget. */
function poolOf(username: string, origin: string, { settings }: PasswordOptions): Pool {
  const { window, triesPerAccount, triesPerOrigin } = settings.password;
  // As records look it up: a spelling that finds the same account has no tries of its own.
  const name = usernameKey(username) ?? username;
  const budgets = [
    { of: '', limit: triesPerOrigin },
    { of: `account ${name}`, limit: triesPerAccount },
  ];
  return { name: 'password', key: origin, window, budgets };
}

/** The setting has risen since this hash was made. When the queue is full the next sign-in does it. */
async function rehash(account: Account, previous: string, password: string, options: PasswordOptions): Promise<void> {
  const made = await options.passwords.hash(password);
  if (made.outcome === 'hashed') await options.accounts.rehashPassword(account.id, previous, made.hash);
}

function show(
  ctx: Context,
  step: Step,
  { pages, settings }: PasswordOptions,
  {
    status,
    retryAfter,
    ...model
  }: Pick<PasswordModel, 'username' | 'problem' | 'retryMinutes'> & { status?: number; retryAfter?: number },
): void {
  const asksPlus = step.level !== settings.levels[0]!.name;
  const { mayDecline } = step;
  step.show(passwordPage(pages, step.view, { action: ctx.path, asksPlus, mayDecline, ...model }), {
    status,
    retryAfter,
  });
}
