/** The pages of an activation: the code, the new password, and what it is worth where the code was mailed. They show what they are told. */

import { type Fields, type Said, script } from '../new-password/new-password.ts';
import type { Pages, Problem, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { lasting } from '../plain-words.ts';
import { texts } from './texts.ts';

const load = (name: string) => template(new URL(`./${name}.ejs`, import.meta.url));
const [start, password, done] = [load('start'), load('password'), load('done')];

export interface StartModel {
  /** Where the form is posted: the fields `username` and `code`, or the button `cancel`. */
  action: string;
  username: string;
  problem?: 'username-missing' | 'code-missing' | 'wrong' | 'too-many';
  /** With 'too-many'. */
  retryMinutes?: number;
}

/** Asks for user name and code. */
export function startPage(pages: Pages, view: View, model: StartModel): string {
  const { start: t, cancel } = texts[view.locale];
  const problems: Record<NonNullable<StartModel['problem']>, Problem> = {
    'username-missing': { text: t.usernameMissing, field: 'username', atField: t.usernameMissing },
    'code-missing': { text: t.codeMissing, field: 'code', atField: t.codeMissing },
    wrong: { text: t.wrong, field: 'code', atField: t.wrong },
    'too-many': { text: t.tooMany(model.retryMinutes ?? 0) },
  };
  return pages.render(view, {
    template: start,
    heading: t.heading,
    t: { ...t, cancel },
    model,
    problems: model.problem ? [problems[model.problem]] : [],
    signIn: true,
  });
}

export interface PasswordModel {
  /** Where the form is posted: the fields of the new password, or the button `cancel`. */
  action: string;
  /** For password managers, which keep it with the password. */
  username: string;
  fields: Fields;
  /** Hours for which the mailbox alone will count for nothing, where the code was mailed. */
  holdHours?: number;
  said?: Said;
}

/** Asks for the new password, and says what it will be worth. */
export function passwordPage(pages: Pages, view: View, { said, holdHours, ...model }: PasswordModel): string {
  const { password: t, cancel } = texts[view.locale];
  const worth = holdHours === undefined ? '' : t.worth(lasting(holdHours, view.locale));
  return pages.render(view, {
    template: password,
    heading: t.heading,
    t: { ...t, cancel },
    model: { ...model, worth },
    problems: said?.problems ?? [],
    signIn: true,
    script,
  });
}

export interface DoneModel {
  action: string;
  /** Whether the mailbox counts for nothing now. */
  held: boolean;
  /** Until when, in words, where that ends by itself. */
  until?: string;
}

/** Says that the password is set, and what it is worth. */
export function donePage(pages: Pages, view: View, { held, until, action }: DoneModel): string {
  const { done: t, cancel } = texts[view.locale];
  const worth = held ? (until === undefined ? t.open : t.until(until)) : '';
  const model = { action, worth };
  return pages.render(view, { template: done, heading: t.heading, t: { ...t, cancel }, model, signIn: true });
}
