/** The page of a guarded account: it asks for a code without saying whether the password was right. */

import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface GuardModel {
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

const page = template(new URL('./guard.ejs', import.meta.url));

/** The page as HTML. */
export function guardPage(pages: Pages, view: View, model: GuardModel): string {
  const t = texts[view.locale].guard;
  const words: Record<NonNullable<GuardModel['problem']>, string> = {
    missing: t.missing,
    malformed: t.malformed(model.digits),
    wrong: t.wrong(model.triesLeft ?? 0),
    expired: t.expired,
    spent: t.spent,
  };
  const text = model.problem && words[model.problem];
  const problem: Problem | undefined = text
    ? model.problem === 'spent'
      ? { text }
      : { text, field: 'code', atField: text }
    : undefined;
  const problems = problem ? [problem] : [];
  return pages.render(view, { template: page, heading: t.heading, t, model, problems, signIn: true });
}
