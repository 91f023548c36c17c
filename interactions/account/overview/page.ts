/** The overview of the person's own pages: who they are here, and what they can look at and change. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface OverviewModel {
  name?: string;
  username: string;
  maskedAddress?: string;
  isConfirmed: boolean;
  /** What the person can confirm with, by what the choice page calls it. */
  methods: readonly string[];
  /** The mailbox counts for nothing; `until` in words, empty where it does not end by itself. */
  /** `href`: where somebody says whether a new address is theirs. */
  held?: { until: string; href?: string };
  /** The account is to be deleted: when, in words, and where that is taken back. */
  deletion?: { until: string; href: string };
  links: readonly { href: string; title: string; about: string }[];
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The overview as HTML. */
export function overviewPage(pages: Pages, view: View, model: OverviewModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model });
}
