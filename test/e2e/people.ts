/** What people do at the demo, as they do it: find the buttons by what they say, type, and read their mail in the mailbox. */

import type { BrowserContext, Page } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import { texts as service } from '../../demo/service/texts.ts';
import { texts as codeTexts } from '../../interactions/methods/email-code/texts.ts';
import { texts as passwordTexts } from '../../interactions/methods/password/texts.ts';
import { texts as confirmTexts } from '../../interactions/pages/confirm-sign-out/texts.ts';
import { texts as errorTexts } from '../../interactions/pages/error/texts.ts';
import { texts as pageTexts } from '../../interactions/pages/texts.ts';
import type { Locale } from '../../src/records/records.ts';
import type { Demo } from '../support/demo.ts';

/** The words of every page of the journey, in one language. */
export const words = (locale: Locale) => ({
  service: service[locale],
  password: passwordTexts[locale],
  code: codeTexts[locale],
  confirm: confirmTexts[locale],
  error: errorTexts[locale],
  every: pageTexts[locale],
});

/** Who is at the browser in each language. */
export const personOf: Record<Locale, { username: string; email: string; name: string }> = {
  hu: { username: 'anna', email: 'anna@demo.example', name: 'Szabóné Kiss Anna' },
  en: { username: 'john', email: 'john@demo.example', name: 'John Gallagher' },
};

/** The page's h1. */
export async function heading(page: Page): Promise<string> {
  return ((await page.locator('h1').textContent()) ?? '').trim();
}

/** Presses the button or link that says `label`. */
export async function press(page: Page, label: string): Promise<void> {
  await page
    .getByRole('link', { name: label, exact: true })
    .or(page.getByRole('button', { name: label, exact: true }))
    .click();
}

/** Fills in user name and password, and sends them with Enter. */
export async function givePassword(page: Page, username: string, password: string = demoPassword): Promise<void> {
  await page.fill('[name=username]', username);
  await page.fill('[name=password]', password);
  await page.press('[name=password]', 'Enter');
}

export async function giveCode(page: Page, code: string): Promise<void> {
  await page.fill('[name=code]', code);
  await page.press('[name=code]', 'Enter');
}

/** What the code page and its mails share. */
export async function referenceOn(codePage: Page): Promise<string> {
  return (await codePage.locator('.facts dd').nth(1).textContent()) ?? '';
}

/** Opens the mailbox in another tab, and there the newest mail with the reference that the code page shows. */
export async function openMail(context: BrowserContext, demo: Demo, codePage: Page): Promise<Page> {
  const reference = await referenceOn(codePage);
  const mailbox = await context.newPage();
  await mailbox.goto(demo.mailbox);
  const mail = mailbox.locator('nav a', { hasText: reference }).first();
  // Without scripts the page stays as it is until it is loaded again.
  for (let looks = 0; (await mail.count()) === 0 && looks < 100; looks++) {
    await mailbox.waitForTimeout(100);
    await mailbox.reload();
  }
  await mail.click();
  return mailbox;
}

/** The code, as its reader sees it in the mail: '123 456'. */
export async function readCode(mailbox: Page): Promise<string> {
  const text = (await mailbox.frameLocator('iframe').locator('body').textContent()) ?? '';
  const found = /\b(\d{3})\s*(\d{3})\b/.exec(text);
  if (!found) throw new Error(`no code in the mail: ${text}`);
  return `${found[1]} ${found[2]}`;
}
