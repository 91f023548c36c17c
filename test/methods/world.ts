/** A server for the tests of methods: a clock that moves, stores that can go away, and people of which each test has its own. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import type { Page as BrowserPage } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import type { SettingsInput } from '../../config/settings.ts';
import { type Account, type Locale, type Records, RecordsUnavailable } from '../../src/records/records.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { openRecords } from '../../src/stores.ts';
import { stepOf } from '../flow/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { Asked, RelyingParty } from '../support/relying-party.ts';

/** Fields of a form, by name. */
export type Answer = Record<string, string>;

export interface World {
  kapu: TestKapu;
  /** Its redirect URI answers browsers. */
  service: RelyingParty;
  clock: Clock;
  /** What is away now: everything asked of it fails. */
  away: Set<'state' | 'records' | 'credentials'>;
  /** A new person with the demo's password; with a confirmed address of their own unless `mailbox` is false; 'en' unless told. */
  person(options?: { mailbox?: boolean; locale?: Locale }): Promise<Account>;
  stop(): Promise<void>;
}

/** Limits that a test can use up. */
export const limits = { password: 8, emailCode: 12 };

export async function startWorld(change?: (settings: SettingsInput) => void): Promise<World> {
  const clock = testClock();
  const away: World['away'] = new Set();
  const kept = await openRecords({ records: { kind: 'sqlite', file: ':memory:', lockPatience: 1000 } }, clock.now);
  const kapu = await startKapu({
    clock,
    records: { ...gatedRecords(kept, away) },
    around: (state) => gatedState(state, away),
    change(settings) {
      roomy(settings);
      settings.password.triesPerAccount = limits.password;
      settings.emailCode.triesPerAccount = limits.emailCode;
      change?.(settings);
    },
  });
  const { passwordHash } = (await kept.accounts.findForPassword('anna'))!;
  let people = 0;
  const callback = createServer((_, answer) =>
    answer
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><html lang="en"><title>Back</title><h1>Back</h1>'),
  );
  await once(callback.listen(0, '127.0.0.1'), 'listening');
  const { port } = callback.address() as AddressInfo;
  return {
    kapu,
    service: await kapu.service({ redirectUri: `http://127.0.0.1:${port}/callback` }),
    clock,
    away,
    async person({ mailbox = true, locale = 'en' } = {}) {
      people += 1;
      const username = `citizen-${people}`;
      const address = mailbox ? { email: `${username}@demo.example`, emailVerified: true } : {};
      return kept.accounts.add({ username, locale, ...address }, passwordHash);
    },
    async stop() {
      away.clear();
      callback.close();
      callback.closeAllConnections();
      await kapu.stop();
      await kept.end();
    },
  };
}

/** `verbs`, which fail while `isAway` says so. */
function gated<Verbs extends object>(verbs: Verbs, isAway: () => boolean, fault: () => Error): Verbs {
  const gate = ([name, verb]: [string, unknown]) => [
    name,
    typeof verb === 'function'
      ? (...values: unknown[]) => (isAway() ? Promise.reject(fault()) : verb.apply(verbs, values))
      : verb,
  ];
  return Object.fromEntries(Object.entries(verbs).map(gate)) as Verbs;
}

const gatedState = (state: State, away: World['away']): State => ({
  ...gated(
    state,
    () => away.has('state'),
    () => new StateUnavailable('away'),
  ),
  end: () => state.end(),
});

function gatedRecords(records: Records, away: World['away']): Records {
  const fault = () => new RecordsUnavailable('away');
  const parts = ['accounts', 'credentials', 'clients', 'consents', 'aliases', 'audit', 'notices'] as const;
  const isAway = (part: string) => away.has('records') || (part === 'credentials' && away.has('credentials'));
  const through = parts.map((part) => [part, gated(records[part], () => isAway(part), fault)]);
  return { ...records, ...Object.fromEntries(through) };
}

/** A browser on its way to plus, at the page of `method` where that comes after the password. */
export async function atMethod(
  { service, kapu }: World,
  method: { name: string; identifies: boolean },
  { username }: Pick<Account, 'username'>,
  agent: Agent = kapu.agent(),
): Promise<{ agent: Agent; asked: Asked; page: Page }> {
  if (method.identifies) {
    const { asked, page } = await service.visit(agent, {});
    return { agent, asked, page: stepOf(page) === method.name ? page : await goTo(agent, page, method.name) };
  }
  const { asked, page } = await service.visit(agent, { acr_values: 'plus' });
  const next = stepOf(page) === 'password' ? await agent.submit(page, { username, password: demoPassword }) : page;
  return { agent, asked, page: await goTo(agent, next, method.name) };
}

/** From one page of a sign-in to that of `method`. */
export async function goTo(agent: Agent, page: Page, method: string): Promise<Page> {
  const own = await agent.get(pathOf(page.url, method));
  expect([stepOf(own), own.status]).toEqual([method, 200]);
  return own;
}

/** Where `method` has its page in the sign-in of the page at `url`. */
export function pathOf(url: URL | string, method: string): string {
  return new URL(url).pathname.replace(/^(\/interaction\/[\w-]+)\/.*$/, `$1/${method}`);
}

/** The same with a real browser. */
export async function browseTo(
  page: BrowserPage,
  asked: Asked,
  method: { name: string; identifies: boolean },
  { username }: Pick<Account, 'username'>,
): Promise<void> {
  await page.goto(asked.url.href);
  if (method.identifies) return;
  await fillIn(page, { username, password: demoPassword });
  await page.goto(new URL(pathOf(page.url(), method.name), page.url()).href);
}

/** Types an answer, and sends it with Enter. */
export async function fillIn(page: BrowserPage, answer: Answer): Promise<void> {
  for (const [name, text] of Object.entries(answer)) await page.fill(`[name=${name}]`, text);
  await page.press(`[name=${Object.keys(answer).at(-1)}]`, 'Enter');
  await page.waitForLoadState();
}
