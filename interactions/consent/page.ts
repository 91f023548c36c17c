/** The page that asks whether a service may receive the person's data. */

import type { Permission } from '../../src/oidc/consent.ts';
import type { Pages, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { permissionInWords, texts } from './texts.ts';

export interface ConsentModel {
  /** Where the buttons `allow` and `cancel` are posted. */
  action: string;
  /** What is asked for: openid, profile, email and offline_access are put into words; others, and an API's, are named as they are. */
  items: Permission[];
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The consent page as HTML. */
export function consentPage(pages: Pages, view: View, { items, action }: ConsentModel): string {
  const t = texts[view.locale];
  const model = { action, items: items.map((item) => permissionInWords(item, view.locale)) };
  return pages.render(view, { template: page, heading: t.heading, t, model, signIn: true });
}
