/**
 * The method `email-code`: proves that the person can read the mailbox registered for the account. It comes after a method
 * that has found out who the person is, and sends nothing before that: strangers cannot fill a mailbox.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Settings } from '../../../config/settings.ts';
import { sourceOf } from '../../../src/audit/audit.ts';
import { maskAddress } from '../../../src/mail/mask.ts';
import type { Account } from '../../../src/records/records.ts';
import type { State } from '../../../src/state/state.ts';
import type { Throttle } from '../../../src/throttle/throttle.ts';
import { field } from '../../form.ts';
import { hasProven } from '../../known-browsers.ts';
import { hasMailbox } from '../../mailbox.ts';
import { type CodeBudgets, type Counted, createCodeBudgets } from '../../mailed-code/budgets.ts';
import { type Binding, type Codes, createCodes, digitsOf } from '../../mailed-code/codes.ts';
import type { Deliver } from '../../mailed-code/deliver.ts';
import { codeMessage } from '../../mailed-code/message.ts';
import { mailReference } from '../../mailed-code/report.ts';
import type { Method, MethodFacts, Step, Steps } from '../../method.ts';
import type { Pages } from '../../pages/render.ts';
import { formStatus } from '../../send.ts';
import { type EmailCodeModel, emailCodePage } from './page.ts';
import { type Asked, type Compose, createSender, type MailStatus, type Sender } from './sending.ts';
import { texts } from './texts.ts';

export interface EmailCodeOptions {
  settings: Settings;
  state: State;
  throttle: Throttle;
  pages: Pages;
  now: () => Date;
  deliver: Deliver;
}

/** What the method is, whatever it works with. */
export const emailCode: MethodFacts = {
  name: 'email-code',
  amr: ['otp'],
  identifies: false,
  proves: 'mailbox',
  availableTo: hasMailbox,
  title: (locale) => texts[locale].methodTitle,
};

/** The method with what it works with: the store, the mailer, the pages. */
export function createEmailCode(options: EmailCodeOptions): Method {
  const { settings, state, throttle, now, deliver } = options;
  const signInLife = settings.times.interaction;
  const codes = createCodes(state, settings.secrets.codeKeys, { ...settings.emailCode, signInLife });
  const budgets = createCodeBudgets(throttle, settings.emailCode);
  const sender = createSender({
    state,
    codes,
    budgets,
    settings: settings.emailCode,
    interactionLife: signInLife,
    now,
    deliver,
  });
  const parts: Parts = { ...options, codes, budgets, sender };
  return {
    ...emailCode,
    routes: (router, step, look) => mount(router, step, look, parts),
  };
}

interface Parts extends EmailCodeOptions {
  codes: Codes;
  budgets: CodeBudgets;
  sender: Sender;
}

function mount(router: Router, step: Steps, look: Steps, parts: Parts): void {
  router.get('/', async (ctx) => {
    const visit = await step(ctx);
    if (!visit) return;
    const account = personOf(visit);
    const mail = await parts.sender.first(askedBy(ctx, visit, account), mailFor(ctx, visit, account, parts));
    showWith(ctx, visit, parts, mail, ctx.query.resent === undefined ? {} : { notice: 'resent' });
  });

  /** For the page's script: whether the mail has left. It goes nowhere and ends nothing, because the script is not the browser. */
  router.get('/delivery', async (ctx) => {
    const visit = await look(ctx);
    const status = visit && (await parts.sender.status(bindingOf(visit, personOf(visit))));
    ctx.set('cache-control', 'no-store');
    ctx.body = { delivery: status?.delivery ?? 'over' };
  });

  router.post('/', async (ctx) => {
    const visit = await step(ctx);
    if (!visit) return;
    if (field(ctx, 'cancel') !== undefined) return visit.cancelled();
    if (field(ctx, 'decline') !== undefined && visit.mayDecline) return visit.declined();
    if (field(ctx, 'resend') !== undefined) return resend(ctx, visit, parts);
    await submitted(ctx, visit, parts);
  });
}

