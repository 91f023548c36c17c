/** Passkeys in Chromium, with authenticators that are not real: made, used alone, beside and after a password, and taken away. */

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import { texts as listTexts } from '../../interactions/account/methods/texts.ts';
import { texts as passkeyTexts } from '../../interactions/methods/passkey/texts.ts';
import type { Locale } from '../../src/records/records.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { giveCode, givePassword, heading, openMail, personOf, press, readCode, words } from './people.ts';
import { type Visitor, visitor } from './visitor.ts';

jest.setTimeout(120_000);

let browser: Browser;
let demo: Demo;
beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo()]);
});
afterAll(async () => {
  expect(demo?.errors()).toBe('');
  await browser?.close();
  await demo?.stop();
});

const visitors: Visitor[] = [];
afterEach(async () => {
  const complaints = visitors.flatMap((each) => each.complaints);
  await Promise.all(visitors.splice(0).map((each) => each.close()));
  expect(complaints).toEqual([]);
});

async function come(locale: Locale, width: number, javaScriptEnabled = true): Promise<Visitor> {
  const one = await visitor(browser, demo, locale, { javaScriptEnabled, viewport: { width, height: 740 } });
  visitors.push(one);
  return one;
}

/** Authenticators of one page, which stay with it. */
interface Keys {
  /** One that verifies its user, or not, and whose touch comes by itself. */
  add(kind: 'synced' | 'bound', verifies?: boolean): Promise<string>;
  remove(id: string): Promise<void>;
  /** Whether somebody touches it when it is asked for. */
  touch(id: string, enabled: boolean): Promise<void>;
}

async function keysOf({ context, page }: Visitor): Promise<Keys> {
  const devtools: CDPSession = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable', {});
  return {
    async add(kind, verifies = true) {
      const synced = kind === 'synced';
      const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          ctap2Version: 'ctap2_1',
          transport: synced ? 'internal' : 'usb',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: verifies,
          automaticPresenceSimulation: true,
          defaultBackupEligibility: synced,
          defaultBackupState: synced,
        },
      });
      return authenticatorId;
    },
    async remove(authenticatorId) {
      await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
    async touch(authenticatorId, enabled) {
      await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
  };
}

/** What the page's script says. */
const said = (page: Page) => page.locator('.said');
const primary = (page: Page) => page.click('.ds-button[data-variant=primary]');

/** Signs in with the password and, where it is asked, the code from the mailbox. */
async function prove({ page, context }: Visitor, username: string): Promise<void> {
  await givePassword(page, username);
  if (!/\/email-code$/.test(page.url())) return;
  const mailbox = await openMail(context, demo, page);
  await giveCode(page, await readCode(mailbox));
  await mailbox.close();
}

