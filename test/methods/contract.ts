/**
 * What every sign-in method promises, whatever it asks for (docs/design.md, section 8). A method comes with a driver, which knows how
 * its page is answered; `methodContract` does the rest, over a whole server. What a method promises beyond this stands in its own file.
 */

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { demoPassword } from '../../config/demo.ts';
import type { MethodFacts } from '../../interactions/method.ts';
import type { Account } from '../../src/records/records.ts';
import { visitor } from '../e2e/visitor.ts';
import { plainly } from '../faults/unavailable.ts';
import { errorOf, stepOf } from '../flow/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import { launchBrowser } from '../support/browser.ts';
import type { Demo } from '../support/demo.ts';
import { type Answer, atMethod, browseTo, fillIn, pathOf, startWorld, type World } from './world.ts';

/** Where an answer is wanted: a page, and the browser that shows it where that is an agent. */
export interface At {
  html: string;
  page?: Page;
  agent?: Agent;
}

export interface Driver {
  facts: MethodFacts;
  /** What it reaches, with the password where it comes after that; 'plus' unless said. */
  acr?: string;
  /** Gives a new person what the method needs; they have a password and, unless `mailbox` is false, a mailbox. */
  setUp(world: World, account: Account): Promise<void>;
  /** What answers the page now, rightly, for the first time. */
  right(world: World, account: Account, at: At): Promise<Answer>;
  /** What does not. */
  wrong(world: World, account: Account, at: At): Answer | Promise<Answer>;
  /** Answers that cannot be right, which cost no try. */
  malformed: Answer[];
  /** Wrong answers that a browser may give for one person that is not known there, before the answer is 429; undefined where what is
   *  asked cannot be guessed. */
  limit?: number;
  /** What becomes of a right answer in another sign-in, after it and beside it. */
  again: 'refused' | 'taken';
  /** Each answer is to a question of its own: one that came to nothing is asked anew. */
  asksAnew?: boolean;
  /** What an account without the method looks like; undefined where there is nothing to set up. */
  without?: { mailbox: boolean };
  /** It needs scripts and an authenticator: its pages are looked at in a file of its own. */
  byScript?: boolean;
}

/** Tries of a test that has to see more than one, where there is no limit. */
const several = 3;

