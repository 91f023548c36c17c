/**
 * Making an account of one's own, inside a sign-in: an e-mail address, a code that is mailed to it, and then user name, what the settings
 * ask, and a password. Nothing is in the records before the end. The address gets the same answer whether accounts have it or not:
 * they need not differ in it. That a user name is taken has to be said; only who has confirmed an address learns it, so many times a day.
 */

import { randomUUID } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { isAddress, mailboxOf } from '../../src/mail/address.ts';
import { poolOf, spendInTurn } from '../../src/throttle/throttle.ts';
import { field } from '../form.ts';
import { digitsOf } from '../mailed-code/codes.ts';
import { mailReference } from '../mailed-code/report.ts';
import type { Step, Steps } from '../method.ts';
import type { Choice } from '../new-password/new-password.ts';
import { formStatus, go } from '../send.ts';
import { choosing, homeOf, pagesOf, type WayIn, type WayInParts } from '../way-in.ts';
import { saidIn } from './about.ts';
import { type Confirming, createConfirming } from './confirming.ts';
import { type AboutModel, aboutPage, type CodeModel, codePage, type StartModel, startPage } from './page.ts';
import { texts } from './texts.ts';

interface Parts extends WayInParts {
  confirming: Confirming;
}

const day = 24 * 3600;
/** User names that one origin, and the owner of one address, may learn to be taken in a day, beyond which nobody mistypes. */
const namesADay = 30;

/** The way in; none where the settings have none. */
export function createSignUp(given: WayInParts): WayIn | undefined {
  if (!given.settings.signUp.enabled) return undefined;
  const parts: Parts = { ...given, confirming: createConfirming(given) };
  return {
    name: 'sign-up',
    method: 'password',
    forStrangers: true,
    creates: true,
    title: (locale) => texts[locale].title,
    routes: (router, step, look) => mount(router, step, look, parts),
  };
}

function mount(router: Router, step: Steps, look: Steps, parts: Parts): void {
  const { confirming } = parts;
  const page = pagesOf(step, (locale) => texts[locale].back);

  router.get(
    '/',
    page(async (_ctx, step) => showStart(step, parts, { email: (await confirming.asked(step))?.email ?? '' })),
  );
  router.post(
    '/',
    page((ctx, step) => addressed(ctx, step, parts)),
  );
  router.get(
    '/code',
    page(async (ctx, step) => {
      const asked = await confirming.asked(step);
      if (!asked) return go(ctx, `${homeOf(step)}/sign-up`);
      showCode(ctx, step, parts, asked.email);
    }),
  );
  router.post(
    '/code',
    page((ctx, step) => guessed(ctx, step, parts)),
  );
  router.get(
    '/about',
    page(async (ctx, step) => {
      const email = await confirming.confirmed(step);
      if (email) showAbout(step, parts, { email, values: {} });
      else go(ctx, `${homeOf(step)}/sign-up`);
    }),
  );
  router.post(
    '/about',
    page((ctx, step) => described(ctx, step, parts)),
  );
  router.post('/about/strength', async (ctx) => {
    const visit = await look(ctx);
    const email = visit && (await confirming.confirmed(visit));
    await parts.newPassword.tell(ctx, email ? choosing(visit, { email }) : undefined);
  });
}

async function addressed(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const email = (field(ctx, 'email') ?? '').trim();
  if (!isAddress(email)) return showStart(step, parts, { email, problem: email ? 'malformed' : 'missing' });
  const asking = await parts.confirming.ask(ctx, step, email);
  if (asking.outcome === 'allowed') return go(ctx, `${homeOf(step)}/sign-up/code`);
  await step.refused('too-many-sign-ups');
  showStart(step, parts, { email, problem: 'too-many', retryAfter: asking.retryAfter });
}

