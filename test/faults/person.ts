/** A person at a browser whose server may end at any moment: goes on from wherever the browser is, until in, or told to begin again. */

import { expect } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { credentials, silently, stepOf } from '../flow/journey.ts';
import { Agent, type Page, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { codeIn, mailReferenceOn } from '../support/kapu.ts';
import type { Asked, RelyingParty } from '../support/relying-party.ts';
import type { Killable } from './killable.ts';

export type Level = 'basic' | 'plus';

/** What became of a sign-in: in, or plainly told to begin again, on a page or by the service that cannot redeem. */
export type Outcome = 'well' | 'person begins again' | 'service begins again';

export class Person {
  readonly agent: Agent;
  readonly level: Level;
  /** How often the right password was typed; loading again not counted. */
  passwords = 0;
  /** Each code that was typed. */
  readonly codes: string[] = [];
  /** The browser as it was when the last code was typed, and the page. */
  beforeCode: { browser: Agent; page: Page } | undefined;
  /** Brought back to the service: with what it asked and the address. */
  back: { asked: Asked; url: URL } | undefined;
  refreshToken: string | undefined;
  /** What the service has asked the server for. */
  asked = 0;
  readonly #kapu: Killable;
  readonly #service: RelyingParty;

  constructor(kapu: Killable, service: RelyingParty, level: Level) {
    this.#kapu = kapu;
    this.#service = service;
    this.level = level;
    this.agent = new Agent({ origin: kapu.issuer, language: 'en', lost: () => this.#revived() });
  }

  /**
   * Signs in, to the tokens; at plus, also to consent, and to tokens refreshed once. Throws at an answer that leads nowhere, and
   * at a token that says more than was proven.
   */
  async signIn(): Promise<Outcome> {
    const { level } = this;
    const offline = { acr_values: 'plus', scope: 'openid offline_access', prompt: 'consent' };
    const asked = await this.#service.ask(level === 'plus' ? offline : {});
    let page = await this.agent.get(asked.url);
    for (let answers = 0; stepOf(page) !== 'service'; answers++) {
      if (answers === 8) throw new Error(`no end of it: ${page.status} ${page.url.href} ${textOf(page)}`);
      const next = await this.#answer(page);
      if (!next) return 'person begins again';
      page = next;
    }
    expect(page.url.searchParams.get('error')).toBeNull();
    this.back = { asked, url: page.url };
    const got = await this.#untilAnswered(() => asked.redeem(page.url));
    if (!got) return 'service begins again';
    expect(got.claims.acr).toBe(level);
    if (level === 'basic') return 'well';
    this.refreshToken = got.tokens.refresh_token!;
    const again = await this.#untilAnswered(() => refreshTokenGrant(this.#service.config, this.refreshToken!));
    if (!again) return 'service begins again';
    expect(again.claims()).toMatchObject({ acr: level, auth_time: got.claims.auth_time });
    return 'well';
  }

  /** The page that follows; undefined when this one says that it has to be begun again. */
  async #answer(page: Page): Promise<Page | undefined> {
    const step = stepOf([200, 422, 429].includes(page.status) ? { ...page, status: 200 } : page);
    if (step === 'password') {
      this.passwords += 1;
      return this.agent.submit(page, credentials('anna'));
    }
    if (step === 'consent') return this.agent.submit(page, { allow: '1' });
    if (step === 'email-code') {
      const code = await this.#newCode(page);
      if (code === undefined) return this.#resent(page);
      this.codes.push(code);
      this.beforeCode = { browser: this.#otherBrowser(), page };
      return this.agent.submit(page, { code });
    }
    const words = textOf(page);
    if (page.status === 410 && /start(ing)? signing in again/.test(words)) return undefined;
    throw new Error(`leads nowhere: ${page.status} ${page.url.href} ${words}`);
  }

  /** The newest code for this page that has not been tried; undefined when none comes. */
  async #newCode(page: Page): Promise<string | undefined> {
    const reference = mailReferenceOn(page);
    const newest = () => this.#kapu.smtp.mails.filter(({ subject }) => subject?.includes(reference)).at(-1);
    const untried = () => {
      const mail = newest();
      return mail && !this.codes.includes(codeIn(mail)) ? codeIn(mail) : undefined;
    };
    await eventually('a mail', () => untried() !== undefined, 500).catch(() => {});
    return untried();
  }

  /** Asks for another code, once that is allowed. */
  async #resent(page: Page): Promise<Page> {
    let next = page;
    await eventually('another code may be asked for', async () => {
      next = await this.agent.submit(page, { resend: '1' });
      return next.status !== 429;
    });
    return next;
  }

  /** What the service is answered, asking again where no answer came; undefined: what it has is worth nothing. */
  async #untilAnswered<T>(ask: () => Promise<T>): Promise<T | undefined> {
    for (let losses = 0; ; losses++) {
      this.asked += 1;
      try {
        return await ask();
      } catch (fault) {
        if ((fault as { error?: string }).error === 'invalid_grant') return undefined;
        if (losses === 5 || !this.#kapu.proxy.killed) throw fault;
        await this.#revived();
      }
    }
  }

  /** The server is back; and whoever asks it silently hears no more than was proven. */
  async #revived(): Promise<void> {
    await this.#kapu.revive();
    const mayBePlus = this.codes.length > 0;
    const maySignIn = this.level === 'plus' ? mayBePlus : this.passwords > 0;
    if (!mayBePlus)
      expect(await silently(this.#service, this.#otherBrowser(), { acr_values: 'plus' })).toBe('login_required');
    if (!maySignIn) expect(await silently(this.#service, this.#otherBrowser())).toBe('login_required');
  }

  /** A copy of this one with its cookies as they are now. */
  #otherBrowser(): Agent {
    const { origin, language } = this.agent.options;
    return new Agent({ origin, language }, this.agent.copy().jar);
  }
}
