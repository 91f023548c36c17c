/** What everybody hears while a store is away, and how soon. */

import { expect } from '@jest/globals';
import { type Page, textOf } from '../support/agent.ts';

/** The answer, which must have come within `longest` milliseconds. */
export async function within<T>(longest: number, answer: Promise<T>): Promise<T> {
  const started = performance.now();
  const given = await answer;
  expect(performance.now() - started).toBeLessThan(longest);
  return given;
}

/** What a page says to a person; `detail` is what belongs into the log alone. */
export const plainly = (page: Page, detail: RegExp) => ({
  status: page.status,
  soon: Number(page.headers.get('retry-after')) > 0,
  says: /Signing in is not available right now/.test(textOf(page)),
  wayOn: /<a[^>]* href="\/[^"]*"[^>]*>\s*Try again/.test(page.html),
  stack: detail.test(page.html),
});

/** That page, as it should be. */
export const unavailablePage = { status: 503, soon: true, says: true, wayOn: true, stack: false };
