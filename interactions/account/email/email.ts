/**
 * A person's addresses, at /account/email: another one for codes and notices, and a second one for notices. Both are confirmed by
 * a code, and only fresh plus changes them. Whoever has shown no more than the mailbox for that may be somebody who reads it, so
 * the account is held then, and the old address is told how to stop it (docs/decisions/023).
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { since } from '../../../src/assurance/evidence.ts';
import { heldFor, isHeld } from '../../../src/assurance/hold.ts';
import { reached } from '../../../src/assurance/levels.ts';
import { isAddress } from '../../../src/mail/address.ts';
import { maskAddress } from '../../../src/mail/mask.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import type { Account, AccountChange, NewNotice } from '../../../src/records/records.ts';
import { activation } from '../../activate/code.ts';
import { field } from '../../form.ts';
import { digitsOf } from '../../mailed-code/codes.ts';
import { deviceOf } from '../../mailed-code/device.ts';
import { hasMailbox } from '../../mailed-code/message.ts';
import type { AccountPageParts } from '../pages.ts';
import type { AccountPage, AccountVisit } from '../visit.ts';
import { type AddressCodes, createAddressCodes, type Pending, type Use } from './codes.ts';
import { type CodeModel, codePage, type Done, donePage, type ListModel, listPage } from './page.ts';
import { texts } from './texts.ts';

const name = 'email';
const home = `${accountPath}/${name}`;

interface Parts extends AccountPageParts {
  codes: AddressCodes;
}

export function createEmailPage(given: AccountPageParts): AccountPage {
  const parts: Parts = { ...given, codes: createAddressCodes(given) };
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].about }),
    routes(router: Router, visits) {
      router.get('/', async (ctx) => {
        const visit = await visits.fresh(ctx);
        if (visit) showList(visit, parts);
      });
      router.get('/done', async (ctx) => {
        // Not guarded: after a change that the mailbox has made plus is out of reach.
        const visit = await visits.any(ctx);
        if (!visit) return;
        const done = (['email', 'held', 'added', 'removed'] as const).find((each) => each === ctx.query.what);
        if (done) visit.show(donePage(parts.pages, visit.view, { done, backHref: accountPath }));
        else visit.go(home);
      });
      router.post('/', async (ctx) => {
        const visit = await visits.fresh(ctx, home);
        if (visit) await asked(ctx, visit, parts, 'email');
      });
      router.post('/notice', async (ctx) => {
        const visit = await visits.fresh(ctx, home);
        if (!visit) return;
        if (field(ctx, 'remove') === undefined) await asked(ctx, visit, parts, 'notice');
        else await removed(ctx, visit, parts);
      });
      router.get('/code', async (ctx) => {
        const visit = await visits.fresh(ctx);
        if (!visit) return;
        const pending = await parts.codes.pending(visit);
        if (pending) showCode(visit, parts, pending);
        else visit.go(home);
      });
      router.post('/code', async (ctx) => {
        const visit = await visits.fresh(ctx, `${home}/code`);
        if (visit) await guessed(ctx, visit, parts);
      });
    },
  };
}

async function asked(ctx: Context, visit: AccountVisit, parts: Parts, use: Use): Promise<void> {
  const address = (field(ctx, use) ?? '').trim();
  const again = (problem: ListModel['problem'], status = 422) =>
    showList(visit, parts, { [use]: address, problem, field: use }, status);
  if (!isAddress(address)) return again(address ? 'malformed' : 'missing');
  const { account } = visit;
  const taken = use === 'email' ? hasMailbox(account) && account.email : account.noticeEmail;
  if (address === taken) return again('same');
  if (!(await parts.codes.send(ctx, visit, address, use))) return again('too-many', 429);
  visit.go(`${home}/code`);
}

async function guessed(ctx: Context, visit: AccountVisit, parts: Parts): Promise<void> {
  const { codes, settings } = parts;
  const pending = await codes.pending(visit);
  if (!pending) return visit.go(home);
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return showCode(visit, parts, pending, { problem: 'missing' });
  const digits = digitsOf(typed, settings.emailCode.longDigits);
  if (!digits) return showCode(visit, parts, pending, { problem: 'malformed' });
  const guess = await codes.guess(visit, pending, digits);
  switch (guess.outcome) {
    case 'right': {
      const done = await (pending.use === 'email' ? changed : added)(ctx, visit, parts, pending.to);
      return done ? visit.go(`${home}/done?what=${done}`) : showList(visit, parts, { problem: 'changed' }, 422);
    }
    case 'wrong':
      if (guess.left > 0) return showCode(visit, parts, pending, { problem: 'wrong', triesLeft: guess.left });
      return showCode(visit, parts, pending, { problem: 'spent' });
    case 'spent':
      return showCode(visit, parts, pending, { problem: 'spent' });
    case 'none':
      return showCode(visit, parts, pending, { problem: 'expired' });
  }
}

/** The new address takes the place of the old one. Undefined where the account has changed meanwhile. */
async function changed(ctx: Context, visit: AccountVisit, parts: Parts, to: string): Promise<Done | undefined> {
  const { accounts, audit, noticesWritten, now, settings } = parts;
  const { account } = visit;
  const at = now();
  const held = isHeld(account.hold, at);
  const hold = standsOnOwn(visit, parts) ? undefined : heldFor(settings.recovery.hold, account.hold, at);
  await audit.write(ctx, 'address.changed', { account, detail: { held: hold !== undefined } });
  const old = hasMailbox(account) ? account.email : undefined;
  // In a hold the address that it goes back to is the one of before all of it.
  const formerEmail = (held && account.formerEmail) || (old ?? null);
  const told = hold ?? (held ? account.hold : undefined);
  const detail = {
    ...deviceOf(ctx.get('user-agent'), account.locale),
    address: maskAddress(to),
    ...(told && { hold: String(told.since.getTime()) }),
    ...(told?.until && { until: String(told.until.getTime()) }),
  };
  // A code on its way to the old mailbox is one no more, should the address come back.
  const clear = [activation];
  const change: AccountChange = { email: to, emailVerified: true, formerEmail, clear, ...(hold && { hold }) };
  const notices = [{ kind: 'emailChanged', detail }];
  if (!(await accounts.change(account.id, change, { notices, seen: account }))) return undefined;
  // It has been told; without a hold nothing leads back to it.
  if (!told) await accounts.change(account.id, { formerEmail: null });
  noticesWritten();
  return hold ? 'held' : 'email';
}

