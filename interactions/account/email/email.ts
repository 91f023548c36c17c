/**
 * A person's addresses, at /account/email: another one for codes and notices, and a second one for notices. Both are confirmed by
 * a code, and only fresh plus changes them. Whoever has shown no more than the mailbox for that may be somebody who reads it, so
 * the account is held then, and the old address is told how to stop it (docs/decisions/023).
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { isHeld } from '../../../src/assurance/hold.ts';
import { isAddress } from '../../../src/mail/address.ts';
import { maskAddress } from '../../../src/mail/mask.ts';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import { field } from '../../form.ts';
import { hasMailbox } from '../../mailbox.ts';
import { digitsOf } from '../../mailed-code/codes.ts';
import { formStatus } from '../../send.ts';
import type { AccountPageParts } from '../pages.ts';
import type { AccountPage, AccountVisit } from '../visit.ts';
import { changeFirst, changeSecond, confirmAddress, mayConfirm } from './changes.ts';
import { type AddressCodes, createAddressCodes, type Pending, type Use } from './codes.ts';
import { type CodeModel, codePage, type Done, donePage, type ListModel, listPage } from './page.ts';
import { texts } from './texts.ts';

const name = 'email';
const home = `${accountPath}/${name}`;

interface Parts extends AccountPageParts {
  codes: AddressCodes;
}

/** The page of a person's addresses: every change takes fresh plus, and a code from the new mailbox. */
export function createEmailPage(given: AccountPageParts): AccountPage {
  const parts: Parts = { ...given, codes: createAddressCodes(given) };
  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].about }),
    routes(router: Router, visits) {
      router.get('/', async (ctx) => {
        const visit = await visits.fresh(ctx);
        if (visit) await showList(visit, parts);
      });
      router.get('/done', async (ctx) => {
        // Not guarded: after a change that the mailbox has made plus is out of reach.
        const visit = await visits.any(ctx);
        if (!visit) return;
        const done = (['email', 'held', 'added', 'removed', 'confirmed'] as const).find(
          (each) => each === ctx.query.what,
        );
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
        if (field(ctx, 'remove') === undefined) return asked(ctx, visit, parts, 'notice');
        if (visit.account.noticeEmail === undefined) return visit.go(home);
        await answer(visit, parts, await changeSecond(ctx, visit, null, parts));
      });
      router.post('/confirm', async (ctx) => {
        const visit = await visits.fresh(ctx, home);
        if (!visit) return;
        if (field(ctx, 'confirm') === undefined || !(await mayConfirm(visit, parts))) return visit.go(home);
        await answer(visit, parts, await confirmAddress(ctx, visit, parts));
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
      const change = pending.use === 'email' ? changeFirst : changeSecond;
      return answer(visit, parts, await change(ctx, visit, pending.to, parts));
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

/** Says what has been done; `undefined`: nothing, because the account has changed meanwhile. */
async function answer(visit: AccountVisit, parts: Parts, done: Done | undefined): Promise<void> {
  if (done) visit.go(`${home}/done?what=${done}`);
  else await showList(visit, parts, { problem: 'changed' }, 422);
}

async function showList(
  visit: AccountVisit,
  parts: Parts,
  shown: Pick<ListModel, 'email' | 'notice' | 'problem' | 'field'> = {},
  status = 200,
): Promise<void> {
  const { pages, settings } = parts;
  const { account, view, show } = visit;
  const isOpen = isHeld(account.hold, parts.now()) && account.formerEmail !== undefined;
  const model = {
    action: home,
    backHref: accountPath,
    maskedAddress: hasMailbox(account) ? maskAddress(account.email) : undefined,
    maskedNotice: account.noticeEmail && maskAddress(account.noticeEmail),
    holdHours: Math.ceil(settings.recovery.hold / 3600),
    maskedFormer: isOpen ? maskAddress(account.formerEmail!) : undefined,
    mayConfirm: isOpen && (await mayConfirm(visit, parts)),
    stopHref: `${accountPath}/activity/report`,
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
  show(codePage(pages, view, model), { status: formStatus(shown.problem) });
}
