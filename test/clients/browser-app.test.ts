/** The demo's browser app, on oauth4webapi, in Chromium: what a developer copies does what it says. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { giveCode, givePassword, openMail, press, readCode, words } from '../e2e/people.ts';
import { type Visitor, visitor } from '../e2e/visitor.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Demo, startDemo } from '../support/demo.ts';

const t = words('en');
let browser: Browser;
let demo: Demo;
let anna: Visitor;

beforeAll(async () => {
  demo = await startDemo();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  anna = await visitor(browser, demo, 'en');
  await anna.page.goto(`${demo.service}/browser-app`);
});
afterEach(async () => {
  await anna.examine();
  expect(anna.complaints).toEqual([]);
  await anna.close();
});

const value = (name: string) => anna.page.locator(`[data-value=${name}]`).first().textContent();
const seen = (part: string) => anna.page.locator(`[data-part=${part}]`).waitFor();

async function enterCode(): Promise<void> {
  const { page, context } = anna;
  const mailbox = await openMail(context, demo, page);
  const code = await readCode(mailbox);
  await mailbox.close();
  await giveCode(page, code);
}

test('signs in at basic, steps up to plus and is at the view that wanted it, and signs out', async () => {
  const { page } = anna;
  await press(page, 'Sign in');
  await givePassword(page, 'anna');
  await seen('closed');
  expect(await value('acr')).toBe('basic');
  expect(await value('name')).toBe('Szabóné Kiss Anna');
  expect(page.url()).toBe(`${demo.service}/browser-app`);
  await anna.examine();

  await press(page, 'Step up to plus');
  await enterCode();
  await seen('open');
  expect(await value('acr')).toBe('plus');
  expect(page.url()).toBe(`${demo.service}/browser-app#submit`);
  const kept = await page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])');
  expect(kept).toBe('[{},{},""]');

  await press(page, 'Sign out');
  await page.click('[name=logout]');
  await seen('signed-out');
  await press(page, 'Sign in');
  await page.waitForSelector('[name=password]');
  expect(await page.textContent('h1')).toBe(t.password.heading);
});

test('a token of another level than asked opens nothing, whatever the person did to the request', async () => {
  const { page } = anna;
  await page.route(`${demo.kapu}/auth?*`, (route) => {
    const url = new URL(route.request().url());
    url.searchParams.delete('claims');
    return route.continue({ url: url.href });
  });
  await press(page, 'Sign in with plus');
  await givePassword(page, 'anna');
  await seen('unmet');
});

test('who gives up, or brings an answer back a second time, is told so', async () => {
  const { page } = anna;
  await press(page, 'Sign in');
  await page.click('[name=cancel]');
  await seen('cancelled');
  await page.goto(`${demo.service}/browser-app?code=c&state=s`);
  await seen('unknown');
  expect(page.url()).toBe(`${demo.service}/browser-app`);
});
