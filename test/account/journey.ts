/** Ways into a person's own pages, for tests. */

import { expect } from '@jest/globals';
import { stepOf, walk } from '../flow/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import type { TestKapu } from '../support/kapu.ts';

/** Goes to `path` of the own pages, signing in as `username` where that is asked; what was asked, and where it led. */
export async function visit(
  kapu: TestKapu,
  agent: Agent,
  path = '/account',
  username = 'anna',
): Promise<{ steps: string[]; page: Page }> {
  return answered(kapu, agent, await agent.get(path), username);
}

/** Answers whatever is asked from `page` on. */
export async function answered(kapu: TestKapu, agent: Agent, page: Page, username = 'anna') {
  const steps: string[] = [];
  let at = page;
  while (['password', 'email-code'].includes(stepOf(at))) {
    const walked = await walk(kapu, agent, at, username);
    steps.push(...walked.steps);
    at = walked.page;
  }
  return { steps, page: at };
}

/** Checks that it is a page of the own pages. */
export function expectPage(page: Page, path: string): void {
  expect([page.url.pathname, page.status]).toEqual([path, 200]);
}
