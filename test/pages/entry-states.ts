/** The pages of an activation and of a sign-up in every state, for the tests of pages and for the gallery. */

import * as activate from '../../interactions/activate/page.ts';
import { createNewPasswordForm, type Said } from '../../interactions/new-password/new-password.ts';
import type { Pages, View } from '../../interactions/pages/render.ts';
import * as signUp from '../../interactions/sign-up/page.ts';

type States = Record<string, (pages: Pages) => string>;

/** `text` stands in every string that a model can hold; `view` is one inside a sign-in. */
export function entryStates(view: View, text: (usual: string) => string): States {
  // Only what shows is asked of it.
  const form = createNewPasswordForm({ leastLength: 15 } as never);
  const fields = (said?: Said) => ({ fields: form.part(view.locale, text('/strength'), said), said });
  const short: Said = {
    problems: [{ text: text('Short'), field: 'new-password', atField: text('Short') }],
    words: text('Short'),
  };
  const asStart = (more: Partial<activate.StartModel>) => (pages: Pages) =>
    activate.startPage(pages, view, { action: text('/activate'), username: text('anna'), ...more });
  const asPassword = (holdHours?: number, said?: Said) => (pages: Pages) =>
    activate.passwordPage(pages, view, {
      ...{ action: text('/password'), username: text('anna'), holdHours },
      ...fields(said),
    });
  const asAddress = (more: Partial<signUp.StartModel>) => (pages: Pages) =>
    signUp.startPage(pages, view, { action: text('/sign-up'), email: text('a@demo.example'), ...more });
  const code = { action: text('/code'), email: text('a@demo.example'), digits: 12, lifeMinutes: 10 };
  const asCode = (more: Partial<signUp.CodeModel>) => (pages: Pages) =>
    signUp.codePage(pages, view, { ...code, mailReference: text('R4T9'), ...more });
  const asAbout = (more: Partial<signUp.AboutModel>, said?: Said) => (pages: Pages) =>
    signUp.aboutPage(pages, view, {
      ...{ action: text('/about'), email: text('a@demo.example'), asks: ['name', 'birthName', 'birthDate'] },
      values: { username: text('anna'), name: text('Anna'), birthName: text('Anna'), birthDate: text('1985-04-12') },
      ...fields(said),
      ...more,
    });
  return {
    'activate-start': asStart({}),
    'activate-username-missing': asStart({ username: '', problem: 'username-missing' }),
    'activate-code-missing': asStart({ problem: 'code-missing' }),
    'activate-wrong': asStart({ problem: 'wrong' }),
    'activate-too-many': asStart({ problem: 'too-many', retryMinutes: 12 }),
    'activate-password': asPassword(),
    'activate-password-held': asPassword(72),
    'activate-password-short': asPassword(undefined, short),
    'activate-done': (pages) => activate.donePage(pages, view, { action: text('/done'), held: false }),
    'activate-done-held': (pages) =>
      activate.donePage(pages, view, { action: text('/done'), held: true, until: text('2026') }),
    'activate-done-open': (pages) => activate.donePage(pages, view, { action: text('/done'), held: true }),
    'sign-up-start': asAddress({}),
    'sign-up-missing': asAddress({ email: '', problem: 'missing' }),
    'sign-up-malformed': asAddress({ problem: 'malformed' }),
    'sign-up-too-many': asAddress({ problem: 'too-many', retryMinutes: 700 }),
    'sign-up-code': asCode({}),
    'sign-up-code-wrong': asCode({ problem: 'wrong', triesLeft: 1 }),
    'sign-up-code-expired': asCode({ problem: 'expired' }),
    'sign-up-code-spent': asCode({ problem: 'spent' }),
    'sign-up-about': asAbout({}),
    'sign-up-about-alone': asAbout({ asks: [], values: {} }),
    'sign-up-taken': asAbout({ problem: 'taken' }),
    'sign-up-name-missing': asAbout({ problem: 'name-missing' }),
    'sign-up-birth-date-malformed': asAbout({ problem: 'birth-date-malformed' }),
    'sign-up-names-too-many': asAbout({ problem: 'too-many' }),
    'sign-up-password-short': asAbout({}, short),
  };
}
