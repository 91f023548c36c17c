/** The pages on which recovery codes are made and shown. The second one is made to be printed. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { timeInWords } from '../../plain-words.ts';
import { texts } from './texts.ts';

export interface StartModel {
  /** Where the form is posted: the field `once`, or the button `cancel`. */
  action: string;
  /** Makes the form one that works once. */
  once: string;
  /** How many codes will be made. */
  most: number;
  /** Codes that there are, and that the new ones take the place of. */
  left: number;
  /** 'shown': this form has made codes already. 'changed': the account has changed meanwhile, and none were made. */
  problem?: 'shown' | 'changed';
}

export interface CodesModel {
  /** Where the form is posted: the button `done`. */
  action: string;
  /** As they are printed. */
  codes: readonly string[];
  username: string;
  made: Date;
  /** IANA name. */
  timeZone: string;
}

const start = template(new URL('./start.ejs', import.meta.url));
const codes = template(new URL('./codes.ejs', import.meta.url));

/** The page before, as HTML. */
export function startPage(pages: Pages, view: View, model: StartModel): string {
  const t = texts[view.locale].setup;
  const problems = model.problem ? [{ text: t.problem[model.problem] }] : [];
  const signIn = view.service !== undefined;
  return pages.render(view, { template: start, heading: t.heading, t, model, problems, signIn });
}

/** The page with the codes, as HTML. It is not shown again. */
export function codesPage(pages: Pages, view: View, model: CodesModel): string {
  const t = texts[view.locale].setup;
  const made = timeInWords(model.made, model.timeZone, view.locale);
  return pages.render(view, { template: codes, heading: t.codesHeading, t, model: { ...model, made } });
}
