/** The pages behind the link of a notice: what stopping does, that it is done, or that the link is over. */

import { accountPath } from '../../src/oidc/interaction-path.ts';
import { type Stopped, type StopRules, wordsOf } from '../../src/stop.ts';
import type { Pages, Problem, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { texts } from './texts.ts';

const load = (name: string) => template(new URL(`./${name}.ejs`, import.meta.url));
const [ask, done, over] = [load('ask'), load('done'), load('over')];

export interface AskModel {
  /** Where the form is posted. */
  action: string;
  /** It has been stopped too often today. */
  busy?: boolean;
}

/** Says what stopping does, and asks. Looking at it changes nothing. */
export function askPage(pages: Pages, view: View, model: AskModel): string {
  const { ask: t, busy } = texts[view.locale];
  const problems: Problem[] = model.busy ? [{ text: busy }] : [];
  return pages.render(view, { template: ask, heading: t.heading, t, model, problems });
}

/** What was taken away with it, in words. */
export interface DoneModel {
  /** Methods of the person's own. */
  method?: string;
  /** A second address for notices, masked. */
  address?: string;
}

/** What the page says of what a stop has taken away. */
export const takenOn = ({ locale }: View, stopped: Stopped, rules: StopRules): DoneModel =>
  stopped.outcome === 'gone' ? {} : wordsOf(stopped.taken, locale, rules);

/** Says that it has been done, what was taken away and why, and what to do next. */
export function donePage(pages: Pages, view: View, { method, address }: DoneModel): string {
  const { done: t, toAccount } = texts[view.locale];
  const model = {
    accountHref: accountPath,
    taken: [...(method ? [t.method(method)] : []), ...(address ? [t.address(address)] : [])],
  };
  return pages.render(view, { template: done, heading: t.heading, t: { ...t, toAccount }, model });
}

/** Says that what the link was for is over. */
export function overPage(pages: Pages, view: View): string {
  const { over: t, toAccount } = texts[view.locale];
  const model = { accountHref: accountPath };
  return pages.render(view, { template: over, heading: t.heading, t: { ...t, toAccount }, model });
}
