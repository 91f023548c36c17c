import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { createPages } from '../../interactions/pages/render.ts';
import { deployment, type State, states } from '../pages/states.ts';
import { launchBrowser } from '../support/browser.ts';

const origin = 'http://kapu.test';
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'";
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pages = createPages({ deployment });
const find = (name: string, locale = 'hu') => states().find((state) => state.name === name && state.locale === locale)!;

interface Stage {
  page: Page;
  context: BrowserContext;
  /** What the browser complained of: refused by the policy, not found, failed. */
  complaints: string[];
  /** Bodies of posted forms. */
  posted: string[];
  show(state: State, service?: string): Promise<void>;
}

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** A page that gets our HTML under a strict policy, without a server. */
async function stage(options: BrowserContextOptions): Promise<Stage> {
  const context = await browser.newContext(options);
  await context.addInitScript({ content: axe });
  const page = await context.newPage();
  const complaints: string[] = [];
  const posted: string[] = [];
  let html = '';
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.route('**', (route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const asset = pages.assets.find(pathname)?.asset;
    if (request.method() === 'POST') posted.push(request.postData() ?? '');
    if (asset) return route.fulfill({ body: asset.body, contentType: asset.type });
    if (pathname === '/status') return route.fulfill({ json: { delivery: 'sent' } });
    return route.fulfill({ body: html, contentType: 'text/html', headers: { 'content-security-policy': policy } });
  });
  const show = async (state: State, service = '') => {
    html = state
      .render(pages)
      .replaceAll('Személyi jövedelemadó bevallása', service || 'Személyi jövedelemadó bevallása');
    await page.goto(`${origin}/`);
  };
  return { page, context, complaints, posted, show };
}

/** Violations of WCAG that axe finds, each as one line. */
async function violations({ page }: Stage, runOnly: object): Promise<string[]> {
  return page.evaluate(async (only) => {
    // @ts-expect-error axe is put into the page before it loads
    const { violations } = await globalThis.axe.run({ runOnly: only });
    return violations.map((each: { id: string; nodes: { html: string }[] }) => `${each.id}: ${each.nodes[0]?.html}`);
  }, runOnly);
}

describe.each([
  [
    'on a small phone, in light',
    { viewport: { width: 320, height: 640 }, colorScheme: 'light' },
    { type: 'tag', values: tags },
  ],
  [
    'on a desktop, in dark',
    { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
    { type: 'rule', values: ['color-contrast'] },
  ],
] as const)('every page and state %s', (_, options, runOnly) => {
  test('has no violations of WCAG 2.2 AA, no sideways scrolling, and breaks no policy', async () => {
    const on = await stage(options);
    const found: string[] = [];
    for (const state of states()) {
      await on.show(state);
      const name = `${state.name} (${state.locale})`;
      found.push(...(await violations(on, runOnly)).map((violation) => `${name} ${violation}`));
      const width = await on.page.evaluate('document.documentElement.scrollWidth');
      if (Number(width) > options.viewport.width) found.push(`${name} is ${width} pixels wide`);
    }
    expect(found).toEqual([]);
    expect(on.complaints).toEqual([]);
    await on.context.close();
  }, 600_000);
});

test('a long word breaks before the page does', async () => {
  const on = await stage({ viewport: { width: 320, height: 640 } });
  await on.show(find('password-wrong'), 'Elkelkáposztásíthatatlanságoskodásaitokért'.repeat(3));
  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  await on.context.close();
});

describe('without JavaScript', () => {
  test('focus goes to what is wrong, and from there to the field', async () => {
    const on = await stage({ javaScriptEnabled: false });
    await on.show(find('code-wrong'));
    expect(await on.page.locator(':focus').getAttribute('role')).toBe('alert');
    await on.page.keyboard.press('Tab');
    await on.page.keyboard.press('Enter');
    await on.page.keyboard.type('1');
    expect(await on.page.locator('#code').getAttribute('aria-invalid')).toBe('true');
    await on.context.close();
  });

  test('Enter signs in, and the other buttons say their name', async () => {
    const on = await stage({ javaScriptEnabled: false });
    await on.show(find('password'));
    await on.page.fill('#username', 'anna');
    await on.page.fill('#password', 'secret');
    await on.page.press('#password', 'Enter');
    await on.page.click('#cancel');
    expect(on.posted).toEqual(['username=anna&password=secret', 'username=&password=&cancel=1']);
    await on.context.close();
  });

  test('the code page says how the mail is doing', async () => {
    const on = await stage({ javaScriptEnabled: false });
    await on.show(find('code-sending'));
    expect(await on.page.locator('[role=status]').textContent()).toMatch(/küldjük/);
    await on.context.close();
  });
});

test('with JavaScript the code page learns that the mail is sent', async () => {
  const on = await stage({});
  await on.show(find('code-sending'));
  const status = on.page.locator('[data-delivery=sent]');
  await status.waitFor({ timeout: 10_000 });
  expect(await status.textContent()).toMatch(/elküldtük/);
  expect(on.complaints).toEqual([]);
  await on.context.close();
});
