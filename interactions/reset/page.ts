/** The pages of a reset: who, the code, the new password, and what it is worth. They show what they are told. */

import type { Fields, Said } from '../new-password/new-password.ts';
import { script } from '../new-password/new-password.ts';
import type { Pages, Problem, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { lasting } from '../plain-words.ts';
import { texts } from './texts.ts';

const load = (name: string) => template(new URL(`./${name}.ejs`, import.meta.url));
const [start, code, password, done] = [load('start'), load('code'), load('password'), load('done')];

export interface StartModel {
  /** Where the form is posted: the field `username`, or the button `cancel`. */
  action: string;
  username: string;
  /** Hours for which the mailbox alone will count for nothing. */
  holdHours: number;
  problem?: 'missing' | 'too-many' | 'changed';
  /** With 'too-many'. */
  retryMinutes?: number;
}

/** Asks for the user name, and says what a reset by mail is worth. */
export function startPage(pages: Pages, view: View, model: StartModel): string {
  const { start: t, password: p, cancel } = texts[view.locale];
  const words = {
    missing: t.missing,
    'too-many': t.tooMany(model.retryMinutes ?? 0),
    changed: p.changed,
  };
  const text = model.problem && words[model.problem];
  const field = model.problem === 'missing' ? { field: 'username', atField: text } : {};
  const shown = { ...model, worth: t.worth(lasting(model.holdHours, view.locale)) };
  const problems: Problem[] = text ? [{ text, ...field }] : [];
  return pages.render(view, {
    template: start,
    heading: t.heading,
    t: { ...t, cancel },
    model: shown,
    problems,
    signIn: true,
  });
}

export interface CodeModel {
  /** Where the form is posted: the field `code`, or one of the buttons `again`, `cancel`. */
  action: string;
  digits: number;
  lifeMinutes: number;
  /** Stands in the mail too, if there is one. */
  mailReference: string;
  problem?: 'missing' | 'malformed' | 'wrong' | 'expired' | 'spent';
  /** With 'wrong'. */
  triesLeft?: number;
}

/** Asks for the code, without saying whether there is one. */
export function codePage(pages: Pages, view: View, model: CodeModel): string {
  const { code: t, cancel } = texts[view.locale];
  const words: Record<NonNullable<CodeModel['problem']>, string> = {
    missing: t.missing,
    malformed: t.malformed(model.digits),
    wrong: t.wrong(model.triesLeft ?? 0),
    expired: t.expired,
    spent: t.spent,
  };
  const text = model.problem && words[model.problem];
  const field = model.problem === 'spent' ? {} : { field: 'code', atField: text };
  const problems: Problem[] = text ? [{ text, ...field }] : [];
  return pages.render(view, { template: code, heading: t.heading, t: { ...t, cancel }, model, problems, signIn: true });
}

export interface PasswordModel {
  /** Where the form is posted: the fields of the new password, or the button `cancel`. */
  action: string;
  /** For password managers, which keep it with the password. */
  username: string;
  fields: Fields;
  said?: Said;
}

/** Asks for the new password. */
export function passwordPage(pages: Pages, view: View, { said, ...model }: PasswordModel): string {
  const { password: t, cancel } = texts[view.locale];
  const problems = said?.problems ?? [];
  return pages.render(view, {
    template: password,
    heading: t.heading,
    t: { ...t, cancel },
    model,
    problems,
    signIn: true,
    script,
  });
}

/** Says that the password is set, and what it is worth; `until` is when codes by mail count again, in words, if ever by themselves. */
export function donePage(pages: Pages, view: View, { until, ...model }: { action: string; until?: string }): string {
  const { done: t, cancel } = texts[view.locale];
  const worth = until === undefined ? t.open : t.until(until);
  return pages.render(view, {
    template: done,
    heading: t.heading,
    t: { ...t, cancel },
    model: { ...model, worth },
    signIn: true,
  });
}
