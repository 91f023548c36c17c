/** The page that asks whether the person has started this on a device of theirs, and names the service (RFC 8628, 5.4). */

import type { Pages, View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

export interface DeviceConfirmModel {
  /** Where the buttons `confirm` and `abort` are posted. */
  action: string;
  /** Posted back as `xsrf`. */
  xsrf: string;
  /** As the device shows it. */
  userCode: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page that confirms a device, as HTML. `view.service` is the one that the device is for. */
export function deviceConfirmPage(pages: Pages, view: View, model: DeviceConfirmModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model });
}
