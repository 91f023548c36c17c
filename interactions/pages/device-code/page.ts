/** The page on which a person types the code that a device shows (RFC 8628, 3.3). */

import type { Pages, Problem, View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

export interface DeviceCodeModel {
  /** Where the field `user_code` is posted. */
  action: string;
  /** Posted back as `xsrf`. */
  xsrf: string;
  /** What stands in the field already. */
  userCode?: string;
  problem?:
    | 'missing'
    /** Never was, is over, or has been used: nobody hears which. */
    | 'wrong'
    | 'too-many'
    /** The page was too old, or another one took its place. */
    | 'again';
  /** With 'too-many': seconds. */
  retryAfter?: number;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page for a device's code as HTML. */
export function deviceCodePage(pages: Pages, view: View, model: DeviceCodeModel): string {
  const t = texts[view.locale];
  const problem = model.problem && problems(t, model)[model.problem];
  return pages.render(view, { template: page, heading: t.heading, t, model, problems: problem ? [problem] : [] });
}

function problems(
  { problem }: (typeof texts)['hu'],
  { retryAfter = 60 }: DeviceCodeModel,
): Record<NonNullable<DeviceCodeModel['problem']>, Problem> {
  const atCode = (text: string): Problem => ({ text, field: 'user_code', atField: text });
  return {
    missing: atCode(problem.missing),
    wrong: atCode(problem.wrong),
    'too-many': { text: problem.tooMany(Math.ceil(retryAfter / 60)) },
    again: atCode(problem.again),
  };
}
