/** The explainer's page in a real browser: readable by everybody, on a small screen and in the dark, and without JavaScript. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createExplainerPage } from '../../demo/explainer/explainer.ts';
import { type Service, startService } from '../../demo/service/service.ts';
import { launchBrowser } from '../support/browser.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let kapu: TestKapu;
let service: Service;
let browser: Browser;

beforeAll(async () => {
  kapu = await startKapu();
  service = await startService({
    port: Number(new URL(kapu.issuer).port) + 1,
    issuer: kapu.issuer,
    clientId: 'demo-service',
    clientSecret: 'demo-service-secret-0123456789abcdef',
    explainer: (surroundings) => createExplainerPage({ settings: kapu.settings, records: kapu.records }, surroundings),
  });
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await kapu?.stop();
});

async function violations(page: Page, runOnly: object): Promise<string[]> {
  return page.evaluate(async (only) => {
    // @ts-expect-error axe is put into the page before it loads
    const { violations } = await globalThis.axe.run({ runOnly: only });
    return violations.map((each: { id: string; nodes: { html: string }[] }) => `${each.id}: ${each.nodes[0]?.html}`);
  }, runOnly);
}

/** What the page looks like with a problem, a failure with many mistakes, and a success. */
const states: [name: string, reach: (page: Page) => Promise<unknown>][] = [
  ['the empty form', (page) => page.goto(`${service.url}/explain`)],
  ['a request that works', (page) => page.goto(`${service.url}/explain?example=step-up`)],
  [
    'a request that fails',
    async (page) => {
      await page.goto(`${service.url}/explain`);
      await page.fill(
        '#url',
        `${kapu.issuer}/auth?client_id=demo-web&acr_values=pluss&client_secret=abcdefgh&scope=x#y`,
      );
      await page.selectOption('#person', 'bela');
      await page.click('main form button');
      await page.locator('#result').waitFor();
    },
  ],
  [
    'a question that cannot be answered',
    async (page) => {
      await page.goto(`${service.url}/explain`);
      await page.fill('#url', 'x');
      await page.selectOption('#session', 'plus');
      await page.selectOption('#person', 'bela');
      await page.click('main form button');
      await page.locator('#result').waitFor();
    },
  ],
];

describe.each<[string, BrowserContextOptions, object]>([
  [
    'on a small phone, in light',
    { viewport: { width: 320, height: 640 }, colorScheme: 'light' },
    { type: 'tag', values: tags },
  ],
  [
    'on a desktop, in dark',
    { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
    { type: 'rule', values: ['color-contrast'] },
  ],
])('%s', (_, options, runOnly) => {
  test.each(['hu', 'en'])(
    'no violations of WCAG 2.2 AA and no sideways scrolling, in %s',
    async (locale) => {
      const context = await browser.newContext({ ...options, locale });
      await context.addInitScript({ content: axe });
      const page = await context.newPage();
      const found: string[] = [];
      page.on(
        'console',
        (message) => message.type() === 'error' && !/422/.test(message.text()) && found.push(message.text()),
      );
      for (const [name, reach] of states) {
        await reach(page);
        found.push(...(await violations(page, runOnly)).map((violation) => `${name}: ${violation}`));
        const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
        if (width > options.viewport!.width) found.push(`${name} is ${width} pixels wide`);
      }
      expect(found).toEqual([]);
      await context.close();
    },
    60_000,
  );
});

test('without JavaScript, by keyboard: paste, choose, press Enter', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en' });
  const page = await context.newPage();
  await page.goto(`${service.url}/explain?example=plus`);
  await page.selectOption('#session', 'basic');
  await page.focus('main form button');
  await page.keyboard.press('Enter');
  await page.locator('.verdict', { hasText: 'one page' }).waitFor();
  expect(page.url()).toBe(`${service.url}/explain#result`);
  expect(await page.locator('#session').inputValue()).toBe('basic');
  await context.close();
}, 60_000);
