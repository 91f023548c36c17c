/** The pages of what has happened in the account. They show what they are told. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface ActivityModel {
  entries: {
    what: string;
    /** The time, in words. */
    when: string;
    /** The network, shortened. */
    from?: string;
    /** Something that its owner should look at. */
    isAlarm: boolean;
    reportHref: string;
  }[];
  olderHref?: string;
  newestHref?: string;
}

const list = template(new URL('./list.ejs', import.meta.url));
const report = template(new URL('./report.ejs', import.meta.url));

/** The list as HTML. */
export function activityPage(pages: Pages, view: View, model: ActivityModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: list, heading: t.title, t, model });
}

export interface ReportModel {
  /** Which entry; empty where it is none. */
  what: string;
  when: string;
  /** Where the button `report` is posted. */
  action: string;
  backHref: string;
}

/** The page that says what "this was not me" does, as HTML. */
export function reportPage(pages: Pages, view: View, model: ReportModel): string {
  const t = texts[view.locale];
  return pages.render(view, { template: report, heading: t.reportHeading, t, model });
}
