/** A reset of the password by mail, as a person goes through it. */

import { expect } from '@jest/globals';
import type { Agent, Page } from '../support/agent.ts';
import type { TestKapu } from '../support/kapu.ts';
import { stepOf } from './journey.ts';

export const newPassword = 'ladder umbrella seventeen';

/** Where a page of a reset stands: 'start', 'code', 'password', 'done'; undefined for another page. */
export function resetStep(page: Page): string | undefined {
  const [, step] = /^\/interaction\/[\w-]+\/reset(?:\/(\w+))?$/.exec(page.url.pathname) ?? [];
  return page.url.pathname.includes('/reset') ? (step ?? 'start') : undefined;
}

/** From the password page to the page that asks for the code. */
export async function askForCode(agent: Agent, at: Page, username = 'anna'): Promise<Page> {
  expect(stepOf(at)).toBe('password');
  const start = await agent.get(at.url.pathname.replace(/\/password$/, '/reset'));
  expect([start.status, resetStep(start)]).toEqual([200, 'start']);
  return agent.submit(start, { username });
}

/** From the password page to the one that says what the new password is worth. */
export async function reset(
  kapu: TestKapu,
  agent: Agent,
  at: Page,
  username = 'anna',
  password = newPassword,
): Promise<Page> {
  const asked = await askForCode(agent, at, username);
  expect(resetStep(asked)).toBe('code');
  const form = await agent.submit(asked, { code: await kapu.codeFor(asked) });
  expect(resetStep(form)).toBe('password');
  const done = await agent.submit(form, { 'new-password': password, repeat: password });
  expect([done.status, resetStep(done)]).toEqual([200, 'done']);
  return done;
}

/** From the password page, with a code of an operator's, to the one that says that the password is set. */
export async function activate(agent: Agent, at: Page, username: string, code: string, password = newPassword) {
  expect(stepOf(at)).toBe('password');
  const start = await agent.get(at.url.pathname.replace(/\/password$/, '/activate'));
  const form = await agent.submit(start, { username, code });
  const done = await agent.submit(form, { 'new-password': password, repeat: password });
  expect([done.status, done.url.pathname]).toEqual([200, expect.stringMatching(/\/activate\/done$/)]);
  return done;
}
