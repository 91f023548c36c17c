/** The page that a person sees after having been asked about signing out, when no service is to be gone back to. */

import { httpUrl, type Pages, type View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

const page = template(new URL('./page.ejs', import.meta.url));

export interface SignedOutModel {
  /** The person has chosen to stay signed in. */
  stays: boolean;
}

/** The page after signing out, or staying, as HTML. It links to the service when `view.service` has an address. */
export function signedOutPage(pages: Pages, view: View, { stays }: SignedOutModel): string {
  const { signedOut, signedIn, ...shared } = texts[view.locale];
  const t = { ...shared, ...(stays ? signedIn : signedOut) };
  return pages.render(view, {
    template: page,
    heading: t.heading,
    t,
    model: { serviceUrl: httpUrl(view.service?.url) },
  });
}