/** Runs the suite for the method of `driver`. */
export function methodContract(driver: Driver): void {
  const { facts, again, limit = several } = driver;
  const { name } = facts;

  describe(`every method: ${name}`, () => {
    jest.setTimeout(180_000);
    let world: World;
    let browser: Browser;

    beforeAll(async () => {
      [world, browser] = await Promise.all([startWorld(), launchBrowser()]);
    });
    afterAll(async () => {
      expect(await world.kapu.leaks()).toEqual([]);
      await browser?.close();
      await world.stop();
    });

    async function person(options?: { mailbox: boolean }): Promise<Account> {
      const account = await world.person(options);
      await driver.setUp(world, account);
      return account;
    }
    const at = (account: Account, agent?: Agent) => atMethod(world, facts, account, agent);
    const right = (account: Account, { agent, page }: { agent: Agent; page: Page }) =>
      driver.right(world, account, { html: page.html, page, agent });
    const wrong = async (account: Account, { agent, page }: { agent: Agent; page: Page }) =>
      driver.wrong(world, account, { html: page.html, page, agent });
    const arrived = (page: Page) => stepOf(page) === 'service' && errorOf(page) === undefined;
    const audited = async ({ id }: Account, event: string) =>
      (await world.kapu.records.audit.list({ accountId: id, limit: 100 })).filter(
        (entry) => entry.event === `${name}.${event}`,
      );
    const passes = async (account: Account, agent?: Agent) => {
      const visit = await at(account, agent);
      return arrived(await visit.agent.submit(visit.page, await right(account, visit)));
    };

    test('a right answer leads to the service, and says in the token how; it is written down', async () => {
      const account = await person();
      const visit = await at(account);
      const { agent, asked, page } = visit;
      const back = await agent.submit(page, await right(account, visit));
      const { claims } = await asked.redeem(back.url);
      expect(claims.acr).toBe(driver.acr ?? 'plus');
      expect(claims.amr).toEqual(expect.arrayContaining(facts.amr));
      expect(await audited(account, 'passed')).toHaveLength(1);
    });

    test('a wrong answer is refused with 422, keeps nothing that was typed in secret, and the right one still passes', async () => {
      const account = await person();
      const visit = await at(account);
      const { agent, page } = visit;
      const answer = await wrong(account, visit);
      const refused = await agent.submit(page, answer);
      expect([refused.status, refused.html.includes('role="alert"')]).toEqual([422, true]);
      expect(refused.html).not.toContain(Object.values(answer).at(-1));
      expect(await audited(account, 'refused')).toHaveLength(1);
      expect(arrived(await agent.submit(refused, await right(account, visit)))).toBe(true);
    });

    if (driver.malformed.length > 0)
      test('an answer that cannot be right costs no try, and says what is wrong with it at its field', async () => {
        const account = await person();
        const visit = await at(account);
        const { agent, page } = visit;
        for (let round = 0; round * driver.malformed.length <= limit; round++)
          for (const answer of driver.malformed) {
            const refused = await agent.submit(page, answer);
            expect([refused.status, /aria-invalid="true"/.test(refused.html)]).toEqual([422, true]);
          }
        expect(arrived(await agent.submit(page, await right(account, visit)))).toBe(true);
        expect(await audited(account, 'refused')).toEqual([]);
      });

    if (!facts.identifies)
      test('nobody is asked who has not said who they are, nor whoever has not set it up', async () => {
        const account = await world.person(driver.without);
        const agent = world.kapu.agent();
        const { page } = await world.service.visit(agent, { acr_values: 'plus' });
        const path = pathOf(page.url, name);
        const isNotAsked = async () => {
          const answer = await wrong(account, { agent, page });
          for (const sent of [await agent.get(path), await agent.post(path, answer, { origin: world.kapu.issuer })])
            expect(stepOf(sent)).not.toBe(name);
        };
        await isNotAsked();
        const { username } = account;
        const next = await agent.submit(page, { username, password: demoPassword });
        expect(stepOf(next)).not.toBe(name);
        if (stepOf(next) === 'service') expect(errorOf(next)).toBe('unmet_authentication_requirements');
        else await isNotAsked();
      });
    else
      test('somebody of whom there is no account is refused like anybody else', async () => {
        const [account, nobody] = [await world.person(driver.without), { username: 'nobody-of-this-name' }];
        const shown = [];
        for (const { username } of [account, nobody]) {
          const visit = await at(account);
          const refused = await visit.agent.submit(visit.page, await wrong({ ...account, username }, visit));
          const uid = visit.page.url.pathname.split('/')[2]!;
          shown.push([refused.status, refused.html.replaceAll(username, 'NAME').replaceAll(uid, 'UID')]);
        }
        expect(shown[0]).toEqual(shown[1]);
      });

    test(`a right answer that was taken is ${again} in another sign-in`, async () => {
      const account = await person();
      const first = await at(account);
      const answer = await right(account, first);
      expect(arrived(await first.agent.submit(first.page, answer))).toBe(true);
      const { agent, page } = await at(account);
      const later = await agent.submit(page, answer);
      expect(again === 'taken' ? arrived(later) : later.status).toBe(again === 'taken' ? true : 422);
    });

    test(`of two right answers at once, in two sign-ins, ${again === 'taken' ? 'both pass' : 'one passes'}`, async () => {
      const account = await person();
      const visits = [await at(account), await at(account)];
      const answer = await right(account, visits[0]!);
      const ends = await Promise.all(visits.map(({ agent, page }) => agent.submit(page, answer)));
      expect(ends.filter(arrived)).toHaveLength(again === 'taken' ? 2 : 1);
      expect(await audited(account, 'passed')).toHaveLength(again === 'taken' ? 2 : 1);
      expect(ends.filter(({ status }) => status >= 500)).toEqual([]);
    });

    test('two clicks at once in one sign-in lead to the service, and nowhere to an error of ours', async () => {
      const account = await person();
      const visit = await at(account);
      const { agent, page } = visit;
      const answer = await right(account, visit);
      const twin = agent.copy();
      const ends = await Promise.all([agent, twin].map((each) => each.submit(page, answer)));
      expect(ends.some(arrived)).toBe(true);
      expect(ends.filter(({ status }) => status >= 500)).toEqual([]);
    });

    if (driver.limit)
      test('whoever guesses is stopped with 429, and neither another person nor a known browser of the owner with them', async () => {
        const [account, other] = [await person(), await person()];
        const home = world.kapu.agent();
        expect(await passes(account, home)).toBe(true);
        await forgetSession(home);
        const { page: stopped, tries } = await useUp(account);
        expect([tries, Number(stopped.headers.get('retry-after')) > 0]).toEqual([limit, true]);
        expect(await passes(other)).toBe(true);
        expect(await passes(account, home)).toBe(true);
        const stranger = await at(account);
        expect((await stranger.agent.submit(stranger.page, await right(account, stranger))).status).toBe(429);
      });

    /** Guesses as a stranger until that is stopped, starting over where a sign-in allows no more. */
    async function useUp(account: Account): Promise<{ page: Page; tries: number }> {
      let tries = 0;
      while (tries <= limit) {
        const { agent, page } = await at(account);
        const goesOn = (here: Page) => driver.byScript || /<input class="ds-input/.test(here.html);
        for (let here = page; goesOn(here) && tries <= limit; tries++) {
          here = await agent.submit(page, await wrong(account, { agent, page }));
          if (here.status === 429) return { page: here, tries };
        }
      }
      throw new Error(`${tries} wrong answers were let`);
    }

    test.each(['state', 'records', 'credentials'] as const)(
      'while %s are away the answer is 503, and nothing is used up',
      async (store) => {
        const account = await person();
        const visit = await at(account);
        const { agent, page } = visit;
        const answer = await right(account, visit);
        world.away.add(store);
        const meanwhile: Page[] = [];
        try {
          for (let tries = 0; tries < (driver.asksAnew ? 1 : limit + 2); tries++)
            meanwhile.push(await agent.submit(page, answer));
        } finally {
          world.away.delete(store);
        }
        // Where a method keeps no credentials, they are not missed.
        const missed = store !== 'credentials' || facts.proves === 'own';
        if (missed)
          for (const each of meanwhile)
            expect(plainly(each, /Unavailable|\.ts:/)).toMatchObject({ status: 503, soon: true, stack: false });
        if (!missed) return expect(arrived(meanwhile[0]!)).toBe(true);
        const later = driver.asksAnew ? await right(account, visit) : answer;
        expect(arrived(await agent.submit(page, later))).toBe(true);
      },
    );

    const pages = describe.each(['hu', 'en'] as const);
    if (!driver.byScript)
      pages('in %s', (locale) => {
        test.each([true, false])(
          'with JavaScript: %p, each page and each error is accessible, and leads on',
          async (on) => {
            const account = await person();
            const { origin: service } = new URL(world.service.redirectUri);
            const places = { kapu: world.kapu.issuer, service, mailbox: service } as Demo;
            const viewport = { width: on ? 1280 : 360, height: 800 };
            const someone = await visitor(browser, places, locale, { javaScriptEnabled: on, viewport });
            const { page, context } = someone;
            const ask = () => world.service.ask(facts.identifies ? {} : { acr_values: 'plus' });
            await browseTo(page, await ask(), facts, account);
            expect(new URL(page.url()).pathname).toMatch(new RegExp(`/${name}$`));
            expect(await page.getAttribute('html', 'lang')).toBe(locale);
            await someone.examine();
            const shown = await page.content();
            for (const answer of [...driver.malformed, await driver.wrong(world, account, { html: shown })]) {
              await fillIn(page, answer);
              expect(await page.locator('[role=alert]').count()).toBe(1);
              await someone.examine();
            }
            await fillIn(page, await driver.right(world, account, { html: shown }));
            await page.waitForURL(`${service}/**`);

            // And the page of whoever has no try left, in a browser that nobody knows.
            await useUp(account);
            await context.clearCookies();
            await browseTo(page, await ask(), facts, account);
            await fillIn(page, await driver.wrong(world, account, { html: shown }));
            expect(await page.locator('[role=alert]').count()).toBe(1);
            await someone.examine();
            await page.click('#cancel');
            await page.waitForURL(`${service}/**`);
            expect(someone.complaints).toEqual([]);
            await someone.close();
          },
        );
      });

    /** What a browser that was closed has left: what it is known by. */
    async function forgetSession(agent: Agent): Promise<void> {
      const known = (await agent.cookie('kapu-known'))!;
      await agent.jar.removeAllCookies();
      await agent.jar.setCookie(`kapu-known=${known}; Path=/; HttpOnly`, world.kapu.issuer);
    }
  });
}
