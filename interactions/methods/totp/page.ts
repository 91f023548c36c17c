/** The page that asks for the app's code. It shows what it is told; what is right or wrong is decided elsewhere. */

import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { digits } from './app.ts';
import { texts } from './texts.ts';

export interface TotpModel {
  /** Where the form is posted: the field `code`, or one of the buttons `decline`, `cancel`. */
  action: string;
  problem?:
    | 'missing'
    | 'malformed'
    | 'wrong'
    /** Wrong for the third time or more in this sign-in: the clock is spoken of. */
    | 'wrong-clock'
    /** Right, but it has been taken already. */
    | 'used'
    /** Too many from here. */
    | 'too-many'
    /** Too many from everywhere. */
    | 'guarded'
    /** The app cannot be checked any more. */
    | 'unusable';
  /** With 'too-many'. */
  retryMinutes?: number;
  /** Whether the person may go on at a weaker level instead. */
  mayDecline: boolean;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function totpPage(pages: Pages, view: View, model: TotpModel): string {
  const t = texts[view.locale];
  const problem = model.problem && problems(t, model)[model.problem];
  return pages.render(view, {
    template: page,
    heading: t.heading,
    t,
    model: { ...model, digits, others: (view.others?.length ?? 0) > 0 },
    problems: problem ? [problem] : [],
    signIn: true,
  });
}

function problems(
  { problem: t }: (typeof texts)['hu'],
  { retryMinutes = 1 }: TotpModel,
): Record<NonNullable<TotpModel['problem']>, Problem> {
  const atCode = (text: string): Problem => ({ text, field: 'code', atField: text });
  return {
    missing: atCode(t.missing),
    malformed: atCode(t.malformed(digits)),
    wrong: atCode(t.wrong),
    'wrong-clock': atCode(t.wrongClock),
    used: atCode(t.used),
    'too-many': { text: t.tooMany(retryMinutes) },
    guarded: { text: t.guarded },
    unusable: { text: t.unusable },
  };
}
