/** The one error page: what happened in plain words, and always a way on. */

import { httpUrl, type Pages, type View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

export interface ErrorModel {
  kind: keyof (typeof texts)['hu']['kinds'];
  /** Where the same can be tried again. */
  retryHref?: string;
  /** One line for the service's developer; never a secret, never a stack. */
  technical?: string;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The error page as HTML. The way on is, in this order: `retryHref`, the service's page, or words that say where to start. */
export function errorPage(pages: Pages, view: View, { kind, retryHref, technical }: ErrorModel): string {
  const t = texts[view.locale];
  const { heading, text } = t.kinds[kind];
  const serviceUrl = httpUrl(view.service?.url);
  const back = kind === 'finished' ? t.fromServiceFinished : t.fromService;
  const wayOn = retryHref ? t.again : serviceUrl ? back : t.toYourService;
  return pages.render(view, { template: page, heading, t, model: { text, wayOn, retryHref, serviceUrl, technical } });
}
