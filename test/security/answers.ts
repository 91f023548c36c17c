/** What every answer must be, whoever asks for whatever. */

import { expect } from '@jest/globals';
import type { Page } from '../support/agent.ts';
import type { TestKapu } from '../support/kapu.ts';

/** The addresses that the demo's clients have registered, without their ports. */
const registered = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/(callback)?([?#]|$)/;

/**
 * No fault; nothing of the insides; no way to an address that nobody registered; and an error page names a reference
 * under which the log says more.
 */
export function expectSound(kapu: TestKapu, page: Page): void {
  expect(page.status).toBeLessThan(500);
  expect(page.html).not.toMatch(/\n\s+at \S|node_modules|\.[jt]s:\d+/);
  for (const url of page.through) if (!url.startsWith(`${kapu.issuer}/`)) expect(url).toMatch(registered);
  const isPage = page.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (isPage && page.status >= 400 && page.status !== 422 && page.status !== 429) expectReference(kapu, page);
}

/** The page shows the request's reference, and the log has it. */
export function expectReference(kapu: TestKapu, page: Page): void {
  const reference = /class="reference">(\w+)</.exec(page.html)?.[1];
  expect(reference).toBe(page.headers.get('x-request-id'));
  expect(kapu.log.filter((line) => line.includes(`"reference":"${reference}"`))).not.toEqual([]);
}
