/** The running pages for people who use no mouse, a small or a much enlarged window, their own colours, or darkness. */

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { givePassword, heading, openMail, personOf, readCode, words } from './people.ts';
import { type Visitor, visitor } from './visitor.ts';

jest.setTimeout(120_000);

let browser: Browser;
let demo: Demo;
let someone: Visitor;

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo()]);
});
afterEach(async () => {
  await someone.close();
  expect(someone.complaints).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

interface Stop {
  text: string;
  /** Whether one sees where the focus is, and sees it in the window (WCAG 2.2, 2.4.7 and 2.4.11). */
  seen: boolean;
}

/** What has the focus. */
function focused(page: Page): Promise<Stop> {
  return page.evaluate(() => {
    // @ts-expect-error this runs in the page
    const { document, getComputedStyle, innerHeight } = globalThis;
    const element = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const { top, bottom, width } = element.getBoundingClientRect();
    const marked = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    const text = element.labels?.[0]?.textContent ?? element.textContent;
    return { text: text.trim(), seen: marked && width > 0 && bottom > 0 && top < innerHeight };
  });
}

/** Goes on with Tab to what says `text`. */
async function tabTo(page: Page, text: string): Promise<void> {
  const passed: Stop[] = [];
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    passed.push(stop);
    if (stop.text === text) break;
  }
  expect(passed.at(-1)!.text).toBe(text);
  expect(passed.filter(({ seen }) => !seen)).toEqual([]);
}

test('a whole sign-in with plus without a mouse', async () => {
  someone = await visitor(browser, demo, 'hu', { viewport: { width: 1280, height: 800 } });
  const { page, context } = someone;
  const t = words('hu');
  const { keyboard } = page;
  /** Enter leads to another page. */
  const enter = () => Promise.all([page.waitForEvent('load'), keyboard.press('Enter')]);

  await page.goto(demo.service);
  await tabTo(page, t.service.signInPlus);
  await enter();
  await tabTo(page, t.every.skip);
  await keyboard.press('Enter');
  await tabTo(page, t.password.username);
  await keyboard.type('anna');
  await tabTo(page, t.password.password);
  await keyboard.type(demoPassword);
  await tabTo(page, t.password.submit);
  await enter();

  expect(await heading(page)).toBe(t.code.heading);
  await tabTo(page, t.code.code);
  await keyboard.type('12');
  await enter();
  // Focus is on what is wrong; its link leads to the field.
  expect((await focused(page)).text).toContain(t.code.problem.malformed(6));
  await tabTo(page, t.code.problem.malformed(6));
  await keyboard.press('Enter');
  expect((await focused(page)).text).toBe(t.code.code);
  const mailbox = await openMail(context, demo, page);
  const code = await readCode(mailbox);
  await mailbox.close();
  await keyboard.type(code);
  await tabTo(page, t.code.submit);
  await enter();
  expect(await page.locator('.level').textContent()).toBe(t.service.levels.plus);
});

describe('the sign-in page and the code page', () => {
  /** Looks at both pages in every way; one sign-in does for all. */
  async function onBoth(look: (page: Page) => Promise<void>): Promise<void> {
    const { page } = someone;
    await page.goto(`${demo.service}/sign-in?level=plus`);
    await look(page);
    await givePassword(page, personOf.en.username);
    expect(await heading(page)).toBe(words('en').code.heading);
    await look(page);
  }

  test('can be read in a window of 320 by 256 pixels, as at a zoom of 400 %, with the spacing that a reader wants', async () => {
    // WCAG 2.2, 1.4.10 and 1.4.12. The reader's own style sheet is not the page's: its policy does not count.
    someone = await visitor(browser, demo, 'en', { viewport: { width: 320, height: 256 }, bypassCSP: true });
    await onBoth(async (page) => {
      await someone.examine();
      await page.addStyleTag({
        content: '* { line-height: 1.5; letter-spacing: 0.12em; word-spacing: 0.16em } p { margin-bottom: 2em }',
      });
      await someone.examine();
    });
  });

  test('are dark in the dark, and keep their shapes in forced colours', async () => {
    someone = await visitor(browser, demo, 'en', { viewport: { width: 1280, height: 800 } });
    await onBoth(async (page) => {
      await page.emulateMedia({ colorScheme: 'dark' });
      const [red] = await page.locator('main').evaluate((main) => {
        // @ts-expect-error this runs in the page
        return globalThis.getComputedStyle(main).backgroundColor.match(/\d+/g).map(Number);
      });
      expect(red).toBeLessThan(60);
      await someone.examine();

      await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
      const flat = await page.locator('.ds-button[data-variant=primary], .ds-input').evaluateAll((elements) =>
        elements.filter((element) => {
          // @ts-expect-error this runs in the page
          const { borderStyle, borderWidth } = globalThis.getComputedStyle(element);
          return borderStyle === 'none' || borderWidth === '0px';
        }),
      );
      expect(flat).toEqual([]);
      await someone.examine();
      await page.emulateMedia({ colorScheme: null, forcedColors: null });
    });
  });
});

test.each(['hu', 'en'] as const)('the mail of a code, in %s, reads well as a page', async (locale) => {
  // Without scripts, as mails are read.
  someone = await visitor(browser, demo, locale, { javaScriptEnabled: false });
  const { page, context } = someone;
  await page.goto(`${demo.service}/sign-in?level=plus`);
  await givePassword(page, personOf[locale].username);
  const mailbox = await openMail(context, demo, page);
  await page.goto(`${mailbox.url()}/html`);
  expect(await page.getAttribute('html', 'lang')).toBe(locale);
  await someone.examine();
});
