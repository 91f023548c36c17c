/** The page of a sign-in that offers what can be set up, to somebody who has nothing but a password. */

import type { Pages, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { texts } from './texts.ts';

export interface EnrolModel {
  options: { href: string; title: string; about: string }[];
  /** Where the button `cancel` is posted. */
  action: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function enrolPage(pages: Pages, view: View, model: EnrolModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model, signIn: true });
}
