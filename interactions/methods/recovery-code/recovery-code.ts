/**
 * The method `recovery-code`: proves that the person has the sheet of codes that was printed for the account, each of which works once.
 * It comes after a method that has found out who the person is, and stands in for what is lost. What a code is worth is decided in
 * credential.ts; this file asks for it.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Account, NewNotice } from '../../../src/records/records.ts';
import { deviceInWords } from '../../device.ts';
import { field } from '../../form.ts';
import { type CountGuess, createGuesses, type GuessRules } from '../../guesses.ts';
import type { Method, MethodFacts, MethodParts, Step, Steps } from '../../method.ts';
import { codeOf } from '../../printed-code.ts';
import { formStatus } from '../../send.ts';
import { method, useCode } from './credential.ts';
import { createEnrolment } from './enrolment.ts';
import { type RecoveryCodeModel, recoveryCodePage } from './page.ts';
import { texts } from './texts.ts';

/** What the method is, whatever it works with. */
export const recoveryCode: MethodFacts = {
  name: method,
  // RFC 8176 has no name for a sheet of codes; each is a one-time password, of something that the person has.
  amr: ['otp', 'mfa'],
  identifies: false,
  proves: 'own',
  spare: true,
  availableTo: ({ setUp }) => setUp.includes(method),
  title: (locale) => texts[locale].methodTitle,
};

/** Nobody finds 80 bits by guessing (NIST SP 800-63B-4, 3.1.2.2): this only keeps the noise down. */
const rules: GuessRules = {
  name: method,
  known: { limit: 40, window: 30 * 24 * 60 * 60 },
  here: { limit: 10, window: 15 * 60 },
};

interface Parts extends MethodParts {
  count: CountGuess;
}

/** The method with what it works with: credentials, the throttle, the pages. */
export function createRecoveryCode(options: MethodParts): Method {
  const parts: Parts = { ...options, count: createGuesses(options, rules) };
  return {
    ...recoveryCode,
    routes: (router, step) => mount(router, step, parts),
    enrolment: createEnrolment(options),
  };
}

function mount(router: Router, step: Steps, parts: Parts): void {
  router.get('/', async (ctx) => {
    const visit = await step(ctx);
    if (visit) await show(ctx, visit, parts);
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
  const { credentials, settings, count } = parts;
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return show(ctx, step, parts, { problem: 'missing' });
  const code = codeOf(typed);
  if (!code) return show(ctx, step, parts, { problem: 'malformed' });

  const account = personOf(step);
  const admitted = await count({ account, origin: step.origin, browser: step.knownAs(account.username) });
  if (admitted.outcome === 'refused') {
    await step.refused('too-many-codes', account, { last: true });
    return show(ctx, step, parts, { problem: 'too-many', retryAfter: admitted.retryAfter });
  }
  const notice = (left: number) => noticeOf(ctx, step, account, left, parts);
  const use = await useCode(credentials, settings.secrets.credentialKeys, account, code, notice).catch(
    async (fault) => {
      // Records that are away must not use up people's guesses.
      await admitted.undo();
      throw fault;
    },
  );
  if (use === 'right') {
    await admitted.undo();
    return step.passed(account);
  }
  await step.refused('wrong-code', account);
  return show(ctx, step, parts, { problem: 'wrong' });
}

function noticeOf(
  ctx: Context,
  { service }: Step,
  account: Account,
  left: number,
  { settings }: Parts,
): NewNotice | undefined {
  if (!settings.notices.recoveryCodeUsed) return undefined;
  const device = deviceInWords(ctx.get('user-agent'), account.locale);
  return { kind: 'recoveryCodeUsed', detail: { ...device, service: service.name, left: String(left) } };
}

function personOf({ account }: Step): Account {
  if (!account) throw new Error('a recovery code was asked of nobody');
  return account;
}

async function show(
  ctx: Context,
  step: Step,
  { pages, credentials }: Parts,
  { retryAfter, ...shown }: Pick<RecoveryCodeModel, 'problem'> & { retryAfter?: number } = {},
): Promise<void> {
  const left = (await credentials.list(personOf(step).id, method)).length;
  const retryMinutes = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 60);
  const model: RecoveryCodeModel = { action: ctx.path, left, mayDecline: step.mayDecline, retryMinutes, ...shown };
  const status = formStatus(shown.problem, retryAfter);
  step.show(recoveryCodePage(pages, step.view, model), { status, retryAfter });
}