async function submitted(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { budgets, codes, sender } = parts;
  const { digits, longDigits } = parts.settings.emailCode;
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return show(ctx, step, parts, { problem: 'missing' });
  const code = digitsOf(typed, digits, longDigits);
  if (!code) return show(ctx, step, parts, { problem: 'malformed' });

  const account = personOf(step);
  const binding = bindingOf(step, account);
  const counted = countedFor(step, account);
  const budget = await budgets.mayGuess(counted);
  if (budget.outcome === 'refused') {
    await step.refused('too-many-codes', account, { last: true });
    return show(ctx, step, parts, { problem: 'account-limit', retryAfter: budget.retryAfter });
  }
  const short = code.length === digits;
  const { live, long } = short ? await sender.status(binding) : { live: 0, long: true };
  const chances = Math.max(1, live);
  if (short && (await budgets.mayGuessShort(account.id, chances)).outcome === 'refused') {
    await step.refused('too-many-short-codes', account);
    return show(ctx, step, parts, { problem: 'too-short' });
  }
  const guess = await codes.guess(binding, code);
  switch (guess.outcome) {
    case 'right':
      await Promise.all([
        budgets.forgiveGuess(counted),
        // Which of the wrong ones were guesses at short codes is not known once there are long ones.
        short && budgets.forgiveShort(account.id, chances, long ? 0 : guess.wrong),
      ]);
      return step.passed(account);
    case 'wrong':
      await step.refused('wrong-code', account, { last: guess.left === 0 });
      if (guess.left === 0) return spent(ctx, step, parts);
      return show(ctx, step, parts, { problem: 'wrong', triesLeft: guess.left });
    case 'spent':
      await step.refused('codes-spent', account);
      return spent(ctx, step, parts);
    case 'none':
      await step.refused('code-expired', account);
      return show(ctx, step, parts, { problem: 'expired' });
  }
}

async function spent(ctx: Context, step: Step, parts: Parts): Promise<void> {
  await parts.sender.close(bindingOf(step, personOf(step)));
  return show(ctx, step, parts, { problem: 'spent' });
}

/** After a resend the browser is sent to the page anew, so that loading it again sends nothing. */
async function resend(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const account = personOf(step);
  const sending = await parts.sender.again(askedBy(ctx, step, account), mailFor(ctx, step, account, parts));
  switch (sending.outcome) {
    case 'sending':
      ctx.status = 303;
      return ctx.redirect(`${ctx.path}?resent=1`);
    case 'too-soon':
      return show(ctx, step, parts, { problem: 'resend-too-soon', retryAfter: sending.wait });
    case 'sign-in-limit':
      return show(ctx, step, parts, { problem: 'resend-limit' });
    case 'account-limit':
      return show(ctx, step, parts, { problem: 'account-limit' });
    case 'closed':
      return show(ctx, step, parts, { problem: 'spent' });
  }
}

function personOf(step: Step): Account & { email: string } {
  if (!step.account?.email) throw new Error('the e-mail code was asked of nobody with an address');
  return step.account as Account & { email: string };
}

/** A code that was mailed to an address which has been left proves nothing. */
function bindingOf(step: Step, { id, email }: Account): Binding {
  return { uid: step.uid, accountId: id, level: step.level, to: email };
}

/** In a browser that the person has entered a code in before, nobody else can use up their tries and mails, nor by having sessions ended. */
function countedFor(step: Step, account: Account): Counted {
  const browser = step.knownAs(account.username);
  return { accountId: account.id, apart: browser && hasProven(browser, account) ? browser.key : undefined };
}

function askedBy(ctx: Context, step: Step, account: Account): Asked {
  const source = sourceOf(ctx);
  return { ...bindingOf(step, account), ...countedFor(step, account), clientId: step.service.clientId, source };
}

function mailFor(ctx: Context, step: Step, account: Account & { email: string }, parts: Parts): Compose {
  const { locale } = step.view;
  return (code) =>
    codeMessage(parts.settings, {
      to: account.email,
      locale,
      code,
      service: step.service.name,
      time: parts.now(),
      userAgent: ctx.get('user-agent'),
      reference: mailReference(step.uid),
    });
}

type Shown = Pick<EmailCodeModel, 'problem' | 'triesLeft' | 'notice'> & { retryAfter?: number };

async function show(ctx: Context, step: Step, parts: Parts, shown: Shown): Promise<void> {
  showWith(ctx, step, parts, await parts.sender.status(bindingOf(step, personOf(step))), shown);
}

function showWith(ctx: Context, step: Step, parts: Parts, mail: MailStatus, { retryAfter, ...asked }: Shown): void {
  const { settings, pages } = parts;
  const account = personOf(step);
  const shown: typeof asked = mail.closed ? { problem: 'spent' } : asked;
  const model: EmailCodeModel = {
    action: ctx.path,
    statusUrl: `${ctx.path}/delivery`,
    maskedAddress: maskAddress(account.email),
    lifeMinutes: settings.emailCode.life / 60,
    digits: mail.long ? settings.emailCode.longDigits : settings.emailCode.digits,
    mailReference: mailReference(step.uid),
    delivery: mail.delivery,
    resendInSeconds: mail.wait,
    sendsLeft: mail.sendsLeft,
    mayDecline: step.mayDecline,
    ...shown,
  };
  const status = formStatus(shown.problem, retryAfter);
  step.show(emailCodePage(pages, step.view, model), { status, retryAfter, script: true });
}
