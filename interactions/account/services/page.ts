/** The pages of the services that the person has signed in to. They show what they are told. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface ServicesModel {
  /** One has just been revoked. */
  revoked: boolean;
  services: {
    name: string;
    /** In words. */
    gets: string[];
    /** Times in words: when the person allowed it something, and when it was given something. */
    allowed?: string;
    first?: string;
    last?: string;
    /** When it was taken back, where it has been given nothing since; then there is nothing to take back. */
    takenBack?: string;
    revokeHref: string;
  }[];
}

const list = template(new URL('./list.ejs', import.meta.url));
const revoke = template(new URL('./revoke.ejs', import.meta.url));

/** The list as HTML. */
export function servicesPage(pages: Pages, view: View, model: ServicesModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: list, heading: t.title, t, model });
}

export interface RevokeModel {
  name: string;
  /** Where the button `revoke` is posted. */
  action: string;
  backHref: string;
}

/** The page that asks whether it is meant, as HTML. */
export function revokePage(pages: Pages, view: View, model: RevokeModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: revoke, heading: t.confirmHeading(model.name), t, model });
}
