/**
 * The way in for those who have a code from the operator: user name and code, and then a new password. A code that came by letter
 * proves that its owner has the letter; one that was mailed proves the mailbox alone, and the account is held (docs/decisions/023).
 * Whose code it is, whether there is one, and whether it is right: all that is not so has the same answer.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Account, type Credential, type NewNotice, usernameKey } from '../../src/records/records.ts';
import { byMailbox, holdIn } from '../../src/stop.ts';
import type { Pool } from '../../src/throttle/throttle.ts';
import { keptAsSeen, type Seen, seenOf } from '../as-seen.ts';
import { deviceInWords } from '../device.ts';
import { field } from '../form.ts';
import type { Step, Steps } from '../method.ts';
import type { Choice } from '../new-password/new-password.ts';
import { timeInWords } from '../plain-words.ts';
import { codeOf } from '../printed-code.ts';
import { formStatus, go } from '../send.ts';
import { choosing, homeOf, pagesOf, type WayIn, type WayInParts } from '../way-in.ts';
import { type ActivationCodes, activation, createActivationCodes, type Handing } from './code.ts';
import { donePage, passwordPage, type StartModel, startPage } from './page.ts';
import { texts } from './texts.ts';

/** Whose code has been given in this sign-in, and what was kept of it: it is used up with the password. */
interface Progress extends Seen {
  credential: Pick<Credential, 'method' | 'id' | 'data'>;
  handing: Handing;
}

interface Parts extends WayInParts {
  codes: ActivationCodes;
}

const progressKey = ({ uid }: Step) => `activating:${uid}`;
const doneKey = ({ uid }: Step) => `activated:${uid}`;

/** The way in; every deployment has it. */
export function createActivate(given: WayInParts): WayIn {
  const { secrets, recovery } = given.settings;
  const codes = createActivationCodes({ keys: secrets.credentialKeys, life: recovery.codeLife, now: given.now });
  const parts: Parts = { ...given, codes };
  return {
    name: 'activate',
    method: 'password',
    forStrangers: false,
    title: (locale) => texts[locale].title,
    routes: (router, step, look) => mount(router, step, look, parts),
  };
}

function mount(router: Router, step: Steps, look: Steps, parts: Parts): void {
  const page = pagesOf(step, (locale) => texts[locale].back);

  router.get(
    '/',
    page((_ctx, step) => showStart(step, parts, { username: step.account?.username ?? step.loginHint ?? '' })),
  );
  router.post(
    '/',
    page((ctx, step) => given(ctx, step, parts)),
  );
  router.get(
    '/password',
    page(async (ctx, step) => {
      const now = await progressIn(step, parts);
      if (now) showPassword(step, parts, now);
      else go(ctx, `${homeOf(step)}/activate`);
    }),
  );
  router.post(
    '/password',
    page((ctx, step) => chosen(ctx, step, parts)),
  );
  router.post('/password/strength', async (ctx) => {
    const visit = await look(ctx);
    const now = visit && (await progressIn(visit, parts));
    await parts.newPassword.tell(ctx, now && choosing(visit, now.account));
  });
  router.get(
    '/done',
    page(async (ctx, step) => {
      const done = await doneIn(step, parts);
      if (!done) return go(ctx, homeOf(step));
      const { hold } = done.account;
      const { timeZone } = parts.settings.deployment;
      const until = hold?.until && timeInWords(hold.until, timeZone, step.view.locale);
      step.show(donePage(parts.pages, step.view, { action: ctx.path, held: hold !== undefined, until }));
    }),
  );
  router.post(
    '/done',
    page(async (ctx, step) => {
      const done = await doneIn(step, parts);
      if (!done || !(await parts.state.take(doneKey(step)))) return go(ctx, homeOf(step));
      await step.passed(done.account);
    }),
  );
}

