/** The page that offers the person's own methods, when there is more than one that would do. */

import type { Pages, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { texts } from './texts.ts';

export interface ChooseModel {
  /** The methods, in the order to offer them. */
  options: { href: string; title: string; hint?: string }[];
  /** Where the buttons `decline` and `cancel` are posted. */
  action: string;
  /** Whether the person may go on at a weaker level instead. */
  mayDecline: boolean;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The choice page as HTML. */
export function choosePage(pages: Pages, view: View, model: ChooseModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model, signIn: true });
}
