/**
 * A person at a real browser: one browser context, in which everything that the browser complains of is kept, every request
 * to a stranger is noticed, and any page can be examined. It knows the demo's addresses and nothing of its pages.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Locale } from '../../src/records/records.ts';
import type { Demo } from '../support/demo.ts';
import { addCookie, addNamed } from '../support/overheard.ts';

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** What the browser complained of so far (refused by a policy, not loaded, thrown), requests to other origins, and what
   *  `examine` has found, each as one line. Empty is good. */
  complaints: string[];
  /** Looks at the page as it is now: WCAG 2.2 AA by axe, and whether it is wider than the window. */
  examine(page?: Page): Promise<void>;
  close(): Promise<void>;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const languages: Record<Locale, string> = { hu: 'hu-HU', en: 'en-GB' };

/** A new visitor, with cookies of their own. */
export async function visitor(
  browser: Browser,
  demo: Demo,
  locale: Locale,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    locale: languages[locale],
    viewport: { width: 360, height: 740 },
    ...options,
  });
  const complaints: string[] = [];
  listen(context, [demo.kapu, demo.service, demo.mailbox], complaints);
  const page = await context.newPage();
  const twin = options.javaScriptEnabled === false ? await twinOf(browser, options) : undefined;
  return {
    page,
    context,
    complaints,
    async examine(subject = page) {
      const found = await findings(twin ? await twin.show(subject) : subject);
      complaints.push(...found.map((finding) => `${new URL(subject.url()).pathname}: ${finding}`));
    },
    async close() {
      for (const { name, value } of await context.cookies()) addCookie(name, value);
      await twin?.close();
      await context.close();
    },
  };
}

/** Axe is a script: what a browser without scripts shows is examined in one that has them, as the same HTML. */
async function twinOf(browser: Browser, options: BrowserContextOptions) {
  const context = await browser.newContext({ ...options, javaScriptEnabled: true });
  const page = await context.newPage();
  let body = '';
  await page.route('**', (route, request) =>
    request.isNavigationRequest() && request.frame() === page.mainFrame()
      ? route.fulfill({ body, contentType: 'text/html' })
      : route.continue(),
  );
  return {
    async show(subject: Page): Promise<Page> {
      body = (await subject.content()).replaceAll(/<script[^>]*><\/script>|<\/?noscript>/g, '');
      await page.goto(subject.url());
      return page;
    },
    close: () => context.close(),
  };
}

function listen(context: BrowserContext, origins: string[], complaints: string[]): void {
  // An error page is a document that comes with its status, which the browser reports as if a part had not loaded.
  const documents = new Set<string>();
  context.on('request', (request) => {
    const url = new URL(request.url());
    for (const [name, text] of new URLSearchParams(request.postData() ?? '')) addNamed(name, text);
    for (const [name, text] of url.searchParams) addNamed(name, text);
    if (!origins.includes(url.origin)) complaints.push(`a request to ${url.origin}`);
    if (request.isNavigationRequest()) documents.add(request.url());
  });
  context.on('console', (message) => {
    const expected = message.text().startsWith('Failed to load resource') && documents.has(message.location().url);
    if (message.type() === 'error' && !expected) complaints.push(`${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('requestfailed', (request) => {
    // What is under way when a page is left is broken off.
    const failure = request.failure()?.errorText;
    if (failure !== 'net::ERR_ABORTED') complaints.push(`${failure} ${request.url()}`);
  });
  void context.addInitScript(() => {
    // @ts-expect-error this runs in the page
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      console.error(`${effectiveDirective} refuses ${blockedURI}`);
    });
  });
}

async function findings(page: Page): Promise<string[]> {
  // Frames hold mails, which are examined as pages of their own.
  const options = { runOnly: { type: 'tag', values: tags }, iframes: false };
  await page.evaluate(axe);
  return page.evaluate(async (options) => {
    // @ts-expect-error axe has just been put there
    const { violations } = await globalThis.axe.run(options);
    const found = violations.map(
      (each: { id: string; nodes: { html: string }[] }) => `${each.id} ${each.nodes[0]?.html}`,
    );
    // @ts-expect-error this runs in the page
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...found, `${scrollWidth} pixels wide in a window of ${clientWidth}`] : found;
  }, options);
}
