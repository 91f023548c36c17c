/** The page that asks whether to go on with the account of this browser's session, or with another one. */

import type { Pages, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { texts } from './texts.ts';

export interface SelectAccountModel {
  /** Where the buttons `continue`, `another` and `cancel` are posted. */
  action: string;
  /** Who is signed in. */
  username: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The account selection page as HTML. */
export function selectAccountPage(pages: Pages, view: View, model: SelectAccountModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model, signIn: true });
}