async function added(ctx: Context, visit: AccountVisit, parts: Parts, to: string): Promise<Done | undefined> {
  const { accounts, audit, noticesWritten } = parts;
  const { account } = visit;
  await audit.write(ctx, 'notice-address.added', { account });
  const notices = [noticeOf(ctx, 'noticeEmailAdded', account, to)];
  if (!(await accounts.change(account.id, { noticeEmail: to }, { notices, seen: account }))) return undefined;
  noticesWritten();
  return 'added';
}

async function removed(ctx: Context, visit: AccountVisit, parts: Parts): Promise<void> {
  const { accounts, audit, noticesWritten, records } = parts;
  const { account } = visit;
  const { noticeEmail } = account;
  if (!noticeEmail) return visit.go(home);
  await audit.write(ctx, 'notice-address.removed', { account });
  // Written before it goes, so that it is told as well.
  await records.notices.add(account.id, noticeOf(ctx, 'noticeEmailRemoved', account, noticeEmail));
  await accounts.change(account.id, { noticeEmail: null });
  noticesWritten();
  visit.go(`${home}/done?what=removed`);
}

function noticeOf(ctx: Context, kind: string, account: Account, address: string): NewNotice {
  return { kind, detail: { ...deviceOf(ctx.get('user-agent'), account.locale), address: maskAddress(address) } };
}

/** Whether plus has lately been reached without the help of the mailbox. */
function standsOnOwn({ account, evidence }: AccountVisit, { methods, settings, now }: Parts): boolean {
  const fresh = now().getTime() - settings.account.freshness * 1000;
  const counts = since(evidence, account.validSince).filter(({ method, at }) => {
    const proves = methods.find((each) => each.name === method)?.proves;
    return proves === 'password' || (proves === 'own' && at.getTime() >= fresh);
  });
  const standing = reached(settings.levels, counts, now());
  return standing !== undefined && standing.level !== settings.levels[0];
}

function showList(
  { account, view, show }: AccountVisit,
  { pages, settings }: Parts,
  shown: Pick<ListModel, 'email' | 'notice' | 'problem' | 'field'> = {},
  status = 200,
): void {
  const model = {
    action: home,
    backHref: accountPath,
    maskedAddress: hasMailbox(account) ? maskAddress(account.email) : undefined,
    maskedNotice: account.noticeEmail && maskAddress(account.noticeEmail),
    holdHours: Math.ceil(settings.recovery.hold / 3600),
    ...shown,
  };
  show(listPage(pages, view, model), { status });
}

function showCode(
  { view, show }: AccountVisit,
  { pages, settings, codes }: Parts,
  pending: Pending,
  shown: Pick<CodeModel, 'problem' | 'triesLeft'> = {},
): void {
  const { longDigits: digits, life } = settings.emailCode;
  const model = {
    action: `${home}/code`,
    backHref: home,
    maskedAddress: maskAddress(pending.to),
    digits,
    lifeMinutes: life / 60,
    mailReference: codes.reference(pending),
    ...shown,
  };
  show(codePage(pages, view, model), { status: shown.problem ? 422 : 200 });
}