async function given(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { accounts, credentials, codes, throttle, state, settings } = parts;
  const username = (field(ctx, 'username') ?? '').trim();
  const typed = field(ctx, 'code') ?? '';
  if (!username || !typed.trim())
    return showStart(step, parts, { username, problem: username ? 'code-missing' : 'username-missing' });
  // Nobody guesses such a code: this keeps the work bounded, and the audit readable.
  const { window, triesPerOrigin, triesPerAccount } = settings.password;
  const budgets = [
    { of: '', limit: triesPerOrigin },
    { of: usernameKey(username) ?? username, limit: triesPerAccount },
  ];
  const tries: Pool = { name: 'activation', key: step.origin, window, budgets };
  const spending = await throttle.spend(tries);
  if (spending.outcome === 'refused') {
    await step.refused('too-many-activations');
    return showStart(step, parts, { username, problem: 'too-many', retryAfter: spending.retryAfter });
  }
  const code = codeOf(typed) ?? '';
  const account = await accounts.findByUsername(username);
  const [credential] = await credentials.list(account?.id ?? 'nobody', activation);
  const handing = credential && codes.read(account!, credential, code);
  if (!handing || account?.status !== 'active') {
    await step.refused('wrong-activation-code', account);
    return showStart(step, parts, { username, problem: 'wrong' });
  }
  await throttle.refund(tries);
  const { method, id, data } = credential;
  const progress: Progress = { ...seenOf(account), credential: { method, id, data }, handing };
  await state.put(progressKey(step), JSON.stringify(progress), settings.times.interaction);
  go(ctx, `${homeOf(step)}/activate/password`);
}

async function chosen(ctx: Context, step: Step, parts: Parts): Promise<void> {
  const { state, settings, accounts } = parts;
  const now = await progressIn(step, parts);
  if (!now) return go(ctx, `${homeOf(step)}/activate`);
  const choice = await parts.newPassword.choose(ctx, choosing(step, now.account));
  if (choice.outcome === 'asked-again') return showPassword(step, parts, now, choice);
  if (!(await replace(ctx, step, parts, now, choice.hash))) {
    // Of two browsers or clicks at once one goes on; and a code that was replaced meanwhile is none any more.
    if (await doneIn(step, parts)) return go(ctx, `${homeOf(step)}/activate/done`);
    return showStart(step, parts, { username: now.account.username, problem: 'wrong' });
  }
  const account = (await accounts.find(now.account.id))!;
  // The proof is dated when its request began, which was before the password was set: it takes another one.
  await state.put(doneKey(step), JSON.stringify(seenOf(account)), settings.times.interaction);
  go(ctx, `${homeOf(step)}/activate/done`);
}

type Now = Progress & { account: Account };

/** Uses the code up and sets the password, with all that belongs to it. False where the code is gone. */
async function replace(ctx: Context, step: Step, parts: Parts, now: Now, hash: string): Promise<boolean> {
  const { accounts, audit, settings, noticesWritten } = parts;
  const { account, credential, handing } = now;
  await audit.write(ctx, 'account.activated', { account, clientId: step.service.clientId, detail: { handing } });
  const from = deviceInWords(ctx.get('user-agent'), account.locale);
  const held = handing === 'mail' ? byMailbox(account, settings.recovery.hold, parts.now()) : undefined;
  const notice: NewNotice = held
    ? { kind: 'passwordReset', detail: { ...from, ...holdIn(held.hold) } }
    : { kind: 'passwordByCode', detail: from };
  const change = { uses: credential, passwordHash: hash, endSessions: true, ...held };
  const changed = await accounts.change(account.id, change, { notices: [notice], seen: account });
  if (changed) noticesWritten();
  return changed;
}

/** Whose code has been given in this sign-in, if nothing has overtaken that. */
const progressIn = (step: Step, parts: Parts) => keptAsSeen<Progress>(progressKey(step), parts);

/** Whose password has been set in this sign-in, if nothing has ended their sessions since. */
const doneIn = (step: Step, parts: Parts) => keptAsSeen(doneKey(step), parts);

function showStart(
  step: Step,
  { pages }: Parts,
  { retryAfter, ...shown }: Omit<StartModel, 'action'> & { retryAfter?: number },
): void {
  const retryMinutes = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 60);
  const html = startPage(pages, step.view, { action: `${homeOf(step)}/activate`, retryMinutes, ...shown });
  step.show(html, { status: formStatus(shown.problem, retryAfter), retryAfter });
}

function showPassword(
  step: Step,
  { pages, newPassword, settings }: Parts,
  { account, handing }: Now,
  again?: Extract<Choice, { outcome: 'asked-again' }>,
): void {
  const path = `${homeOf(step)}/activate/password`;
  const fields = newPassword.part(step.view.locale, `${path}/strength`, again?.said);
  const holdHours = handing === 'mail' ? Math.ceil(settings.recovery.hold / 3600) : undefined;
  const html = passwordPage(pages, step.view, {
    ...{ action: path, username: account.username, fields, holdHours, said: again?.said },
  });
  step.show(html, { status: again?.status, retryAfter: again?.retryAfter, script: true });
}
