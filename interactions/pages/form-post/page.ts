/** The page that carries an answer to a service by a form: it sends itself where scripts run, and has a button where not. */

import type { Pages, View } from '../render.ts';
import { template } from '../template.ts';
import { texts } from './texts.ts';

export interface FormPostModel {
  /** The service's address. */
  action: string;
  /** What it is told. */
  fields: Record<string, string>;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The page that posts `model.fields`, as HTML (OAuth 2.0 Form Post Response Mode, 2). */
export function formPostPage(pages: Pages, view: View, model: FormPostModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: page, heading: t.heading, t, model, script: 'form-post.js' });
}
