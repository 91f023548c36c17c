/** The page after a sign-in to the own pages that was given up, or that could not reach what was asked. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface RefusedModel {
  kind: 'cancelled' | 'unmet';
  /** The overview. */
  accountHref: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function refusedPage(pages: Pages, view: View, model: RefusedModel): string {
  const { cancelled, unmet, ...shared } = texts[view.locale];
  const t = { ...shared, ...(model.kind === 'unmet' ? unmet : cancelled) };
  return pages.render(view, { template: page, heading: t.heading, t, model });
}