describe.each([
  ['hu', 360],
  ['en', 1280],
] as const)('in %s, at %i pixels', (locale, width) => {
  const t = passkeyTexts[locale];
  const list = listTexts[locale];
  const { username, name } = personOf[locale];
  const w = words(locale);

  test('two are made, and each is used: alone, from the password page, and after a password', async () => {
    const who = await come(locale, width);
    const { page, examine } = who;
    const keys = await keysOf(who);
    const home = `${demo.kapu}/account/methods`;
    await page.goto(`${home}/passkey`);
    await prove(who, username);
    expect(await heading(page)).toBe(t.setUp.heading);
    await examine();

    // A device without anything that verifies its owner makes none.
    const careless = await keys.add('bound', false);
    await primary(page);
    await said(page).and(page.locator('[data-said=cancelled], [data-said=incapable], [data-said=unusable]')).waitFor();
    await examine();
    await keys.remove(careless);

    const laptop = await keys.add('synced');
    await page.fill('[name=name]', 'Laptop');
    await primary(page);
    await page.waitForURL(/done=added/);
    expect(await page.locator('main').textContent()).toContain('Laptop');
    expect(await page.locator('main').textContent()).toContain(t.kept.synced);
    await examine();

    // From the password page itself: the browser offers it, and this one takes it at once.
    await who.context.clearCookies();
    await page.goto(`${demo.service}/sign-in?level=plus`);
    await page.locator('.person').waitFor();
    expect(await page.locator('.level').textContent()).toBe(w.service.levels.plus);

    // The same device does not make a second one.
    await page.goto(`${home}/passkey`);
    await primary(page);
    await page.locator('[data-said=already]').waitFor();
    expect(await said(page).textContent()).toBe(t.problem.already);
    await examine();
    await keys.remove(laptop);

    const ring = await keys.add('bound');
    await primary(page);
    await page.waitForURL(/done=added/);
    expect(await page.locator('main').textContent()).toContain(t.places.key);
    expect(await page.locator('main').textContent()).toContain(t.kept.bound);
    await examine();

    // Alone, by the link below the form.
    await keys.touch(ring, false);
    await who.context.clearCookies();
    await page.goto(`${demo.service}/sign-in?level=plus`);
    expect(await heading(page)).toBe(w.password.heading);
    expect(await page.getAttribute('[name=username]', 'autocomplete')).toBe('username webauthn');
    await examine();
    await press(page, t.methodTitle);
    expect(await heading(page)).toBe(t.heading);
    await examine();
    await keys.touch(ring, true);
    await press(page, t.submit);
    expect(await page.locator('.person').textContent()).toContain(name);
    expect(await page.locator('.level').textContent()).toBe(w.service.levels.plus);

    // After a password, as one of two ways.
    await keys.touch(ring, false);
    await who.context.clearCookies();
    await page.goto(`${demo.service}/sign-in?level=plus`);
    await givePassword(page, username);
    await page.locator('.option').first().waitFor();
    await examine();
    await page.locator('.option', { hasText: t.methodTitle }).click();
    expect(await page.locator('main').textContent()).toContain(t.whyKnown);
    await keys.touch(ring, true);
    await press(page, t.submit);
    expect(await page.locator('.level').textContent()).toBe(w.service.levels.plus);

    // Taken away, it signs in no more, and the page says so.
    await page.goto(home);
    await page.getByRole('link', { name: list.remove }).last().click();
    expect(await page.locator('main').textContent()).toContain(list.removeSignsOut);
    await examine();
    await keys.touch(ring, false);
    // Everybody is signed out: which of the two was used is not known.
    await primary(page);
    await prove(who, username);
    await page.waitForURL(/done=removed/);
    await examine();
    await keys.touch(ring, true);
    await who.context.clearCookies();
    await page.goto(`${demo.service}/sign-in?level=plus`);
    await press(page, t.methodTitle);
    await press(page, t.submit);
    expect(await page.locator('[role=alert]').textContent()).toContain(t.problem.refused);
    await examine();
  });

  test('what goes wrong in the browser is said in plain words, with another way', async () => {
    const who = await come(locale, width);
    const { page, examine } = who;
    const keys = await keysOf(who);
    await keys.add('synced');
    await page.goto(`${demo.service}/sign-in`);
    await press(page, t.methodTitle);
    await press(page, t.submit);
    await page.locator('[data-said=cancelled]').waitFor();
    expect(await said(page).textContent()).toBe(t.said.cancelled);
    await examine();

    await who.context.route('**/passkey/options', (route) => route.fulfill({ status: 503 }));
    await press(page, t.submit);
    await page.locator('[data-said=unreachable]').waitFor();
    await examine();
    await press(page, w.password.methodTitle);
    expect(await heading(page)).toBe(w.password.heading);
    await who.context.unroute('**/passkey/options');
    // The browser has told of the answer that this test has made up.
    who.complaints.splice(0);
  });

  test('without JavaScript the password page is as it was, and the passkey page leads back to it', async () => {
    const { page, examine } = await come(locale, width, false);
    await page.goto(`${demo.service}/sign-in`);
    await examine();
    await press(page, t.methodTitle);
    expect(await page.locator('main').textContent()).toContain(t.noScript);
    await examine();
    await press(page, t.submit);
    expect(await page.locator('[role=alert]').textContent()).toContain(t.problem['no-script']);
    await examine();
    await press(page, w.password.methodTitle);
    await givePassword(page, username, demoPassword);
    expect(await page.locator('.person').textContent()).toContain(name);
  });

  test('a browser that knows no passkeys says so', async () => {
    const { page, context, examine } = await come(locale, width);
    await context.addInitScript('delete globalThis.PublicKeyCredential');
    await page.goto(`${demo.service}/sign-in`);
    await press(page, t.methodTitle);
    expect(await said(page).textContent()).toBe(t.said.unsupported);
    expect(await page.locator('.ds-button[data-variant=primary]').isVisible()).toBe(false);
    await examine();
  });
});
