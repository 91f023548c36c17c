/** The page that says why codes by mail do not count now, until when, what ends that sooner, and what can be done meanwhile. */

import type { Pages, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { texts } from './texts.ts';

export interface HeldModel {
  /** Where the button that leads back to the service is posted. */
  action: string;
  /** In words. */
  since: string;
  /** In words; undefined where it does not end by itself, because somebody has said that it was not them. */
  until?: string;
  /** What the person has set up of their own, by what the choice page calls it. */
  own: readonly string[];
  /** Where those are proven, so that it ends. */
  accountHref: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function heldPage(pages: Pages, view: View, model: HeldModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model, signIn: true });
}
