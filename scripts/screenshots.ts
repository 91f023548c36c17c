/**
 * The pictures of the README, taken of the running demo in real Chromium: `npm run screenshots` writes them to
 * docs/pictures, and prints their sizes.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { giveCode, givePassword, openMail, personOf, press, readCode, words } from '../test/e2e/people.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { type Demo, startDemo } from '../test/support/demo.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'pictures');
mkdirSync(folder, { recursive: true });

const browser = await launchBrowser();
const demo = await startDemo();
try {
  await desktop(browser, demo);
  await phone(browser, demo);
} finally {
  await browser.close();
  await demo.stop();
}

/** A sign-in with plus on a wide screen: the form, the code, and what the service got. No wider than the pages' contents. */
async function desktop(browser: Browser, demo: Demo): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 900, height: 980 } });
  const page = await context.newPage();
  await page.goto(demo.service);
  await press(page, words('en').service.signInPlus);
  await take(page, 'sign-in');
  await givePassword(page, personOf.en.username);
  await page.locator('[data-delivery=sent]').waitFor();
  await take(page, 'code');
  await giveCode(page, await readCode(await openMail(context, demo, page)));
  await page.locator('.level').waitFor();
  await take(page, 'result');
  await context.close();
}

async function phone(browser: Browser, demo: Demo): Promise<void> {
  const context = await browser.newContext({ locale: 'hu-HU', viewport: { width: 360, height: 760 } });
  const page = await context.newPage();
  await page.goto(`${demo.service}/sign-in?level=plus`);
  await take(page, 'phone');
  await context.close();
}

/** What stands in the window. */
async function take(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  console.log(`docs/pictures/${name}.png: ${Math.ceil(statSync(path).size / 1000)} kB`);
}
