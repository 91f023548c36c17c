/** The journeys of docs/design.md, section 1, through the demo, as people make them: with scripts and without, in both languages. */

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { giveCode, givePassword, heading, openMail, personOf, press, readCode, referenceOn, words } from './people.ts';
import { type Visitor, visitor } from './visitor.ts';

// The limits of mails hold here too: the demo has wide ones.
jest.setTimeout(120_000);

const variants = [
  { locale: 'hu', javaScriptEnabled: true, width: 360 },
  { locale: 'hu', javaScriptEnabled: false, width: 1280 },
  { locale: 'en', javaScriptEnabled: true, width: 1280 },
  { locale: 'en', javaScriptEnabled: false, width: 320 },
] as const;
const named = variants.map((variant) => {
  const scripts = variant.javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
  return [`in ${variant.locale}, ${scripts}, at ${variant.width} pixels`, variant] as const;
});

let browser: Browser;
let demo: Demo;
/** A visitor of each variant who has asked for a code first thing: another can be had after half a minute. */
const waiting: Visitor[] = [];

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), startDemo()]);
  for (const variant of variants) {
    const { page } = await remember(variant);
    await page.goto(`${demo.service}/sign-in?level=plus`);
    await givePassword(page, personOf[variant.locale].username);
  }
});

afterAll(async () => {
  expect(demo?.errors()).toBe('');
  await browser?.close();
  await demo?.stop();
});

function arrive({ locale, javaScriptEnabled, width }: (typeof variants)[number]): Promise<Visitor> {
  return visitor(browser, demo, locale, { javaScriptEnabled, viewport: { width, height: 740 } });
}

async function remember(variant: (typeof variants)[number]): Promise<Visitor> {
  const early = await arrive(variant);
  waiting.push(early);
  return early;
}

