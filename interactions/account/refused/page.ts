/**
 * The page after a sign-in to the own pages that was given up, or that could not reach what was asked; and after a form that had been shown to
 * somebody else.
 */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface RefusedModel {
  kind: keyof typeof kinds;
  /** Where the person goes on. */
  href: string;
}

const kinds = { cancelled: 'cancelled', unmet: 'unmet', 'other-person': 'otherPerson' } as const;
const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function refusedPage(pages: Pages, view: View, model: RefusedModel): string {
  const { operator, ...all } = texts[view.locale];
  const t = { operator, ...all[kinds[model.kind]] };
  return pages.render(view, { template: page, heading: t.heading, t, model });
}
