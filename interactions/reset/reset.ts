/**
 * The way in for those who have forgotten their password: a code to the account's mailbox, and then a new password. What that is
 * worth is said before and after: a mailbox alone never gives plus, so the account is held (docs/decisions/023), everybody is
 * signed out, and all addresses are told, in one transaction with the new password.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Account } from '../../src/records/records.ts';
import { byMailbox, holdIn } from '../../src/stop.ts';
import { keptAsSeen, seenOf } from '../as-seen.ts';
import { deviceInWords } from '../device.ts';
import { field } from '../form.ts';
import { digitsOf } from '../mailed-code/codes.ts';
import { mailReference } from '../mailed-code/report.ts';
import type { Step, Steps } from '../method.ts';
import { timeInWords } from '../plain-words.ts';
import { formStatus, go } from '../send.ts';
import { choosing, homeOf, pagesOf, type WayIn, type WayInParts } from '../way-in.ts';
import { type Asking, createAsking } from './asking.ts';
import { type CodeModel, codePage, donePage, passwordPage, type StartModel, startPage } from './page.ts';
import { texts } from './texts.ts';

interface Parts extends WayInParts {
  asking: Asking;
}

/** How far a reset has come, as an account that was seen: whose mailbox has been proven, and then, whose password has been set. */
const provenKey = ({ uid }: Step) => `reset-proven:${uid}`;
const setKey = ({ uid }: Step) => `reset-set:${uid}`;

/** The way in; none where the settings have none. */
export function createReset(given: WayInParts): WayIn | undefined {
  if (!given.settings.recovery.byMail) return undefined;
  const parts: Parts = { ...given, asking: createAsking(given) };
  return {
    name: 'reset',
    method: 'password',
    forStrangers: false,
    title: (locale) => texts[locale].title,
    routes: (router, step, look) => mount(router, step, look, parts),
  };
}

function mount(router: Router, step: Steps, look: Steps, parts: Parts): void {
  const { asking, pages, settings } = parts;
  const page = pagesOf(step, (locale) => texts[locale].back);

  router.get(
    '/',
    page(async (_ctx, step) => {
      const username = (await asking.asked(step))?.username ?? step.account?.username ?? step.loginHint ?? '';
      showStart(step, parts, { username });
    }),
  );
  router.post(
    '/',
    page((ctx, step) => begun(ctx, step, parts)),
  );
  router.get(
    '/code',
    page(async (ctx, step) => {
      if (await asking.asked(step)) showCode(ctx, step, parts);
      else go(ctx, `${homeOf(step)}/reset`);
    }),
  );
  router.post(
    '/code',
    page((ctx, step) => guessed(ctx, step, parts)),
  );
  router.get(
    '/password',
    page(async (ctx, step) => {
      const account = await provenIn(step, parts);
      if (account) showPassword(ctx, step, parts, account);
      else go(ctx, `${homeOf(step)}/reset`);
    }),
  );
  router.post(
    '/password',
    page((ctx, step) => chosen(ctx, step, parts)),
  );
  router.post('/password/strength', async (ctx) => {
    const visit = await look(ctx);
    const account = visit && (await provenIn(visit, parts));
    await parts.newPassword.tell(ctx, account && choosing(visit, account));
  });
  router.get(
    '/done',
    page(async (ctx, step) => {
      const account = await setIn(step, parts);
      if (!account) return go(ctx, homeOf(step));
      const { timeZone } = settings.deployment;
      const until = account.hold?.until && timeInWords(account.hold.until, timeZone, step.view.locale);
      step.show(donePage(pages, step.view, { action: ctx.path, until }));
    }),
  );
  router.post(
    '/done',
    page(async (ctx, step) => {
      const account = await setIn(step, parts);
      if (!account || !(await parts.state.take(setKey(step)))) return go(ctx, homeOf(step));
      await step.passed(account);
    }),
  );
}

async function begun(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const username = (field(ctx, 'username') ?? '').trim();
  if (!username) return showStart(step, parts, { username, problem: 'missing' });
  const spending = await parts.asking.ask(ctx, step, username);
  if (spending.outcome === 'refused') {
    // Of nobody: a repetition is not written once more, and who has an account must not show in how long that takes.
    await step.refused('too-many-resets');
    const { retryAfter } = spending;
    const shown = { username, problem: 'too-many', retryMinutes: Math.ceil(retryAfter / 60), retryAfter } as const;
    return showStart(step, parts, shown);
  }
  await parts.audit.write(ctx, 'reset.asked', { account: spending.account, clientId: step.service.clientId });
  go(ctx, `${homeOf(step)}/reset/code`);
}

