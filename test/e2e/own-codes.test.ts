/**
 * A person's own codes in Chromium: the app is set up by what a camera sees on the screen, recovery codes are printed, and both lead
 * to plus; in both languages, with scripts and without.
 */

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import decodeQR from 'qr/decode.js';
import { demoPassword } from '../../config/demo.ts';
import { texts as accountTexts } from '../../interactions/account/texts.ts';
import { texts as codeTexts } from '../../interactions/methods/email-code/texts.ts';
import { texts as recovery } from '../../interactions/methods/recovery-code/texts.ts';
import { texts as app } from '../../interactions/methods/totp/texts.ts';
import { codeAt } from '../methods/app.ts';
import { fillIn, startWorld, type World } from '../methods/world.ts';
import type { Page as AgentPage } from '../support/agent.ts';
import { launchBrowser } from '../support/browser.ts';
import type { Demo } from '../support/demo.ts';
import { heading, press } from './people.ts';
import { type Visitor, visitor } from './visitor.ts';

jest.setTimeout(240_000);

let browser: Browser;
let world: World;
beforeAll(async () => {
  [browser, world] = await Promise.all([launchBrowser(), startWorld()]);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** What a camera reads in the picture of `page`. */
async function scan(page: Page): Promise<string> {
  const picture = (await page.locator('svg[role=img]').screenshot()).toString('base64');
  const eye = await browser.newPage();
  const { width, height, data } = await eye.evaluate(async (png) => {
    // @ts-expect-error this runs in the page
    const { Image, OffscreenCanvas } = globalThis;
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const { width, height, data } = canvas.getImageData(0, 0, image.width, image.height);
    // As text: an array of numbers takes a while to hand over.
    return { width, height, data: Array.from(data as Uint8Array, (byte) => String.fromCharCode(byte)).join('') };
  }, picture);
  await eye.close();
  return decodeQR({ width, height, data: Buffer.from(data, 'latin1') });
}

/** Codes that run into the number of the one beside them. */
function crowded(page: Page): Promise<string[]> {
  return page.locator('.codes li').evaluateAll((items) => {
    const boxes = items.map((item) => {
      // @ts-expect-error this runs in the page
      const range = globalThis.document.createRange();
      range.selectNodeContents(item);
      return { text: String(item.textContent), box: range.getBoundingClientRect() };
    });
    // A number takes less than 40 pixels.
    return boxes.flatMap(({ text, box }) =>
      boxes.some(({ box: other }) => other.top === box.top && other.left > box.left && other.left < box.right + 40)
        ? [text]
        : [],
    );
  });
}

describe.each([
  { locale: 'hu', javaScriptEnabled: true, width: 360 },
  { locale: 'hu', javaScriptEnabled: false, width: 1280 },
  { locale: 'en', javaScriptEnabled: true, width: 1280 },
  { locale: 'en', javaScriptEnabled: false, width: 360 },
] as const)(
  'in $locale, with JavaScript: $javaScriptEnabled, at $width pixels',
  ({ locale, javaScriptEnabled, width }) => {
    const t = { app: app[locale], recovery: recovery[locale] };

    async function arrive(): Promise<{ someone: Visitor; username: string }> {
      const { username } = await world.person();
      const { origin: service } = new URL(world.service.redirectUri);
      const places = { kapu: world.kapu.issuer, service, mailbox: service } as Demo;
      const viewport = { width, height: 800 };
      return { someone: await visitor(browser, places, locale, { javaScriptEnabled, viewport }), username };
    }

    /** Signs in to a page of the own pages, by password and mail. */
    async function open(page: Page, path: string, username: string): Promise<void> {
      await page.goto(`${world.kapu.issuer}${path}`);
      if (page.url().endsWith('/password')) await fillIn(page, { username, password: demoPassword });
      if (!page.url().endsWith('/email-code')) return;
      expect(await heading(page)).toBe(codeTexts[locale].heading);
      await fillIn(page, { code: await world.kapu.codeFor({ html: await page.content() } as AgentPage) });
    }

    const signInPlus = async (page: Page, username: string) => {
      await page.goto((await world.service.ask({ acr_values: 'plus', prompt: 'login' })).url.href);
      await fillIn(page, { username, password: demoPassword });
    };

    test('an app is set up by its picture, and signs in', async () => {
      const { someone, username } = await arrive();
      const { page } = someone;
      await open(page, '/account/methods/totp', username);
      expect(await heading(page)).toBe(t.app.setup.heading);
      await someone.examine();
      const address = new URL(await scan(page));
      expect(address.href).toBe(await page.getAttribute('a[href^="otpauth:"]', 'href'));
      expect([address.protocol, address.host, address.pathname]).toEqual(['otpauth:', 'totp', `/Kapu:${username}`]);
      const key = address.searchParams.get('secret')!;
      await fillIn(page, { code: '000000' });
      await someone.examine();
      await page.emulateMedia({ colorScheme: 'dark' });
      // Whoever's pages are dark has a camera too.
      expect(await scan(page)).toBe(address.href);
      await someone.examine();
      await page.emulateMedia({ colorScheme: null });
      await fillIn(page, { code: codeAt(key, world.clock.now()) });
      expect(new URL(page.url()).pathname).toBe('/account/methods');
      await someone.examine();

      await world.clock.pass(30_000);
      await signInPlus(page, username);
      // The person has a mailbox as well: they choose.
      await press(page, t.app.methodTitle);
      expect(await heading(page)).toBe(t.app.heading);
      await fillIn(page, { code: codeAt(key, world.clock.now()) });
      await page.waitForURL(`${world.service.redirectUri}?code=*`);
      expect(someone.complaints).toEqual([]);
      await someone.close();
    });

    test('recovery codes are made, printed on one sheet, and sign in', async () => {
      const { someone, username } = await arrive();
      const { page } = someone;
      await open(page, '/account/methods/recovery-code', username);
      expect(await heading(page)).toBe(t.recovery.setup.heading);
      await someone.examine();
      await press(page, t.recovery.setup.make);
      expect(await heading(page)).toBe(t.recovery.setup.codesHeading);
      await someone.examine();
      const codes = await page.locator('.codes li').allTextContents();
      expect(codes).toHaveLength(10);

      expect(await crowded(page)).toEqual([]);

      await page.emulateMedia({ media: 'print' });
      expect(await crowded(page)).toEqual([]);
      const visible = (text: string) => page.getByText(text, { exact: false }).first().isVisible();
      const date = new Intl.DateTimeFormat(locale === 'hu' ? 'hu-HU' : 'en-GB', { year: 'numeric', month: 'long' });
      const printed = ['Kapu', username, ...codes, t.recovery.setup.use, t.recovery.setup.keep];
      for (const text of printed) expect([text, await visible(text)]).toEqual([text, true]);
      expect(await page.locator('.facts').textContent()).toContain(date.format(world.clock.now()).split(' ')[0]);
      for (const text of [
        t.recovery.setup.shownOnce,
        t.recovery.setup.done,
        'English',
        'Magyar',
        accountTexts[locale].signOut,
      ])
        expect([text, await visible(text)]).toEqual([text, false]);
      const sheet = (await page.pdf({ format: 'A4' })).toString('latin1');
      expect([...sheet.matchAll(/\/Type\s*\/Page\b(?!s)/g)]).toHaveLength(1);
      await page.emulateMedia({ media: null });
      await press(page, t.recovery.setup.done);
      expect(new URL(page.url()).pathname).toBe('/account/methods');
      expect(await page.textContent('main')).toContain(t.recovery.leftInAll(10, 10));

      await signInPlus(page, username);
      await press(page, t.recovery.methodTitle);
      expect(await page.textContent('main')).toContain(t.recovery.left(10));
      await someone.examine();
      await fillIn(page, { code: codes[6]!.toLowerCase().replaceAll('-', '') });
      await page.waitForURL(`${world.service.redirectUri}?code=*`);
      expect(someone.complaints).toEqual([]);
      await someone.close();
    });
  },
);
