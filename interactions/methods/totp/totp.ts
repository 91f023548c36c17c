/**
 * The method `totp`: proves that the person has the phone with the authenticator app that was set up for the account. It comes after
 * a method that has found out who the person is. What a code is worth is decided in credential.ts; this file asks for it.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Account } from '../../../src/records/records.ts';
import { poolOf } from '../../../src/throttle/throttle.ts';
import { field } from '../../form.ts';
import { type CountGuess, createGuesses, type GuessRules } from '../../guesses.ts';
import { digitsOf } from '../../mailed-code/codes.ts';
import type { Method, MethodFacts, MethodParts, Step, Steps } from '../../method.ts';
import { formStatus } from '../../send.ts';
import { digits } from './app.ts';
import { method, type Use, useCode } from './credential.ts';
import { createEnrolment } from './enrolment.ts';
import { type TotpModel, totpPage } from './page.ts';
import { texts } from './texts.ts';

/** What the method is, whatever it works with. */
export const totp: MethodFacts = {
  name: method,
  // RFC 8176: `otp` names RFC 6238, and an app is something that the person has, beside what they know.
  amr: ['otp', 'mfa'],
  identifies: false,
  proves: 'own',
  availableTo: ({ setUp }) => setUp.includes(method),
  title: (locale) => texts[locale].methodTitle,
};

const day = 24 * 60 * 60;

/**
 * A guess is right with 3 in 1,000,000: three steps count. So whoever has the password, and goes on guessing from everywhere for a
 * year, finds a code with 4 in 10,000, about what the 100 failures in a row of NIST SP 800-63B-4, 3.2.2 amount to; with 2 in 1,000 more
 * where they sit at browsers that have given a code of this very app.
 */
const rules: GuessRules = {
  name: method,
  known: { limit: 40, window: 30 * day },
  knownInAll: { limit: 60, window: 30 * day },
  here: { limit: 10, window: 15 * 60 },
  anywhere: { limit: 30, window: 90 * day },
};

/** Wrong codes in a sign-in after which the page speaks of clocks. */
const patience = 2;

interface Parts extends MethodParts {
  count: CountGuess;
}

/** The method with what it works with: credentials, the vault, the throttle, the pages. */
export function createTotp(options: MethodParts): Method {
  const parts: Parts = { ...options, count: createGuesses(options, rules) };
  return {
    ...totp,
    routes: (router, step) => mount(router, step, parts),
    enrolment: createEnrolment(options),
  };
}

function mount(router: Router, step: Steps, parts: Parts): void {
  router.get('/', async (ctx) => {
    const visit = await step(ctx);
    if (visit) show(ctx, visit, parts);
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
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return show(ctx, step, parts, { problem: 'missing' });
  const code = digitsOf(typed, digits);
  if (!code) return show(ctx, step, parts, { problem: 'malformed' });

  const account = personOf(step);
  const { origin } = step;
  const admitted = await parts.count({ account, origin, browser: step.knownAs(account.username) });
  if (admitted.outcome === 'refused') {
    await step.refused('too-many-codes', account, { last: true });
    const { retryAfter, everywhere } = admitted;
    return show(ctx, step, parts, { problem: everywhere ? 'guarded' : 'too-many', retryAfter });
  }
  const use = await useCode(parts, account, code).catch(async (fault) => {
    // Records that are away must not use up people's guesses.
    await admitted.undo();
    throw fault;
  });
  if (use === 'right') {
    await admitted.undo();
    return step.passed(account);
  }
  await step.refused(reasons[use], account);
  if (use === 'wrong') return show(ctx, step, parts, { problem: await wrongOf(step, parts) });
  if (use === 'used') return show(ctx, step, parts, { problem: 'used' });
  await admitted.undo();
  show(ctx, step, parts, { problem: 'unusable' });
}

const reasons: Record<Exclude<Use, 'right'>, string> = {
  wrong: 'wrong-code',
  used: 'code-used',
  none: 'not-set-up',
  unreadable: 'key-unreadable',
};

/** After several wrong codes in one sign-in the phone's clock is the likeliest reason. */
async function wrongOf({ uid }: Step, { throttle, settings }: Parts): Promise<'wrong' | 'wrong-clock'> {
  const sofar = poolOf(`${method}.wrong`, uid, settings.times.interaction, patience);
  return (await throttle.spend(sofar)).outcome === 'allowed' ? 'wrong' : 'wrong-clock';
}

function personOf({ account }: Step): Account {
  if (!account) throw new Error('a code of an authenticator app was asked of nobody');
  return account;
}

function show(
  ctx: Context,
  step: Step,
  { pages }: Parts,
  { retryAfter, ...shown }: Pick<TotpModel, 'problem'> & { retryAfter?: number } = {},
): void {
  const minutes = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 60);
  const model: TotpModel = { action: ctx.path, mayDecline: step.mayDecline, retryMinutes: minutes, ...shown };
  const status = formStatus(shown.problem, retryAfter);
  step.show(totpPage(pages, step.view, model), { status, retryAfter });
}
