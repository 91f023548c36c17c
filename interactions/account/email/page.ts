/** The pages of a person's addresses: which there are, and the code to a new one. They show what they are told. */

import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { lasting } from '../../plain-words.ts';
import { texts } from './texts.ts';

export type Done = keyof (typeof texts)['hu']['list']['done'];

export interface ListModel {
  /** Where the forms are posted: `email` here, and `notice` or the button `remove` below /notice. */
  action: string;
  backHref: string;
  maskedAddress?: string;
  maskedNotice?: string;
  /** How long codes to a new address may count for nothing. */
  holdHours: number;
  /** The address of before a change that can still go back to it, and whether this person may say that the new one is theirs. */
  maskedFormer?: string;
  mayConfirm?: boolean;
  /** Where somebody says that it was not them. */
  stopHref?: string;
  /** What was typed. */
  email?: string;
  notice?: string;
  problem?: 'missing' | 'malformed' | 'same' | 'too-many' | 'changed';
  /** The field that the problem is with. */
  field?: 'email' | 'notice';
}

const list = template(new URL('./list.ejs', import.meta.url));
const done = template(new URL('./done.ejs', import.meta.url));
const code = template(new URL('./code.ejs', import.meta.url));

/** The addresses, with the forms for others. */
export function listPage(pages: Pages, view: View, { problem, field, ...model }: ListModel): string {
  const { list: t, back } = texts[view.locale];
  const words = {
    missing: t.missing,
    malformed: t.malformed,
    same: t.same,
    'too-many': t.tooMany,
    changed: t.changed,
  };
  const text = problem && words[problem];
  const problems: Problem[] = text ? [{ text, field, atField: field && text }] : [];
  const shown = { ...model, worth: t.worth(lasting(model.holdHours, view.locale)) };
  return pages.render(view, { template: list, heading: t.heading, t: { ...t, back }, model: shown, problems });
}

/** Says what has been done. */
export function donePage(pages: Pages, view: View, model: { done: Done; backHref: string }): string {
  const { list: t, back, doneHeading: heading } = texts[view.locale];
  const shown = { backHref: model.backHref, text: t.done[model.done] };
  return pages.render(view, { template: done, heading, t: { back }, model: shown });
}

export interface CodeModel {
  /** Where the field `code` is posted. */
  action: string;
  backHref: string;
  maskedAddress: string;
  digits: number;
  lifeMinutes: number;
  mailReference: string;
  problem?: 'missing' | 'malformed' | 'wrong' | 'expired' | 'spent';
  triesLeft?: number;
}

/** Asks for the code. */
export function codePage(pages: Pages, view: View, model: CodeModel): string {
  const { code: t } = texts[view.locale];
  const words: Record<NonNullable<CodeModel['problem']>, string> = {
    missing: t.missing,
    malformed: t.malformed(model.digits),
    wrong: t.wrong(model.triesLeft ?? 0),
    expired: t.expired,
    spent: t.spent,
  };
  const text = model.problem && words[model.problem];
  const problems: Problem[] = text ? [{ text, field: 'code', atField: text }] : [];
  return pages.render(view, { template: code, heading: t.heading, t, model, problems });
}
