/**
 * Two people and one account: its owner, and somebody who reads the owner's mail, and knows the user name and nothing else. What
 * either does is done to two servers on one store, turn and turn about, and to a model of the rule (docs/decisions/023), written
 * from that page: times are seconds.
 */

import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf } from '../../interactions/methods/totp/credential.ts';
import { createStopLinks } from '../../interactions/stop/link.ts';
import { createVault } from '../../src/vault.ts';
import { activate, reset } from '../flow/reset.ts';
import { codeAt } from '../methods/app.ts';
import type { Agent, Page } from '../support/agent.ts';
import { seenAtDesk } from '../support/desk.ts';
import type { TestKapu } from '../support/kapu.ts';
import { seen } from '../support/secrets.ts';
import type { Counts } from './counts.ts';
import { acrOf, answerAs, type Servers } from './thief-hands.ts';
import { type By, type Move, Rule, type Who } from './thief-rule.ts';

export class Story {
  readonly #servers: Servers;
  readonly #counts: Counts;
  readonly #hasApp: boolean;
  readonly #username = `anna-${randomUUID()}`;
  readonly #browsers: Record<Who, { agent: Agent; server: number }[]> = { owner: [], thief: [] };
  readonly #rule: Rule;
  #id = '';
  #passwords = 0;

  constructor(servers: Servers, counts: Counts, hasApp: boolean) {
    this.#servers = servers;
    this.#counts = counts;
    this.#hasApp = hasApp;
    const mailbox = { email: `${this.#username}@shared.example`, readers: ['owner', 'thief'] as const };
    this.#rule = new Rule(servers.now, demoPassword, mailbox);
  }