async function guessed(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const asked = await parts.confirming.asked(step);
  if (!asked || field(ctx, 'again') !== undefined) return go(ctx, `${homeOf(step)}/sign-up`);
  const show = (shown: Pick<CodeModel, 'problem' | 'triesLeft'>) => showCode(ctx, step, parts, asked.email, shown);
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return show({ problem: 'missing' });
  const code = digitsOf(typed, parts.settings.emailCode.longDigits);
  if (!code) return show({ problem: 'malformed' });
  const guess = await parts.confirming.guess(step, code);
  switch (guess.outcome) {
    case 'right':
      return go(ctx, `${homeOf(step)}/sign-up/about`);
    case 'wrong':
      await step.refused('wrong-code');
      return show(guess.left === 0 ? { problem: 'spent' } : { problem: 'wrong', triesLeft: guess.left });
    case 'spent':
      await step.refused('codes-spent');
      return show({ problem: 'spent' });
    case 'none':
      // The code was used in another tab, or this one went back.
      if (await parts.confirming.confirmed(step)) return go(ctx, `${homeOf(step)}/sign-up/about`);
      await step.refused('code-expired');
      return show({ problem: 'expired' });
  }
}

async function described(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { confirming, accounts, audit, throttle } = parts;
  const email = await confirming.confirmed(step);
  if (!email) return go(ctx, `${homeOf(step)}/sign-up`);
  const { account, values, problem } = saidIn(ctx, step, parts, email);
  const again = (shown: Pick<AboutModel, 'problem'> & { choice?: Asked; retryAfter?: number }) =>
    showAbout(step, parts, { email, values, ...shown });
  if (problem) return again({ problem });
  const choice = await parts.newPassword.choose(ctx, choosing(step, account));
  if (choice.outcome === 'asked-again') return again({ choice });
  const names = [
    poolOf('sign-up.names', step.origin, day, namesADay),
    poolOf('sign-up.names-by', mailboxOf(email), day, namesADay),
  ];
  const spending = await spendInTurn(throttle, names);
  if (spending.outcome === 'refused') {
    await step.refused('too-many-usernames');
    return again({ problem: 'too-many', retryAfter: spending.retryAfter });
  }
  if (await accounts.findByUsername(account.username)) return again({ problem: 'taken' });
  // Of two clicks, or tabs, one makes the account.
  if (!(await confirming.use(step))) return go(ctx, homeOf(step));
  const id = randomUUID();
  const notice = { kind: 'welcome', detail: { username: account.username } };
  const add = async () => {
    await audit.write(ctx, 'account.signed-up', { account: { id }, clientId: step.service.clientId });
    return accounts.addMany([{ id, account, passwordHash: choice.hash, notice }]);
  };
  const added = await add().catch(async (fault) => {
    await confirming.giveBack(step, email);
    throw fault;
  });
  if (added.size === 0) {
    await confirming.giveBack(step, email);
    return again({ problem: 'taken' });
  }
  for (const pool of names) await throttle.refund(pool);
  parts.noticesWritten();
  await step.passed((await accounts.find(id))!);
}

type Asked = Extract<Choice, { outcome: 'asked-again' }>;

function showStart(
  step: Step,
  { pages }: Parts,
  { retryAfter, ...shown }: Omit<StartModel, 'action'> & { retryAfter?: number },
): void {
  const retryMinutes = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 60);
  const html = startPage(pages, step.view, { action: `${homeOf(step)}/sign-up`, retryMinutes, ...shown });
  step.show(html, { status: formStatus(shown.problem, retryAfter), retryAfter });
}

function showCode(
  ctx: Context,
  step: Step,
  { pages, settings }: Parts,
  email: string,
  shown: Pick<CodeModel, 'problem' | 'triesLeft'> = {},
): void {
  const { longDigits: digits, life } = settings.emailCode;
  const reference = mailReference(`sign-up ${step.uid}`);
  const model = { action: ctx.path, email, digits, lifeMinutes: life / 60, mailReference: reference, ...shown };
  step.show(codePage(pages, step.view, model), { status: formStatus(shown.problem) });
}

function showAbout(
  step: Step,
  { pages, newPassword, settings }: Parts,
  {
    choice,
    retryAfter,
    ...shown
  }: Pick<AboutModel, 'email' | 'values' | 'problem'> & { choice?: Asked; retryAfter?: number },
): void {
  const path = `${homeOf(step)}/sign-up/about`;
  const fields = newPassword.part(step.view.locale, `${path}/strength`, choice?.said);
  const model = { action: path, asks: settings.signUp.asks, fields, said: choice?.said, ...shown };
  const status = choice?.status ?? formStatus(shown.problem, retryAfter);
  step.show(aboutPage(pages, step.view, model), { status, retryAfter: retryAfter ?? choice?.retryAfter, script: true });
}
