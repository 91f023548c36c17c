/** The page of the browsers that the person is signed in with. It shows what it is told. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface SessionsModel {
  done?: keyof (typeof texts)['hu']['done'] | 'gone';
  sessions: {
    uid: string;
    isThis: boolean;
    device: string;
    began: string;
    lastUse?: string;
    from: string;
  }[];
  /** There are others that are not shown. */
  more: boolean;
  /** The buttons are posted below it: /end with the field `session`, /end-others, /end-all. */
  action: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page as HTML. */
export function sessionsPage(pages: Pages, view: View, { done, ...model }: SessionsModel): string {
  const t = texts[view.locale];
  const said = done === 'gone' ? t.gone : done && t.done[done];
  return pages.render(view, { template: page, heading: t.title, t, model: { ...model, done: said } });
}
