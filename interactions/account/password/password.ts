/**
 * Changing one's password, at /account/password. The current one is asked, whatever has been proven before (ASVS 6.2.3); the others
 * are signed out unless the person keeps them, and this browser stays signed in, because the password has just been proven in it.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import { accountPath } from '../../../src/oidc/interaction-path.ts';
import type { NewNotice } from '../../../src/records/records.ts';
import { originOf } from '../../../src/throttle/origin.ts';
import { poolOf } from '../../../src/throttle/throttle.ts';
import { deviceInWords } from '../../device.ts';
import { field } from '../../form.ts';
import type { Choosing } from '../../new-password/new-password.ts';
import { formStatus } from '../../send.ts';
import { tellAfterwards } from '../own-sessions.ts';
import type { AccountPageParts } from '../pages.ts';
import { reachesPlus } from '../reach.ts';
import type { AccountPage, AccountVisit, AccountVisits } from '../visit.ts';
import { donePage, type PasswordModel, passwordPage } from './page.ts';
import { texts } from './texts.ts';

const name = 'password';
const home = `${accountPath}/${name}`;

/** The page on which somebody who knows their password chooses another one (ASVS 6.2.2, 6.2.3). */
export function createPasswordPage(parts: AccountPageParts): AccountPage {
  const { pages } = parts;

  /** Whoever can reach plus has to; for the others the password is all that they can give. */
  async function visitOf(ctx: Context, visits: AccountVisits): Promise<AccountVisit | undefined> {
    const visit = await visits.any(ctx, home);
    if (!visit || visit.freshPlus() || !reachesPlus(visit.account, parts)) return visit;
    return visits.fresh(ctx, home);
  }

  return {
    name,
    link: (locale) => ({ title: texts[locale].title, about: texts[locale].about }),
    routes(router: Router, visits) {
      router.get('/', async (ctx) => {
        const visit = await visitOf(ctx, visits);
        if (visit) show(ctx, visit, parts);
      });
      router.post('/', async (ctx) => {
        const visit = await visitOf(ctx, visits);
        if (visit) await submitted(ctx, visit, parts);
      });
      router.post('/strength', async (ctx) => {
        const visit = await visits.any(ctx, home);
        if (visit) await parts.newPassword.tell(ctx, choosing(ctx, visit));
      });
      router.get('/done', async (ctx) => {
        const visit = await visits.any(ctx);
        if (!visit) return;
        visit.show(donePage(pages, visit.view, { kept: ctx.query.kept !== undefined, backHref: accountPath }));
      });
    },
  };
}

async function submitted(ctx: Context, visit: AccountVisit, parts: AccountPageParts): Promise<void> {
  const { accounts, accountSessions, audit, methods, noticesWritten, passwords, settings, throttle } = parts;
  const { account, session } = visit;
  const typed = field(ctx, 'password') ?? '';
  const looks = field(ctx, 'check') !== undefined;
  const choice = await parts.newPassword.choose(ctx, choosing(ctx, visit));
  if (choice.outcome === 'asked-again') {
    const problem = typed === '' && !looks ? 'missing' : undefined;
    return show(ctx, visit, parts, { said: choice.said, problem }, choice);
  }
  if (typed === '') return show(ctx, visit, parts, { problem: 'missing' });

  // Whoever has come upon an open session guesses here at no more than in a browser that the person has used.
  const tries = poolOf('password.change', account.id, settings.password.anywhereWindow, settings.password.knownTries);
  const spending = await throttle.spend(tries);
  if (spending.outcome === 'refused') return show(ctx, visit, parts, { problem: 'too-many' }, { status: 429 });
  const found = await accounts.findForPassword(account.username);
  const check = await passwords.verify(found?.passwordHash, typed, 'first');
  if (check.outcome === 'busy') {
    await throttle.refund(tries);
    return show(ctx, visit, parts, { problem: 'busy' }, { status: 503, retryAfter: check.retryAfter });
  }
  if (check.outcome === 'wrong') {
    await audit.write(ctx, 'METHOD.refused', { account, detail: { method: 'password', reason: 'wrong-password' } });
    return show(ctx, visit, parts, { problem: 'wrong' });
  }
  await throttle.refund(tries);
  const endSessions = field(ctx, 'keep') === undefined;
  await audit.write(ctx, 'password.changed', { account });
  const notice: NewNotice = { kind: 'passwordChanged', detail: deviceInWords(ctx.get('user-agent'), account.locale) };
  const change = { passwordHash: choice.hash, endSessions };
  if (!(await accounts.change(account.id, change, { notices: [notice], seen: account })))
    return show(ctx, visit, parts, { problem: 'changed' });
  noticesWritten();
  const proven = methods.find(({ proves }) => proves === 'password');
  if (endSessions && proven) await accountSessions.prove(session.uid, account, proven.name);
  if (endSessions) tellAfterwards(ctx, account, parts);
  visit.go(`${home}/done${endSessions ? '' : '?kept=1'}`);
}

function choosing(ctx: Context, { account, view }: AccountVisit): Choosing {
  return { locale: view.locale, origin: originOf(ctx.ip), key: account.id, chooser: account };
}

function show(
  ctx: Context,
  visit: AccountVisit,
  { pages, newPassword }: AccountPageParts,
  shown: Pick<PasswordModel, 'problem' | 'said'> = {},
  { status = formStatus(shown.problem), retryAfter }: { status?: number; retryAfter?: number } = {},
): void {
  const { account, view } = visit;
  const fields = newPassword.part(view.locale, `${home}/strength`, shown.said);
  const keeps = field(ctx, 'keep') !== undefined;
  const model = { action: home, backHref: accountPath, username: account.username, fields, keeps, ...shown };
  visit.show(passwordPage(pages, view, model), { status, retryAfter, script: true });
}
