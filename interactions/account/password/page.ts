/** The pages that change a password: the form, and that it is done. They show what they are told. */

import { type Fields, type Said, script } from '../../new-password/new-password.ts';
import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface PasswordModel {
  /** Where the form is posted: `password`, the fields of the new one, and `keep`. */
  action: string;
  backHref: string;
  username: string;
  fields: Fields;
  keeps: boolean;
  problem?: 'missing' | 'wrong' | 'too-many' | 'busy' | 'changed';
  said?: Said;
}

const page = template(new URL('./page.ejs', import.meta.url));
const done = template(new URL('./done.ejs', import.meta.url));

/** The form. */
export function passwordPage(pages: Pages, view: View, { problem, said, ...model }: PasswordModel): string {
  const t = texts[view.locale];
  const words = { missing: t.missing, wrong: t.wrong, 'too-many': t.tooMany, busy: t.busy, changed: t.changed };
  const text = problem && words[problem];
  const atField = problem === 'missing' || problem === 'wrong' ? { field: 'password', atField: text } : {};
  const problems: Problem[] = [...(text ? [{ text, ...atField }] : []), ...(said?.problems ?? [])];
  return pages.render(view, { template: page, heading: t.heading, t, model, problems, script });
}

/** That it is done; `kept`: other sessions go on. */
export function donePage(pages: Pages, view: View, model: { kept: boolean; backHref: string }): string {
  const { done: t } = texts[view.locale];
  return pages.render(view, { template: done, heading: t.heading, t, model });
}