  async begin(): Promise<void> {
    const [{ records, settings }] = this.#servers.kapus;
    const { passwordHash } = (await records.accounts.findForPassword('anna'))!;
    const { email } = this.#rule.mailbox;
    const account = await records.accounts.add(
      { username: this.#username, locale: 'en', email, emailVerified: true },
      passwordHash,
    );
    this.#id = account.id;
    if (!this.#hasApp) return;
    const step = Math.floor(this.#servers.now() / 30) - 5;
    const vault = createVault(settings.secrets.credentialKeys);
    const key = newKey();
    await records.credentials.add(account.id, await appOf(vault, account, key, step));
    this.#rule.app = { who: 'owner', key, at: this.#servers.now() };
    // Long since: what is younger than a hold proves no more than the mailbox.
    this.#servers.pass(4 * 24 * 3600);
  }

  async take(move: Move): Promise<void> {
    // Nothing happens in one second with anything else: tokens know times to the second.
    this.#servers.pass(31);
    switch (move.do) {
      case 'wait':
        this.#servers.pass(move.seconds);
        break;
      case 'desk check':
        await this.#deskCheck();
        break;
      case 'reset':
        await this.#reset(move.who);
        break;
      case 'sign in':
        await this.#signIn(move.who, move.by, move.server);
        break;
      case 'ask again':
        await this.#askAgain(move.who, move.by, move.browser);
        break;
      case 'change address':
        await this.#changeAddress(move.who, move.by, move.server);
        break;
      case 'set up an app':
        await this.#setUp(move.who, move.by);
        break;
      case 'confirm the address':
        await this.#confirm(move.who);
        break;
      case 'stop':
        await this.#stop();
        break;
    }
    await this.#compare();
  }

  #kapu(server: number): TestKapu {
    return this.#servers.kapus[server % 2]!;
  }

  async #reset(who: Who): Promise<void> {
    if (!this.#rule.reads(who)) return;
    this.#counts.add('resets', `${who}, ${this.#rule.held ? 'in a hold' : 'free'}`);
    const server = this.#passwords;
    const { agent, asked, page } = await this.#begin(who, server, {});
    const text = `ladder umbrella seventeen ${++this.#passwords}`;
    const done = await reset(this.#kapu(server), agent, page, this.#username, text);
    this.#rule.reset(who, text);
    this.#servers.pass(1);
    const back = await agent.submit(done, {});
    // Whatever the mailbox did, it did not give more than this.
    expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
  }

  async #signIn(who: Who, by: By, server: number): Promise<void> {
    const expected = this.#rule.reaches(who, by);
    const { agent, asked, page } = await this.#begin(who, server, { acr_values: 'plus' });
    const acr = await acrOf(asked, await this.#answer(agent, page, who, by, server));
    this.#counts.add('sign-ins', `${who} by ${by}, ${this.#rule.held ? 'held' : 'free'}: ${acr ?? 'refused'}`);
    expect(acr).toBe(expected ? 'plus' : undefined);
    if (expected && by === 'app') this.#rule.proven();
    // The one way there is for a thief who has nothing but the mailbox: time, in which everybody was told, and nobody stopped it.
    if (acr && who === 'thief' && by === 'mail')
      expect(this.#servers.now()).toBeGreaterThanOrEqual(this.#rule.untoldUntil);
  }

  /** In a browser of before, whatever it holds: an upper bound, which is the one that matters. */
  async #askAgain(who: Who, by: By, browser: number): Promise<void> {
    const known = this.#browsers[who].at(-1 - (browser % Math.max(1, this.#browsers[who].length)));
    if (!known) return;
    const { agent, server } = known;
    const { asked, page } = await this.#servers.services[server]!.visit(agent, { acr_values: 'plus' });
    const held = this.#rule.held;
    const acr = await acrOf(asked, await this.#answer(agent, page, who, by, server));
    this.#counts.add('asked again', `${who}, ${held ? 'held' : 'free'}: ${acr ?? 'refused'}`);
    if (acr === 'plus' && held) expect([by, this.#rule.app?.who]).toEqual(['app', who]);
    // Whether the password was proven before the hold began is that browser's to know.
    if (held && !(await this.#isHeldThere())) {
      expect([by, this.#rule.app?.who, this.#rule.isAppYoung, this.#rule.former]).toEqual([
        'app',
        who,
        false,
        undefined,
      ]);
      this.#rule.proven();
    }
  }

  async #changeAddress(who: Who, by: By, server: number): Promise<void> {
    const expected = this.#rule.reaches(who, by);
    const agent = this.#newBrowser(who, server);
    const kapu = this.#kapu(server);
    const at = await this.#answer(agent, await agent.get('/account/email'), who, by, server);
    expect(at.url.pathname === '/account/email' && at.status === 200).toBe(expected);
    this.#counts.add('changes of address', `${who} by ${by}: ${expected}`);
    if (!expected) return;
    if (by === 'app') this.#rule.proven();
    const email = `${this.#username}-${++this.#passwords}@${who}.example`;
    const asked = await agent.post('/account/email', { email });
    const done = await agent.submit(asked, { code: await kapu.codeFor(asked) });
    expect([done.url.pathname, done.status]).toEqual(['/account/email/done', 200]);
    this.#rule.changeAddress(by, { email, readers: [who] });
  }

  /** Nobody sets up something of their own with the help of the mailbox, as long as that counts for nothing. */
  async #setUp(who: Who, by: By): Promise<void> {
    const expected = this.#rule.reaches(who, by);
    const held = this.#rule.held;
    const agent = this.#newBrowser(who, 0);
    const page = await this.#answer(agent, await agent.get('/account/methods/totp'), who, by, 0);
    const there = page.url.pathname.startsWith('/account/methods/totp') && page.status === 200;
    this.#counts.add('setting up', `${who} by ${by}, ${held ? 'held' : 'free'}: ${there}`);
    expect(there).toBe(expected);
    if (!there) return;
    if (by === 'app') this.#rule.proven();
    const [, key] = /secret=([A-Z2-7]+)/.exec(page.html)!;
    seen.add('app key', key!);
    this.#servers.pass(31);
    const done = await agent.submit(page, { code: codeAt(key!, new Date(this.#servers.now() * 1000)) });
    expect(done.url.pathname).toBe('/account/methods');
    this.#rule.setUpApp(by, { who, key: key!, at: this.#servers.now() });
  }

  /** Whoever has the password and an app that was there before says that the new address is theirs. */
  async #confirm(who: Who): Promise<void> {
    const agent = this.#newBrowser(who, 1);
    const at = await this.#answer(agent, await agent.get('/account/email'), who, 'app', 1);
    if (this.#rule.reaches(who, 'app')) this.#rule.proven();
    const may = this.#rule.mayConfirm(who);
    this.#counts.add('confirmed addresses', `${who}: ${may}`);
    expect(at.html.includes('name="confirm"')).toBe(may);
    await agent.post('/account/email/confirm', { confirm: '1' });
    if (may) Object.assign(this.#rule, { hold: undefined, former: undefined });
  }

  /** By the link of a hold, or by that of an app that was set up lately. */
  async #stop(): Promise<void> {
    const kapu = this.#kapu(0);
    const { hold, held, app, isAppYoung: young } = this.#rule;
    const since = held ? hold!.since : young ? app!.at : 0;
    const links = createStopLinks(kapu.issuer, kapu.settings.secrets.credentialKeys);
    const link = links.to({ accountId: this.#id, since: new Date(since * 1000), isChange: !held });
    const page = await kapu.agent().post(link, { stop: '1' });
    expect(page.status).toBe(held || young ? 200 : 410);
    if (!held && !young) return;
    this.#counts.add('stops', `${held ? (this.#rule.former ? 'address back' : 'plain') : 'of an app'}`);
    this.#counts.add('apps taken away', `${young ? app!.who : 'nobody'}`);
    this.#rule.stop();
  }

  /** The owner has been seen, and sets a new password with what was handed over. */
  async #deskCheck(): Promise<void> {
    if (!this.#rule.held) return;
    const code = await seenAtDesk(this.#kapu(0), this.#username, () => new Date(this.#servers.now() * 1000));
    this.#rule.deskCheck();
    this.#servers.pass(31);
    const { agent, page } = await this.#begin('owner', 0, {});
    const text = `ladder umbrella seventeen ${++this.#passwords}`;
    await activate(agent, page, this.#username, code, text);
    this.#rule.password = { text, knownTo: 'owner' };
  }

  async #isHeldThere(): Promise<boolean> {
    const { hold } = (await this.#kapu(1).records.accounts.find(this.#id))!;
    return hold !== undefined && (hold.until === undefined || hold.until.getTime() > this.#servers.now() * 1000);
  }

  #newBrowser(who: Who, server: number): Agent {
    const agent = this.#kapu(server).agent();
    this.#browsers[who].push({ agent, server: server % 2 });
    return agent;
  }

  async #begin(who: Who, server: number, parameters: Record<string, string>) {
    const agent = this.#newBrowser(who, server);
    return { agent, ...(await this.#servers.services[server % 2]!.visit(agent, parameters)) };
  }

  #answer(agent: Agent, from: Page, who: Who, by: By, server: number): Promise<Page> {
    const about = { servers: this.#servers, rule: this.#rule, username: this.#username };
    return answerAs(about, agent, from, who, by, server);
  }

  async #compare(): Promise<void> {
    const account = (await this.#kapu(1).records.accounts.find(this.#id))!;
    expect(await this.#isHeldThere()).toBe(this.#rule.held);
    expect(account.setUp.includes('totp')).toBe(this.#rule.app !== undefined);
    expect(account.email).toBe(this.#rule.mailbox.email);
    if (this.#rule.held) expect(account.formerEmail).toBe(this.#rule.former?.email);
  }
}
