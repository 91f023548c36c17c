/** The page in the browser after a device has been signed in, or has not. */

import type { Pages, View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

export type DeviceEnd = keyof (typeof texts)['hu'];

const page = template(new URL('./page.ejs', import.meta.url));

/** The last page of a device's sign-in, as HTML. */
export function deviceEndPage(pages: Pages, view: View, end: DeviceEnd): string {
  const { heading, text } = texts[view.locale][end];
  return pages.render(view, { template: page, heading, t: {}, model: { text } });
}
