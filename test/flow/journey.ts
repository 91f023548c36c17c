/** Sign-ins as a person goes through them: where a page stands, and the way from it to the service. */

import { expect } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import type { SettingsInput } from '../../config/settings.ts';
import type { Agent, Page } from '../support/agent.ts';
import { roomy, type TestKapu } from '../support/kapu.ts';
import type { Asked, RelyingParty, SignedIn } from '../support/relying-party.ts';

export const password = demoPassword;
/** What a demo person types. */
export const credentials = (username: string) => ({ username, password });

/** Room for many sign-ins, and a third level whose password ages sooner than the code. */
export function withStrict(settings: SettingsInput): void {
  roomy(settings);
  settings.levels = [
    { name: 'basic', anyOf: [['password']] },
    { name: 'plus', anyOf: [['password', 'email-code']], maxAge: { 'email-code': '15m' } },
    { name: 'strict', anyOf: [['password', 'email-code']], maxAge: { password: '5m', 'email-code': '15m' } },
  ];
}

/** The step that a page asks for: a method's name, 'consent', 'service' when the browser is back there, or 'none'. */
export function stepOf(page: Page): string {
  if (page.url.pathname === '/callback') return 'service';
  return page.status === 200 ? (/^\/interaction\/[\w-]+\/([\w-]+)$/.exec(page.url.pathname)?.[1] ?? 'none') : 'none';
}

/** The error that the browser brought back to the service; undefined when there is none. */
export function errorOf(page: Page): string | undefined {
  expect(stepOf(page)).toBe('service');
  return page.url.searchParams.get('error') ?? undefined;
}

/** The error that the service hears of somebody whose account is on hold, once they have read why and gone back. */
export async function heldError(agent: Agent, page: Page): Promise<string | undefined> {
  expect(stepOf(page)).toBe('held');
  return errorOf(await agent.submit(page, { cancel: '1' }));
}

/** Where a walk has led. */
export interface Walked {
  /** The steps that were asked, in order. */
  steps: string[];
  /** The last page: back at the service, or one that a demo person cannot answer. */
  page: Page;
}

/** Answers whatever is asked from `page` on, as `username`, until the browser is back at the service. */
export async function walk(kapu: TestKapu, agent: Agent, page: Page, username = 'anna'): Promise<Walked> {
  const steps: string[] = [];
  let at = page;
  for (let step = stepOf(at); steps.length < 5; step = stepOf(at)) {
    if (step === 'password') at = await agent.submit(at, credentials(username));
    else if (step === 'email-code') at = await agent.submit(at, { code: await kapu.codeFor(at) });
    else if (step === 'consent') at = await agent.submit(at, { allow: '1' });
    else return { steps, page: at };
    steps.push(step);
  }
  throw new Error(`no end of steps: ${steps.join(', ')}`);
}

/** A sign-in from the service and back to it: what was asked, and what it came to. */
export type Signing = { steps: string[]; page: Page } & (
  | (SignedIn & { error: undefined })
  | { error: string; claims: undefined; tokens: undefined }
);

/** Goes to the service with `agent`, signs in as `username` where asked, and redeems the code. */
export async function attempt(
  kapu: TestKapu,
  service: RelyingParty,
  agent: Agent,
  parameters: Record<string, string> = {},
  username?: string,
): Promise<Signing> {
  const { asked, page } = await service.visit(agent, parameters);
  const walked = await walk(kapu, agent, page, username);
  const error = errorOf(walked.page);
  return error === undefined
    ? { ...walked, ...(await asked.redeem(walked.page.url)), error }
    : { ...walked, error, claims: undefined, tokens: undefined };
}

/** The same, where nothing but success will do. */
export async function signIn(...args: Parameters<typeof attempt>): Promise<SignedIn & Walked> {
  const signing = await attempt(...args);
  if (signing.error !== undefined) throw new Error(`${signing.error}: ${signing.page.url.href}`);
  return signing;
}

/** An agent at the code page of a sign-in that asks for plus, with its way on. */
export async function atCodePage(
  kapu: TestKapu,
  service: RelyingParty,
  username = 'anna',
  agent = kapu.agent(),
): Promise<{ agent: Agent; asked: Asked; page: Page }> {
  const { asked, page } = await service.visit(agent, { acr_values: 'plus' });
  const next = stepOf(page) === 'password' ? await agent.submit(page, credentials(username)) : page;
  expect(stepOf(next)).toBe('email-code');
  return { agent, asked, page: next };
}

/** Whether the browser is signed in: what a silent request brings back. */
export async function silently(
  service: RelyingParty,
  agent: Agent,
  parameters: Record<string, string> = {},
): Promise<string | SignedIn> {
  const { asked, page } = await service.visit(agent, { prompt: 'none', ...parameters });
  return errorOf(page) ?? (await asked.redeem(page.url));
}
