/** The page that asks for a recovery code. It shows what it is told; what is right or wrong is decided elsewhere. */

import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface RecoveryCodeModel {
  /** Where the form is posted: the field `code`, or one of the buttons `decline`, `cancel`. */
  action: string;
  /** Codes that have not been used. */
  left: number;
  /** 'wrong': or used already. */
  problem?: 'missing' | 'malformed' | 'wrong' | 'too-many';
  /** With 'too-many'. */
  retryMinutes?: number;
  /** Whether the person may go on at a weaker level instead. */
  mayDecline: boolean;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function recoveryCodePage(pages: Pages, view: View, model: RecoveryCodeModel): string {
  const t = texts[view.locale];
  const atCode = (text: string): Problem => ({ text, field: 'code', atField: text });
  const problems: Record<NonNullable<RecoveryCodeModel['problem']>, Problem> = {
    missing: atCode(t.problem.missing),
    malformed: atCode(t.problem.malformed),
    wrong: atCode(t.problem.wrong),
    'too-many': { text: t.problem.tooMany(model.retryMinutes ?? 1) },
  };
  return pages.render(view, {
    template: page,
    heading: t.heading,
    t,
    model,
    problems: model.problem ? [problems[model.problem]] : [],
    signIn: true,
  });
}
