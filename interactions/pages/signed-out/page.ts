/** The page that a person sees after signing out. */

import { httpUrl, type Pages, type View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

const page = template(new URL('./page.ejs', import.meta.url));

/** The page after signing out, as HTML. It links to the service when `view.service` has an address. */
export function signedOutPage(pages: Pages, view: View): string {
  const t = texts[view.locale];
  return pages.render(view, {
    template: page,
    heading: t.heading,
    t,
    model: { serviceUrl: httpUrl(view.service?.url) },
  });
}
