/** The suite's scripted browser in Chromium: follows blocks of tasks as the suite's own does, so that our page selectors are tried on our pages. */

import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import type { Block, Command } from './suite/pages.ts';

/** `*` stands for anything. */
const matches = (pattern: string, url: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.?+^$()[\]{}|\\/]/g, '\\$&'))
      .join('.*')}$`,
  ).test(url);

export class ScriptedBrowser {
  readonly #blocks: Block[];
  readonly #context: Promise<BrowserContext>;
  /** Words of the pages that a picture was taken of. */
  readonly pictures: string[] = [];
  /** Names of the tasks that were done, in order. */
  readonly done: string[] = [];

  constructor(browser: Browser, blocks: readonly Block[]) {
    this.#blocks = structuredClone(blocks) as Block[];
    this.#context = browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' });
  }

  /** Visits `url` with the first block that matches it. Gives the address that it ends at. */
  async visit(url: string): Promise<string> {
    const block = this.#blocks.find((each) => matches(each.match, url) && each['match-limit'] !== 0);
    if (!block) throw new Error(`no block matches ${url}`);
    if (block['match-limit'] !== undefined) block['match-limit']--;
    const page = await (await this.#context).newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(url);
    for (const { task, match, optional, commands = [] } of block.tasks) {
      await page.waitForLoadState();
      if (!matches(match, page.url())) {
        if (optional) continue;
        throw new Error(`'${task}' does not match ${page.url()}`);
      }
      for (const command of commands) await this.#act(page, command);
      this.done.push(task);
    }
    const end = page.url();
    await page.close();
    return end;
  }

  async end(): Promise<void> {
    await (await this.#context).close();
  }

  async #act(page: Page, [verb, by, target, ...rest]: Command): Promise<void> {
    const where = placeOf(page, String(by), String(target));
    if (verb === 'text') await where.fill(String(rest[0]));
    else if (verb === 'click') await where.click();
    else if (verb === 'wait') {
      const words = rest[1] === undefined ? undefined : new RegExp(String(rest[1]));
      const found = words ? page.locator('html').filter({ hasText: words }) : where;
      await found.waitFor({ state: 'visible' });
      if (rest[2] !== undefined) this.pictures.push((await page.locator('body').textContent()) ?? '');
    } else throw new Error(`no such command: ${verb}`);
  }
}

function placeOf(page: Page, by: string, target: string): Locator {
  if (by === 'name') return page.locator(`[name="${target}"]`);
  if (by === 'id') return page.locator(`#${target}`);
  if (by === 'xpath') return page.locator(`xpath=${target}`).first();
  return page.locator(target);
}