async function guessed(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { asking, state, settings } = parts;
  if (field(ctx, 'again') !== undefined) return go(ctx, `${homeOf(step)}/reset`);
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return showCode(ctx, step, parts, { problem: 'missing' });
  const digits = digitsOf(typed, settings.emailCode.longDigits);
  if (!digits) return showCode(ctx, step, parts, { problem: 'malformed' });
  const { guess, account } = await asking.guess(step, digits);
  switch (guess.outcome) {
    case 'right': {
      if (!account) return showCode(ctx, step, parts, { problem: 'expired' });
      await state.put(provenKey(step), JSON.stringify(seenOf(account)), settings.times.interaction);
      return go(ctx, `${homeOf(step)}/reset/password`);
    }
    case 'wrong':
      await step.refused('wrong-code');
      return showCode(
        ctx,
        step,
        parts,
        guess.left === 0 ? { problem: 'spent' } : { problem: 'wrong', triesLeft: guess.left },
      );
    case 'spent':
      await step.refused('codes-spent');
      return showCode(ctx, step, parts, { problem: 'spent' });
    case 'none':
      await step.refused('code-expired');
      return showCode(ctx, step, parts, { problem: 'expired' });
  }
}

async function chosen(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { state, settings, accounts } = parts;
  const account = await provenIn(step, parts);
  if (!account) return go(ctx, `${homeOf(step)}/reset`);
  const choice = await parts.newPassword.choose(ctx, choosing(step, account));
  if (choice.outcome === 'asked-again') return showPassword(ctx, step, parts, account, choice);
  // Of two browsers or clicks at once one goes on.
  const proven = await state.take(provenKey(step));
  if (!proven) return go(ctx, `${homeOf(step)}/reset/done`);
  const changed = await replace(ctx, step, parts, account, choice.hash).catch(async (fault) => {
    await state.put(provenKey(step), proven.value, settings.times.interaction);
    throw fault;
  });
  if (!changed) return showStart(step, parts, { username: account.username, problem: 'changed' });
  const now = (await accounts.find(account.id)) ?? account;
  await state.put(setKey(step), JSON.stringify(seenOf(now)), settings.times.interaction);
  go(ctx, `${homeOf(step)}/reset/done`);
}

/** Sets the password, and with it all that makes it safe. False where the account has changed meanwhile. */
async function replace(ctx: Context, step: Step, parts: Parts, account: Account, hash: string): Promise<boolean> {
  const { accounts, audit, settings, noticesWritten } = parts;
  const at = parts.now();
  await audit.write(ctx, 'password.reset', { account, clientId: step.service.clientId });
  const held = byMailbox(account, settings.recovery.hold, at);
  const change = { passwordHash: hash, endSessions: true, ...held };
  const detail = { ...deviceInWords(ctx.get('user-agent'), account.locale), ...holdIn(held.hold) };
  const changed = await accounts.change(account.id, change, {
    notices: [{ kind: 'passwordReset', detail }],
    seen: account,
  });
  if (changed) noticesWritten();
  return changed;
}

/** Whose mailbox has been proven in this sign-in. */
const provenIn = async (step: Step, parts: Parts) => (await keptAsSeen(provenKey(step), parts))?.account;

/** Whose password has been set in this sign-in. */
const setIn = async (step: Step, parts: Parts) => (await keptAsSeen(setKey(step), parts))?.account;

function showStart(
  step: Step,
  { pages, settings }: Parts,
  { retryAfter, ...shown }: Omit<StartModel, 'action' | 'holdHours'> & { retryAfter?: number },
): void {
  const model = { action: `${homeOf(step)}/reset`, holdHours: Math.ceil(settings.recovery.hold / 3600), ...shown };
  const status = formStatus(shown.problem, retryAfter);
  step.show(startPage(pages, step.view, model), { status, retryAfter });
}

function showCode(
  ctx: Context,
  step: Step,
  { pages, settings }: Parts,
  shown: Pick<CodeModel, 'problem' | 'triesLeft'> = {},
): void {
  const { longDigits: digits, life } = settings.emailCode;
  const reference = mailReference(`reset ${step.uid}`);
  const model = { action: ctx.path, digits, lifeMinutes: life / 60, mailReference: reference, ...shown };
  step.show(codePage(pages, step.view, model), { status: formStatus(shown.problem) });
}

function showPassword(
  ctx: Context,
  step: Step,
  { pages, newPassword }: Parts,
  account: Account,
  again?: Extract<Awaited<ReturnType<WayInParts['newPassword']['choose']>>, { outcome: 'asked-again' }>,
): void {
  const fields = newPassword.part(step.view.locale, `${ctx.path}/strength`, again?.said);
  const model = { action: ctx.path, username: account.username, fields, said: again?.said };
  const { status, retryAfter } = again ?? {};
  step.show(passwordPage(pages, step.view, model), { status, retryAfter, script: true });
}
