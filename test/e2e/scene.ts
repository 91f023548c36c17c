/**
 * A story that somebody goes through in Chromium: a person of their own, a browser, a server whose clock moves, and a look at every page that
 * matters. Each look examines the page; with KAPU_PICTURES, a folder, it takes a picture as well where docs/pages.md shows one
 * (`npm run screenshots`).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import type { Account, Locale } from '../../src/records/records.ts';
import { fillIn, type World } from '../methods/world.ts';
import type { Page as AgentPage } from '../support/agent.ts';
import type { Demo } from '../support/demo.ts';
import { type Visitor, visitor } from './visitor.ts';

/** How somebody comes: in which language, with which browser. */
export interface Variant {
  locale: Locale;
  javaScriptEnabled: boolean;
  width: number;
}

export const variants: readonly Variant[] = [
  { locale: 'hu', javaScriptEnabled: true, width: 360 },
  { locale: 'hu', javaScriptEnabled: false, width: 1280 },
  { locale: 'en', javaScriptEnabled: true, width: 1280 },
  { locale: 'en', javaScriptEnabled: false, width: 360 },
];

export interface Scene {
  page: Page;
  visitor: Visitor;
  /** Looks at the page, which is called `name`; at the newest one, where there are several browsers. */
  look(name: string, at?: Visitor): Promise<void>;
  /** Another browser of the same kind. */
  another(): Promise<Visitor>;
  /** Goes to the service, which asks for a level or for whatever it likes. */
  toService(parameters?: Record<string, string>, page?: Page): Promise<void>;
  /** Types the code that was mailed for the page. */
  mailedCode(page?: Page): Promise<void>;
  /** Goes to a page of the own pages, giving password and code where they are asked. */
  own(path: string, username: string, password?: string): Promise<void>;
  /** Checks that the browser is back at the service: with a code, or with this error. */
  isBack(error?: string, page?: Page): Promise<void>;
  /** Closes all browsers; none has complained. */
  end(): Promise<void>;
}

const pictures = process.env.KAPU_PICTURES;
const shown = pictures ? readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'pages.md'), 'utf8') : '';

export async function sceneOf(browser: Browser, world: World, variant: Variant): Promise<Scene> {
  const { locale, javaScriptEnabled, width } = variant;
  const { kapu, service } = world;
  const { origin } = new URL(service.redirectUri);
  const places = { kapu: kapu.issuer, service: origin, mailbox: origin } as Demo;
  const come = () => visitor(browser, places, locale, { javaScriptEnabled, viewport: { width, height: 800 } });
  const all = [await come()];
  const first = all[0]!;
  const { page } = first;
  const scene: Scene = {
    page,
    visitor: first,
    async look(name, at = first) {
      expect(await at.page.getAttribute('html', 'lang')).toBe(locale);
      await at.examine();
      const file = `${name}-${locale}.png`;
      if (!pictures || !javaScriptEnabled || !shown.includes(`/${file})`)) return;
      await at.page.screenshot({ path: join(pictures, file), fullPage: true });
    },
    async another() {
      const other = await come();
      all.push(other);
      return other;
    },
    async toService(parameters = {}, on = page) {
      await on.goto((await service.ask(parameters)).url.href);
    },
    async mailedCode(on = page) {
      await fillIn(on, { code: await kapu.codeFor({ html: await on.content() } as AgentPage) });
    },
    async own(path, username, password = demoPassword) {
      await page.goto(`${kapu.issuer}${path}`);
      if (page.url().endsWith('/password')) await fillIn(page, { username, password });
      if (page.url().endsWith('/email-code')) await scene.mailedCode();
    },
    async isBack(error, on = page) {
      await on.waitForURL(`${service.redirectUri}?*`);
      const { searchParams } = new URL(on.url());
      expect([searchParams.get('error'), searchParams.has('code')]).toEqual([error ?? null, error === undefined]);
    },
    async end() {
      const complaints = all.flatMap((each) => each.complaints);
      await Promise.all(all.map((each) => each.close()));
      expect(complaints).toEqual([]);
    },
  };
  return scene;
}

/** Presses the page's first button. */
export async function goOn(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.click('.ds-button[data-variant=primary]')]);
}

/** Follows or presses what says `label`. */
export async function take(page: Page, label: string | RegExp): Promise<void> {
  const what = page.getByRole('link', { name: label }).or(page.getByRole('button', { name: label }));
  await Promise.all([page.waitForEvent('load'), what.first().click()]);
}

/** The account as it is now. */
export async function accountOf({ kapu }: World, { id }: Account): Promise<Account> {
  return (await kapu.records.accounts.find(id))!;
}
