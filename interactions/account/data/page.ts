/** The pages of what is kept of the person, and of giving the account up. They show what they are told. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface DataModel {
  /** The account has just been kept. */
  kept: boolean;
  /** When it is deleted, in words; undefined where it is not to be. */
  until?: string;
  /** Days for which a deletion can be taken back. */
  days: number;
  /** The buttons are posted below it: /download, /keep; /delete is a page. */
  action: string;
}

const data = template(new URL('./data.ejs', import.meta.url));
const remove = template(new URL('./delete.ejs', import.meta.url));

/** The page as HTML. */
export function dataPage(pages: Pages, view: View, { kept, until, days, action }: DataModel): string {
  const t = texts[view.locale];
  const model = { kept, action, pending: until && t.pending(until), deleteText: t.deleteText(days) };
  return pages.render(view, { template: data, heading: t.title, t, model });
}

/** The page that asks whether it is meant, as HTML. `action` is where the button `delete` is posted. */
export function deletePage(
  pages: Pages,
  view: View,
  { until, ...model }: { until: string; action: string; backHref: string },
): string {
  const t = texts[view.locale];
  const text = t.confirmText(until);
  return pages.render(view, { template: remove, heading: t.confirmHeading, t, model: { ...model, text } });
}

/** The page that says that it will be so, as HTML. */
export function deletionAskedPage(pages: Pages, view: View, given: { until: string; accountHref: string }): string {
  const t = texts[view.locale];
  const model = { text: t.asked(given.until), action: undefined, backHref: given.accountHref };
  return pages.render(view, { template: remove, heading: t.askedHeading, t, model });
}
