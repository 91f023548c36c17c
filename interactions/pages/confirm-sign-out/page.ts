/** The page that asks before signing out, because a link on another site could have led here. */

import type { Pages, View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

export interface ConfirmSignOutModel {
  /** Where the form is posted: `logout=yes` signs out, without it the person stays signed in. */
  action: string;
  /** Posted back as `xsrf`. */
  xsrf: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page that confirms signing out, as HTML. */
export function confirmSignOutPage(pages: Pages, view: View, model: ConfirmSignOutModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model });
}
