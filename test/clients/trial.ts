/**
 * What trials of other people's clients have in common: a server, a client registered as `kapu client put` takes it, and a
 * person in Chromium who goes to a site of that client and answers what Kapu asks. It knows nothing of any client.
 */

import type { Browser, Page } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import { putClient } from '../../src/commands/client.ts';
import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { seen } from '../support/secrets.ts';

export interface Trial {
  kapu: TestKapu;
  /** A page of a browser that has never been anywhere. */
  visitor(): Promise<Page>;
  /** Ends all of it. */
  end(): Promise<void>;
}

/** A secret with what encodings get wrong: client_secret_basic is form-encoded first (RFC 6749, 2.3.1). */
export const secret = 'a secret+with:all/that%41is=got&often-wrong';

/** Starts Kapu with `client`, the JSON that its owner would write, and a browser. */
export async function startTrial(client: Record<string, unknown>): Promise<Trial> {
  const kapu = await startKapu({ change: roomy });
  const browser = await launchBrowser();
  seen.add('client secret', secret);
  await register(kapu, client);
  return {
    kapu,
    visitor: () => visitor(browser),
    async end() {
      await browser.close();
      await kapu.stop();
    },
  };
}

/** Registers a client by the operator's own command: throws with its words when the file is not one that can be used. */
export function register(kapu: TestKapu, client: Record<string, unknown>): Promise<void> {
  return putClient('client.json', JSON.stringify(client), {
    records: kapu.records,
    surroundings: { ...kapu.settings, methods: ['password', 'email-code'] },
    terminal: { out: () => {} } as never,
    now: () => new Date(),
  });
}

async function visitor(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB' });
  return context.newPage();
}

/** Goes to `url`, answers what Kapu asks as anna, and gives what was asked, in order, once a page of the site's is there. */
export async function goThrough(kapu: TestKapu, page: Page, url: string): Promise<string[]> {
  const steps: string[] = [];
  await page.goto(url);
  for (let step = await arrive(kapu, page); step !== undefined; step = await arrive(kapu, page)) {
    steps.push(step);
    if (steps.length > 5) throw new Error(`no end of steps: ${steps.join(', ')}`);
    if (step === 'password') {
      await page.fill('[name=username]', 'anna');
      await page.fill('[name=password]', demoPassword);
      await leave(page, () => page.press('[name=password]', 'Enter'));
    } else {
      const at = { url: new URL(page.url()), html: await page.content(), status: 200 };
      await page.fill('[name=code]', await kapu.codeFor(at as never));
      await leave(page, () => page.press('[name=code]', 'Enter'));
    }
  }
  return steps;
}

/** Where the browser comes to stand: a step of Kapu's, or a page of the site's (undefined). Some redirect by a page that goes on by itself. */
async function arrive(kapu: TestKapu, page: Page): Promise<string | undefined> {
  await eventually(
    'a page to stop at',
    async () => stepAt(kapu, page) !== undefined || (await said(page).then(Boolean, () => false)),
  );
  return stepAt(kapu, page);
}

/** Presses what goes to `url`, where Kapu asks whether to sign out, and says yes; the browser is at the site again then. */
export async function signOut(kapu: TestKapu, page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.click('[name=logout]');
  await arrive(kapu, page);
}

/** What a page of a trial's site says: JSON. Throws when it does not. */
export async function said(page: Page): Promise<Record<string, unknown>> {
  return JSON.parse(String(await page.textContent('body')));
}

function stepAt(kapu: TestKapu, page: Page): string | undefined {
  const { origin, pathname } = new URL(page.url());
  return origin === kapu.issuer ? /^\/interaction\/[\w-]+\/([\w-]+)$/.exec(pathname)?.[1] : undefined;
}

async function leave(page: Page, press: () => Promise<void>): Promise<void> {
  const before = page.url();
  await Promise.all([page.waitForURL(({ href }) => href !== before), press()]);
}
