/** People's own pages in real Chromium: every one of them, in both languages, with scripts and without, wide and narrow. */

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { texts as activity } from '../../interactions/account/activity/texts.ts';
import { texts as data } from '../../interactions/account/data/texts.ts';
import { texts as methods } from '../../interactions/account/methods/texts.ts';
import { texts as services } from '../../interactions/account/services/texts.ts';
import { texts as sessions } from '../../interactions/account/sessions/texts.ts';
import { texts as own } from '../../interactions/account/texts.ts';
import { texts as totp } from '../../interactions/methods/totp/texts.ts';
import { codeAt } from '../methods/app.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { seen } from '../support/secrets.ts';
import { giveCode, givePassword, heading, openMail, personOf, press, readCode, words } from './people.ts';
import { type Visitor, visitor } from './visitor.ts';

jest.setTimeout(180_000);

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
  expect(demo?.errors()).toBe('');
  await browser?.close();
  await demo?.stop();
});

describe.each([
  ['hu', true, 360],
  ['hu', false, 1280],
  ['en', true, 1280],
  ['en', false, 360],
] as const)('in %s, with JavaScript: %s, at %s pixels', (locale, javaScriptEnabled, width) => {
  test('an app is set up, renamed and removed; every page can be read; signed out everywhere', async () => {
    someone = await visitor(browser, demo, locale, { javaScriptEnabled, viewport: { width, height: 800 } });
    const { page, context } = someone;
    const person = personOf[locale];
    /** Follows or presses what says `label`, and looks at where it leads. */
    const to = async (label: string) => {
      await Promise.all([page.waitForEvent('load'), press(page, label)]);
      await someone.examine();
    };
    const open = async (title: string) => {
      await page.goto(`${demo.kapu}/account`);
      await Promise.all([page.waitForEvent('load'), page.locator('.option', { hasText: title }).first().click()]);
      await someone.examine();
      expect(await heading(page)).toBe(title);
    };

    await page.goto(`${demo.kapu}/account`);
    await givePassword(page, person.username);
    expect(await heading(page)).toBe(own[locale].title);
    await someone.examine();

    await open(methods[locale].title);
    await to(methods[locale].setUp(totp[locale].methodTitle));
    await giveCode(page, await readCode(await openMail(context, demo, page)));
    await someone.examine();
    await giveCode(page, codeAt(await keyOn(page), new Date()));
    await page.getByText(methods[locale].done.added).waitFor();
    await someone.examine();
    await to(`${methods[locale].rename}: ${totp[locale].methodTitle}`);
    await page.fill('[name=name]', 'Nokia 3310');
    await to(methods[locale].save);
    await to(`${methods[locale].remove}: Nokia 3310`);
    await to(methods[locale].removeConfirm);
    await page.getByText(methods[locale].done.removed).waitFor();

    for (const each of [services, activity, data]) await open(each[locale].title);
    await to(data[locale].remove);
    await to(data[locale].cancel);
    await open(sessions[locale].title);
    await page.getByText(sessions[locale].this, { exact: true }).waitFor();
    await to(sessions[locale].endAll);
    await page.goto(`${demo.kapu}/account`);
    expect(await heading(page)).toBe(words(locale).password.heading);
  });
});

/** The key as the page hands it to the app. */
async function keyOn(page: Page): Promise<string> {
  const [, key] = /secret=([A-Z2-7]+)/.exec(await page.content()) ?? [];
  seen.add('app key', key);
  return key ?? '';
}
