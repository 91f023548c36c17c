/**
 * The pictures of the README and of people's own pages, taken of the running demo in real Chromium: `npm run screenshots` writes them to
 * docs/pictures, and prints their sizes. Those of journeys (docs/pages.md) are then taken by the tests that make them.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Locale } from '../src/records/records.ts';
import { giveCode, givePassword, openMail, personOf, press, readCode, words } from '../test/e2e/people.ts';
import { codeAt } from '../test/methods/app.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { type Demo, startDemo } from '../test/support/demo.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'pictures');
mkdirSync(folder, { recursive: true });

const browser = await launchBrowser();
const demo = await startDemo();
try {
  await desktop(browser, demo);
  await phone(browser, demo);
  await ownPages(browser, demo, 'en', 1280);
  await ownPages(browser, demo, 'hu', 360);
  await passkeys(browser, demo);
  await ownCodes(browser, demo);
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

/** Making two passkeys, by authenticators that are not real, and the page that asks for one. */
async function passkeys(browser: Browser, demo: Demo): Promise<void> {
  const context = await browser.newContext({ locale: 'hu-HU', viewport: { width: 360, height: 760 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable', {});
  const common = { protocol: 'ctap2', hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
  const home = `${demo.kapu}/account/methods`;
  await page.goto(`${home}/passkey`);
  await givePassword(page, personOf.hu.username);
  const mailbox = await openMail(context, demo, page);
  await giveCode(page, await readCode(mailbox));
  // A browser asks authenticators for the page that is in front alone.
  await mailbox.close();
  for (const [transport, synced, name] of [
    ['internal', true, 'Telefonom'],
    ['usb', false, 'Kulcscsomó'],
  ] as const) {
    const backup = { defaultBackupEligibility: synced, defaultBackupState: synced };
    const options = { ...common, ...backup, transport, automaticPresenceSimulation: true };
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
    await page.goto(`${home}/passkey`);
    await page.fill('[name=name]', name);
    if (synced) await take(page, 'passkey-set-up', true);
    await page.click('.ds-button[data-variant=primary]');
    await page.waitForURL(/done=added/);
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  }
  await page.goto(home);
  await take(page, 'passkeys', true);
  await context.clearCookies();
  await page.goto(`${demo.service}/sign-in?level=plus`);
  await page.locator('.others a').first().click();
  await take(page, 'passkey', true);
  await context.close();
}

/** Setting up an authenticator app, recovery codes on the screen and on paper, and the page that asks for a code of the app. */
async function ownCodes(browser: Browser, demo: Demo): Promise<void> {
  const [wide, narrow] = [
    { width: 900, height: 980 },
    { width: 360, height: 760 },
  ];
  const context = await browser.newContext({ locale: 'en-GB', viewport: wide });
  const page = await context.newPage();
  const home = `${demo.kapu}/account/methods`;
  await page.goto(home);
  await givePassword(page, personOf.en.username);
  await page.getByRole('link', { name: /authenticator app/i }).click();
  const mailbox = await openMail(context, demo, page);
  await giveCode(page, await readCode(mailbox));
  await mailbox.close();
  const key = /secret=(\w+)/.exec((await page.getAttribute('a[href^="otpauth:"]', 'href'))!)![1]!;
  await take(page, 'app-set-up-en', true);
  await page.setViewportSize(narrow);
  await page.goto(`${page.url()}?ui_locales=hu`);
  await take(page, 'app-set-up-hu', true);
  await page.goto(page.url().replace('=hu', '=en'));
  await giveCode(page, codeAt(key, new Date()));

  await page.goto(home);
  await page.getByRole('link', { name: /recovery code/i }).click();
  await take(page, 'recovery-codes-make', true);
  await page.setViewportSize(wide);
  await page.click('.ds-button[data-variant=primary]');
  await take(page, 'recovery-codes', true);
  await page.emulateMedia({ media: 'print' });
  await take(page, 'recovery-codes-printed', true);
  await page.emulateMedia({ media: null });

  await page.setViewportSize(narrow);
  await context.clearCookies();
  await page.goto(`${demo.service}/sign-in?level=plus`);
  await givePassword(page, personOf.en.username);
  await take(page, 'choose', true);
  await page.getByRole('link', { name: /authenticator app/i }).click();
  await take(page, 'app', true);
  await page.goto(page.url().replace(/[^/]*$/, 'recovery-code'));
  await take(page, 'recovery-code', true);
  await context.close();
}

/** People's own pages, each as a whole. */
async function ownPages(browser: Browser, demo: Demo, locale: Locale, width: number): Promise<void> {
  const context = await browser.newContext({ locale, viewport: { width, height: 760 } });
  const page = await context.newPage();
  await page.goto(`${demo.kapu}/account`);
  await givePassword(page, personOf[locale].username);
  await page.locator('.own').waitFor();
  for (const name of ['', 'methods', 'sessions', 'services', 'activity', 'data']) {
    await page.goto(`${demo.kapu}/account/${name}`);
    await take(page, `account-${name || 'overview'}-${locale}`, true);
  }
  await context.close();
}

/** What stands in the window, or all of the page. */
async function take(page: Page, name: string, fullPage = false): Promise<void> {
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage });
  console.log(`docs/pictures/${name}.png: ${Math.ceil(statSync(path).size / 1000)} kB`);
}