describe.each(named)('%s', (_, variant) => {
  const { locale, javaScriptEnabled } = variant;
  const t = words(locale);
  const otherLocale = locale === 'hu' ? 'en' : 'hu';
  const other = words(otherLocale);
  const person = personOf[locale];
  const visitors: Visitor[] = [];

  async function come(): Promise<Visitor> {
    const one = await arrive(variant);
    visitors.push(one);
    return one;
  }

  afterEach(async () => {
    const complaints = visitors.flatMap((each) => each.complaints);
    await Promise.all(visitors.splice(0).map((each) => each.close()));
    expect(complaints).toEqual([]);
  });

  test('signs in at basic, steps up with the code from the mailbox, and signs out', async () => {
    const { page, context, examine } = await come();
    await page.goto(demo.service);
    expect(await heading(page)).toBe(t.service.welcome);
    await examine();

    await press(page, t.service.signIn);
    expect(await page.getAttribute('html', 'lang')).toBe(locale);
    expect(await heading(page)).toBe(t.password.heading);
    expect(await page.locator('.asking').textContent()).toContain(t.service.name);
    expect(await page.getByText(t.password.plus).count()).toBe(0);
    await examine();

    await page.click('.ds-button[data-variant=primary]');
    expect(await page.locator('[role=alert]').textContent()).toContain(t.password.usernameMissing);
    await examine();
    await givePassword(page, person.username, 'not the password');
    expect(await page.locator('[role=alert]').textContent()).toContain(t.password.wrong);
    expect(await page.inputValue('[name=username]')).toBe(person.username);
    expect(await page.inputValue('[name=password]')).toBe('');
    await examine();

    await givePassword(page, person.username);
    expect(await page.locator('.person').textContent()).toContain(person.name);
    expect(await page.locator('.level').textContent()).toBe(t.service.levels.basic);
    await examine();

    await press(page, t.service.stepUp);
    expect(await heading(page)).toBe(t.code.heading);
    expect(await page.locator('.facts').textContent()).toContain(`${person.username[0]}***@demo.example`);
    await examine();

    for (const [typed, answer] of [
      ['', t.code.problem.missing],
      ['12a', t.code.problem.malformed(6)],
      ['000 000', t.code.problem.wrong(4)],
    ] as const) {
      await giveCode(page, typed);
      expect(await page.locator('#code-error').textContent()).toBe(answer);
      expect(await page.title()).toMatch(new RegExp(`^${t.every.error}: `));
      await examine();
    }
    await page.click('[name=resend]');
    expect(await page.locator('[role=alert]').textContent()).toMatch(/\d+ (másodperc|second)/);
    await examine();

    const mailbox = await openMail(context, demo, page);
    await examine(mailbox);
    const code = await readCode(mailbox);
    await mailbox.close();
    await giveCode(page, code);
    expect(await page.locator('.level').textContent()).toBe(t.service.levels.plus);
    await examine();

    // While plus is fresh, nobody asks again.
    await page.goto(`${demo.service}/sign-in?level=plus`);
    expect(new URL(page.url()).origin).toBe(demo.service);

    await press(page, t.service.signOut);
    expect(await heading(page)).toBe(t.confirm.heading);
    await examine();
    await press(page, t.confirm.leave);
    expect(await page.locator('.notice').textContent()).toBe(t.service.signedOut);
    await examine();
    await press(page, t.service.signIn);
    expect(await heading(page)).toBe(t.password.heading);
  });

  test('signs in with plus; the switch changes the language and keeps the sign-in; the back button leads on', async () => {
    const { page, context, examine } = await come();
    await page.goto(demo.service);
    await press(page, t.service.signInPlus);
    expect(await page.getByText(t.password.plus).count()).toBe(1);
    await examine();

    const signIn = new URL(page.url()).pathname;
    for (const [language, says] of [
      [otherLocale, other],
      [locale, t],
    ] as const) {
      await page.click(`.languages a[lang=${language}]`);
      expect(await page.getAttribute('html', 'lang')).toBe(language);
      expect(await heading(page)).toBe(says.password.heading);
      expect(await page.locator('.asking').textContent()).toContain(says.service.name);
      expect(new URL(page.url()).pathname).toBe(signIn);
    }
    await givePassword(page, person.username);
    expect(await heading(page)).toBe(t.code.heading);
    await page.click(`.languages a[lang=${otherLocale}]`);
    expect(await heading(page)).toBe(other.code.heading);
    await examine();
    await page.click(`.languages a[lang=${locale}]`);
    await page.reload();

    const codePage = page.url();
    const reference = await referenceOn(page);
    await giveCode(page, await readCode(await openMail(context, demo, page)));
    expect(await page.locator('.level').textContent()).toBe(t.service.levels.plus);
    expect((await demo.mails(person.email)).filter(({ subject }) => subject.includes(reference))).toHaveLength(1);

    await page.goBack();
    expect(await heading(page)).toBe(t.error.kinds.finished.heading);
    await examine();
    await press(page, t.error.toService(t.service.name));
    expect(await page.locator('.level').textContent()).toBe(t.service.levels.plus);
    await page.goto(codePage);
    expect(await heading(page)).toBe(t.error.kinds.finished.heading);
  });

  test('cancels: the sign-in, and the step to plus', async () => {
    const { page, examine } = await come();
    await page.goto(`${demo.service}/sign-in`);
    await press(page, t.every.cancel);
    expect(await heading(page)).toBe(t.service.errors.cancelled[0]);
    await examine();
    await press(page, t.service.retry);
    await givePassword(page, person.username);
    await press(page, t.service.stepUp);
    await press(page, t.every.cancel);
    expect(await heading(page)).toBe(t.service.errors.unmet[0]);
    await examine();
    await press(page, t.service.home);
    expect(await page.locator('.level').textContent()).toBe(t.service.levels.basic);
  });

  test('has no way to plus without an address, and is told so by the service', async () => {
    const { page } = await come();
    await page.goto(`${demo.service}/sign-in?level=plus`);
    await givePassword(page, 'bela');
    expect(await heading(page)).toBe(t.service.errors.unmet[0]);
  });

  test('a second tab goes on by itself, whatever is pressed there', async () => {
    const { page, context } = await come();
    const tab = await context.newPage();
    for (const each of [page, tab]) await each.goto(`${demo.service}/sign-in`);
    await givePassword(page, person.username);
    await press(tab, t.password.submit);
    expect(await tab.locator('.person').textContent()).toContain(person.name);
    expect(await page.reload().then(() => page.locator('.person').textContent())).toContain(person.name);
  });

  test('no page is a dead end', async () => {
    const { page, examine } = await come();
    for (const [address, title] of [
      [`${demo.kapu}/nowhere`, t.error.kinds['not-found'].heading],
      [`${demo.kapu}/interaction/gone/password`, t.error.kinds['other-browser'].heading],
      [`${demo.kapu}/auth?client_id=nobody`, t.error.kinds['unknown-service'].heading],
      [`${demo.kapu}/auth`, t.error.kinds['bad-request'].heading],
      [`${demo.service}/nowhere`, t.service.errors.notFound[0]],
      [`${demo.service}/callback?state=x&code=y`, t.service.errors.unknownAttempt[0]],
    ] as const) {
      await page.goto(address);
      expect([address, await heading(page)]).toEqual([address, title]);
      expect(await page.locator('main, footer').getByRole('link').count()).toBeGreaterThan(0);
      await examine();
    }
    await page.goto(`${demo.mailbox}/messages/gone`);
    await examine();
  });

  test('the one who waited asks for another code, and both codes would do', async () => {
    const early = waiting[variants.indexOf(variant)]!;
    visitors.push(early);
    const { page, context, examine } = early;
    if (javaScriptEnabled) await page.locator('[data-wait-seconds]').waitFor({ state: 'detached', timeout: 40_000 });
    else {
      const over = async () =>
        (await page.reload()) !== null && (await page.locator('[data-wait-seconds]').count()) === 0;
      await eventually('another code may be asked for', over, 40_000);
    }
    const first = await readCode(await openMail(context, demo, page));
    await press(page, t.code.resend);
    expect(await page.locator('[role=status]').textContent()).toContain(t.code.resent);
    await examine();
    const wanted = (await demo.mails(person.email)).filter(({ text }) => text.includes(first));
    expect(wanted).toHaveLength(1);
    await giveCode(page, first);
    expect(await page.locator('.level').textContent()).toBe(t.service.levels.plus);
  });
});
