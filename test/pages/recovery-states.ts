/** The pages of a forgotten password, a new one, another address and a stop in every state, for the tests of pages and for the gallery. */

import {
  codePage as addressCodePage,
  donePage as addressDonePage,
  listPage,
} from '../../interactions/account/email/page.ts';
import {
  donePage as changedPage,
  passwordPage as changePage,
  type PasswordModel,
} from '../../interactions/account/password/page.ts';
import { type HeldModel, heldPage } from '../../interactions/held/page.ts';
import { createNewPasswordForm, type Said } from '../../interactions/new-password/new-password.ts';
import type { Pages, View } from '../../interactions/pages/render.ts';
import { codePage, donePage, passwordPage, type StartModel, startPage } from '../../interactions/reset/page.ts';
import { askPage, overPage, donePage as stoppedPage } from '../../interactions/stop/page.ts';

type States = Record<string, (pages: Pages) => string>;

/** `text` stands in every string that a model can hold; `view` is one inside a sign-in. */
export function recoveryStates(view: View, text: (usual: string) => string): States {
  const { locale } = view;
  const own: View = { ...view, service: undefined, reference: undefined };
  // Only what shows is asked of it.
  const form = createNewPasswordForm({ leastLength: 15 } as never);
  const fields = (said?: Said) => ({ fields: form.part(locale, text('/strength'), said), said });
  const short: Said = {
    problems: [{ text: text('Short'), field: 'new-password', atField: text('Short') }],
    words: text('Short'),
  };
  const strong: Said = { problems: [], score: 3, words: text('Strong') };
  const asStart = (more: Partial<StartModel>) => (pages: Pages) =>
    startPage(pages, view, { action: text('/reset'), username: text('anna'), holdHours: 72, ...more });
  const code = { action: text('/code'), digits: 12, lifeMinutes: 10, mailReference: text('R4T9') };
  const asCode = (more: object) => (pages: Pages) => codePage(pages, view, { ...code, ...more });
  const asNew = (said?: Said) => (pages: Pages) =>
    passwordPage(pages, view, { action: text('/password'), username: text('anna'), ...fields(said) });
  const asChange = (more: Partial<PasswordModel>, said?: Said) => (pages: Pages) =>
    changePage(pages, own, {
      ...{ action: text('/account/password'), backHref: '/account', username: text('anna'), keeps: false },
      ...fields(said),
      ...more,
    });
  const list = { action: text('/account/email'), backHref: '/account', holdHours: 72 };
  const time = text(locale === 'hu' ? '2026. november 26. 14:05 CET' : '26 November 2026 at 14:05 CET');
  const asHeld = (more: Partial<HeldModel>) => (pages: Pages) =>
    heldPage(pages, view, {
      ...{ action: text('/held'), since: time, until: time, own: [], accountHref: text('/account/methods') },
      ...more,
    });
  const maskedAddress = text('a***@demo.example');
  const addressCode = { ...code, backHref: '/account/email', maskedAddress };
  return {
    'reset-start': asStart({}),
    'reset-missing': asStart({ username: '', problem: 'missing' }),
    'reset-too-many': asStart({ problem: 'too-many', retryMinutes: 700 }),
    'reset-changed': asStart({ problem: 'changed' }),
    'reset-code': asCode({}),
    'reset-code-missing': asCode({ problem: 'missing' }),
    'reset-code-wrong': asCode({ problem: 'wrong', triesLeft: 1 }),
    'reset-code-expired': asCode({ problem: 'expired' }),
    'reset-code-spent': asCode({ problem: 'spent' }),
    'reset-password': asNew(),
    'reset-password-short': asNew(short),
    'reset-password-strong': asNew(strong),
    'reset-done': (pages) => donePage(pages, view, { action: text('/done'), until: text('2026') }),
    'reset-done-open': (pages) => donePage(pages, view, { action: text('/done') }),
    'password-change': asChange({}),
    'password-change-wrong': asChange({ problem: 'wrong', keeps: true }),
    'password-change-both': asChange({ problem: 'missing' }, short),
    'password-change-too-many': asChange({ problem: 'too-many' }),
    'password-changed': (pages) => changedPage(pages, own, { kept: false, backHref: '/account' }),
    'password-changed-kept': (pages) => changedPage(pages, own, { kept: true, backHref: '/account' }),
    'email-list': (pages) => listPage(pages, own, list),
    'email-list-both': (pages) => listPage(pages, own, { ...list, maskedAddress, maskedNotice: maskedAddress }),
    'email-list-malformed': (pages) =>
      listPage(pages, own, { ...list, email: text('anna'), problem: 'malformed', field: 'email' }),
    'email-list-notice-same': (pages) =>
      listPage(pages, own, { ...list, notice: text('a@b.example'), problem: 'same', field: 'notice' }),
    'email-list-changed': (pages) => listPage(pages, own, { ...list, problem: 'changed' }),
    'email-code': (pages) => addressCodePage(pages, own, addressCode),
    'email-code-wrong': (pages) => addressCodePage(pages, own, { ...addressCode, problem: 'wrong', triesLeft: 2 }),
    'email-code-spent': (pages) => addressCodePage(pages, own, { ...addressCode, problem: 'spent' }),
    'email-done-held': (pages) => addressDonePage(pages, own, { done: 'held', backHref: '/account' }),
    held: asHeld({}),
    'held-with-own': asHeld({ own: [text('TOTP'), text('Passkey')] }),
    'held-stopped': asHeld({ until: undefined }),
    'stop-ask': (pages) => askPage(pages, own, { action: text('/account/stop/x') }),
    'stop-busy': (pages) => askPage(pages, own, { action: text('/account/stop/x'), busy: true }),
    'stop-done': (pages) => stoppedPage(pages, own, {}),
    'stop-done-taken': (pages) =>
      stoppedPage(pages, own, { method: text('Authenticator app'), address: text('a***@demo.example') }),
    'stop-over': (pages) => overPage(pages, own),
  };
}
