/**
 * An account that is being guessed at from everywhere: guesses come to nothing, and its owner gets in (ASVS 6.1.1, 6.3.1;
 * NIST SP 800-63B-4, 3.2.2; docs/design.md, section 7, rules 2 and 4).
 */

import { afterEach, describe, expect, test } from '@jest/globals';
import type { SettingsInput } from '../../config/settings.ts';
import { atCodePage, credentials, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

/** What sign-ins at guarded accounts are being asked for, as the state keeps it. */
const asked = new Map<string, string>();

async function start(change: (settings: SettingsInput) => void = () => undefined): Promise<void> {
  clock = testClock();
  kapu = await startKapu({
    clock,
    around: (state) => ({
      ...state,
      async put(key, value, ttl) {
        if (key.startsWith('password-guard:')) asked.set(key, value);
        return state.put(key, value, ttl);
      },
    }),
    change(settings) {
      roomy(settings);
      Object.assign(settings.password, { memoryCost: 64, triesFromAnywhere: 4, guardedTries: 3, plainTries: 2 });
      change(settings);
    },
  });
  service = await kapu.service();
}
afterEach(() => kapu.stop());

const { password } = credentials('anna');
/** Addresses that nobody has used before. */
let used = 0;
const elsewhere = () => `198.51.${100 + Math.floor(++used / 250)}.${used % 250}`;
const from = (address: string) => ({ 'x-forwarded-for': address, origin: kapu.issuer });

async function tryFrom(address: string, username: string, typed: string, agent = kapu.agent()) {
  const { page } = await service.visit(agent);
  return { agent, page: await agent.post(page.url, { username, password: typed }, from(address)) };
}
async function guessAt(username: string, times = 4): Promise<void> {
  for (let tries = 0; tries < times; tries++)
    expect((await tryFrom(elsewhere(), username, 'wrong')).page.status).toBe(422);
}
const isGuard = ({ url, status }: Page) => url.pathname.endsWith('/password/confirm') && status === 200;
const whereTo = ({ url }: Page) => url.pathname.replace(/[\w-]{20,}/, 'UID');
const withoutReference = (page: Page) =>
  page.html.replaceAll(/[\w-]{20,}|<dd>\w{4}<\/dd>|[A-Z2-9]{4}-[A-Z2-9]{4}/g, '…');
const shown = (page: Page) => [page.status, whereTo(page), withoutReference(page)];
const enter = (agent: Agent, page: Page, code: string) => agent.submit(page, { code });

describe('past the wrong passwords that one account may have from everywhere', () => {
  test('right and wrong, known, unknown and disabled look alike; only the owner gets a mail, and in by its code', async () => {
    await start();
    for (const name of ['anna', 'john', 'nobody-here']) await guessAt(name);
    const john = (await kapu.records.accounts.findByUsername('john'))!;
    await kapu.records.accounts.setStatus(john.id, 'disabled');
    const right = await tryFrom(elsewhere(), 'anna', password);
    const others = [
      await tryFrom(elsewhere(), 'anna', 'wrong'),
      await tryFrom(elsewhere(), 'nobody-here', password),
      await tryFrom(elsewhere(), 'john', password),
    ];
    expect(isGuard(right.page)).toBe(true);
    for (const { page } of others) expect(shown(page)).toEqual(shown(right.page));
    for (const { agent, page } of others) {
      const wrong = await enter(agent, page, '123456789012');
      expect([wrong.status, textOf(wrong)]).toEqual([422, expect.stringContaining('You have 4 tries left')]);
    }
    const mistyped = await enter(right.agent, right.page, '123456789012');
    expect(textOf(mistyped)).toContain('You have 4 tries left');
    const code = await kapu.codeFor(right.page);
    expect(code).toMatch(/^\d{12}$/);
    expect(stepOf(await enter(right.agent, mistyped, code))).toBe('service');
    expect(kapu.smtp.mails).toHaveLength(1);
  });

  test('the code belongs to its own sign-in, lasts ten minutes, works once, and has five tries', async () => {
    await start();
    await guessAt('anna');
    const one = await tryFrom(elsewhere(), 'anna', password);
    const other = await tryFrom(elsewhere(), 'anna', password);
    const code = await kapu.codeFor(one.page);
    expect((await enter(other.agent, other.page, code)).status).toBe(422);
    for (let left = 4; left > 0; left--)
      expect(textOf(await enter(one.agent, one.page, '000000000000'))).toContain(
        `${left} ${left === 1 ? 'try' : 'tries'}`,
      );
    expect(textOf(await enter(one.agent, one.page, '000000000000'))).toContain('too many times');
    expect(textOf(await enter(one.agent, one.page, code))).toContain('too many times');
    const late = await kapu.codeFor(other.page);
    await clock.pass(601_000);
    expect(textOf(await enter(other.agent, other.page, late))).toContain('The code has expired');
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['another password, sessions kept', (id) => kapu.records.accounts.change(id, { passwordHash: 'another' })],
    ['an end of all sessions', (id) => kapu.records.accounts.endSessions(id)],
    ['another address', (id) => kapu.records.accounts.change(id, { email: 'new@demo.example', emailVerified: true })],
    ['a stop', (id) => kapu.records.accounts.change(id, { hold: { since: clock.now() }, endSessions: true })],
    ['the end of the password', (id) => kapu.records.accounts.change(id, { clear: ['password'] })],
  ])('the code is worth nothing after %s', async (_what, change) => {
    await start();
    await guessAt('anna');
    const { agent, page } = await tryFrom(elsewhere(), 'anna', password);
    const code = await kapu.codeFor(page);
    const anna = (await kapu.records.accounts.findByUsername('anna'))!;
    await clock.pass(1000);
    expect(await change(anna.id)).toBe(true);
    const late = await enter(agent, page, code);
    expect([late.status, textOf(late)]).toEqual([422, expect.stringContaining('The code has expired')]);
  });

  test('who entered the code is known from then on, and nobody else needs one less', async () => {
    await start();
    await guessAt('anna');
    const { agent, page } = await tryFrom(elsewhere(), 'anna', password);
    expect(stepOf(await enter(agent, page, await kapu.codeFor(page)))).toBe('service');
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    expect(stepOf((await tryFrom(elsewhere(), 'anna', password, agent)).page)).toBe('service');
    expect(isGuard((await tryFrom(elsewhere(), 'anna', password)).page)).toBe(true);
  });

  test('an account that no code can be mailed to takes its right password', async () => {
    await start();
    await guessAt('bela');
    expect(isGuard((await tryFrom(elsewhere(), 'bela', 'wrong')).page)).toBe(true);
    expect(stepOf((await tryFrom(elsewhere(), 'bela', password)).page)).toBe('service');
    expect(kapu.smtp.mails).toHaveLength(0);
  });

  test('of the tries there, an origin has two a day that tell something: then its right password looks like a wrong one', async () => {
    await start();
    await guessAt('bela');
    await guessAt('nobody-here');
    const address = elsewhere();
    for (let tries = 0; tries < 2; tries++) await tryFrom(address, 'bela', 'wrong');
    const right = await tryFrom(address, 'bela', password);
    expect(isGuard(right.page)).toBe(true);
    expect(shown(right.page)).toEqual(shown((await tryFrom(elsewhere(), 'nobody-here', 'wrong')).page));
  });

  test('a right code gives back what it took, as often as its owner signs in', async () => {
    await start();
    await guessAt('anna');
    const address = elsewhere();
    for (let times = 0; times < 5; times++) {
      const { agent, page } = await tryFrom(address, 'anna', password);
      expect(stepOf(await enter(agent, page, await kapu.codeFor(page)))).toBe('service');
    }
  });

  test("codes that no mail carries are nobody's: mails bound the guesses, however many origins there are", async () => {
    await start((settings) => {
      settings.emailCode.sendsPerAccount = 5;
    });
    await guessAt('anna');
    for (let times = 0; times < 5; times++) await kapu.codeFor((await tryFrom(elsewhere(), 'anna', password)).page);
    asked.clear();
    const { page } = await tryFrom(elsewhere(), 'anna', password);
    const anna = (await kapu.records.accounts.findByUsername('anna'))!;
    expect([...asked.values()]).toEqual([expect.stringContaining(anna.id)]);
    await eventually("the code is nobody's", () => [...asked.values()].every((each) => !each.includes(anna.id)));
    expect(isGuard(page)).toBe(true);
    expect(kapu.smtp.mails).toHaveLength(5);
    // What plus may mail is counted apart.
    expect(stepOf((await atCodePage(kapu, service, 'john')).page)).toBe('email-code');
  });

  test('a browser that breaks off while its right password is compared is mailed all the same', async () => {
    await start((settings) =>
      Object.assign(settings.password, { memoryCost: 65_536, timeCost: 6, triesFromAnywhere: 1 }),
    );
    await tryFrom(elsewhere(), 'anna', 'wrong');
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    const gone = new AbortController();
    const sent = fetch(page.url, {
      method: 'POST',
      body: new URLSearchParams({ username: 'anna', password }),
      headers: { ...from(elsewhere()), cookie: await agent.jar.getCookieString(page.url.href) },
      signal: gone.signal,
      redirect: 'manual',
    });
    await eventually('the password is being compared', async () =>
      /kapu_password_hashes_running 1/.test(await (await fetch(`${kapu.operations}/metrics`)).text()),
    );
    gone.abort();
    await expect(sent).rejects.toThrow();
    await eventually('the mail', () => kapu.smtp.mails.length === 1);
  });

  test('a code that nobody asked for is neither compared nor written down, and a spent one once', async () => {
    await start();
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    const written = async () => (await kapu.records.audit.list({ limit: 1000 })).length;
    const before = await written();
    const confirm = { code: '000000000000' };
    for (let times = 0; times < 5; times++)
      expect(stepOf(await agent.post(`${page.url.href}/confirm`, confirm, from(elsewhere())))).toBe('password');
    expect(await written()).toBe(before);
    await guessAt('anna');
    const guarded = await tryFrom(elsewhere(), 'anna', 'wrong');
    for (let times = 0; times < 5; times++) await enter(guarded.agent, guarded.page, confirm.code);
    const spent = await written();
    for (let times = 0; times < 5; times++) await enter(guarded.agent, guarded.page, confirm.code);
    expect(await written()).toBe(spent + 1);
  });

  test('an origin has three tries a day, the right password among them, and is told when to come back', async () => {
    await start();
    await guessAt('anna');
    const address = elsewhere();
    for (const typed of ['wrong', password, 'wrong'])
      expect(isGuard((await tryFrom(address, 'anna', typed)).page)).toBe(true);
    const { page } = await tryFrom(address, 'anna', password);
    expect([page.status, textOf(page)]).toEqual([429, expect.stringContaining('only in 24 hours')]);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(86_000);
    expect(stepOf((await tryFrom(address, 'john', password)).page)).toBe('service');
    await clock.pass(24 * 3600_000);
    expect(isGuard((await tryFrom(address, 'anna', password)).page)).toBe(true);
  });

  test('what one origin may not try any more does not use up what everybody shares', async () => {
    await start((settings) => Object.assign(settings.password, { triesPerAccount: 2, triesFromAnywhere: 3 }));
    const address = elsewhere();
    for (const status of [422, 422, 429, 429, 429, 429])
      expect((await tryFrom(address, 'anna', 'wrong')).page.status).toBe(status);
    expect(stepOf((await tryFrom(elsewhere(), 'anna', password)).page)).toBe('service');
  });

  test('the page of the code leads back: to the password, and to the service', async () => {
    await start();
    await guessAt('anna');
    const { agent, page } = await tryFrom(elsewhere(), 'anna', 'wrong');
    const again = await agent.submit(page, { again: '1' });
    expect([again.status, stepOf(again)]).toEqual([200, 'password']);
    expect((await agent.get(page.url)).status).toBe(200);
    const cancelled = await agent.submit(page, { cancel: '1' });
    expect(cancelled.url.searchParams.get('error')).toBe('access_denied');
    const fresh = kapu.agent();
    const begun = await service.visit(fresh);
    expect(stepOf(await fresh.get(`${begun.page.url.href}/confirm`))).toBe('password');
  });
});

describe('a browser in which the person has signed in before', () => {
  /** A browser that knows `username`, signed out again. */
  async function knownTo(username: string): Promise<Agent> {
    const { agent, page } = await tryFrom(elsewhere(), username, password);
    expect(stepOf(page)).toBe('service');
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    return agent;
  }

  test('is asked for the password alone, however much is guessed, also at the same address', async () => {
    await start((settings) => Object.assign(settings.password, { triesPerAccount: 2, triesPerOrigin: 3 }));
    const home = elsewhere();
    const owner = await knownTo('anna');
    for (let tries = 0; tries < 3; tries++) await tryFrom(home, 'anna', 'wrong');
    await guessAt('anna', 2);
    expect((await tryFrom(home, 'anna', password)).page.status).toBe(429);
    expect(isGuard((await tryFrom(elsewhere(), 'anna', password)).page)).toBe(true);
    expect((await tryFrom(home, 'anna', 'wrong', owner)).page.status).toBe(422);
    expect(stepOf((await tryFrom(home, 'anna', password, owner)).page)).toBe('service');
  });

  test('is known for that person alone, and keeps a name that says nothing', async () => {
    await start();
    const owner = await knownTo('anna');
    await guessAt('john');
    expect(isGuard((await tryFrom(elsewhere(), 'john', password, owner)).page)).toBe(true);
    const cookie = (await owner.cookie('kapu-known'))!;
    expect(cookie).not.toMatch(/anna|demo/);
    const account = (await kapu.records.accounts.findByUsername('anna'))!;
    expect(cookie).not.toContain(account.id);
  });

  test('has its own tries a month, and then those of a stranger', async () => {
    await start((settings) => Object.assign(settings.password, { knownTries: 2 }));
    const owner = await knownTo('anna');
    await guessAt('anna');
    for (let tries = 0; tries < 2; tries++)
      expect((await tryFrom(elsewhere(), 'anna', 'wrong', owner)).page.status).toBe(422);
    expect(isGuard((await tryFrom(elsewhere(), 'anna', password, owner)).page)).toBe(true);
    await clock.pass(31 * 24 * 3600_000);
    expect(stepOf((await tryFrom(elsewhere(), 'anna', password, owner)).page)).toBe('service');
  });

  test('is forgotten when the sessions of the account are ended, and after half a year', async () => {
    await start();
    const one = await knownTo('anna');
    const account = (await kapu.records.accounts.findByUsername('anna'))!;
    await kapu.records.accounts.endSessions(account.id);
    await guessAt('anna');
    expect(isGuard((await tryFrom(elsewhere(), 'anna', password, one)).page)).toBe(true);
    const other = await knownTo('john');
    await clock.pass(181 * 24 * 3600_000);
    await guessAt('john');
    expect(isGuard((await tryFrom(elsewhere(), 'john', password, other)).page)).toBe(true);
  });

  test('is not one of somebody who takes the user name of an account that was deleted', async () => {
    await start();
    const owner = await knownTo('anna');
    const { records } = kapu;
    const { account, passwordHash } = (await records.accounts.findForPassword('anna'))!;
    await records.accounts.change(account.id, { deleteAt: new Date(clock.now().getTime() - 1) });
    expect(await records.deletions.remove((await records.deletions.claim(60_000))!)).toBe(true);
    await clock.pass(1000);
    const { username, locale, email } = account;
    await records.accounts.add({ username, locale, email, emailVerified: true }, passwordHash);
    await guessAt('anna');
    expect(isGuard((await tryFrom(elsewhere(), 'anna', password, owner)).page)).toBe(true);
  });

  test('is not one by a cookie that was changed, cut, or put together', async () => {
    await start();
    const cookie = (await (await knownTo('anna')).cookie('kapu-known'))!;
    const johns = (await (await knownTo('john')).cookie('kapu-known'))!;
    await guessAt('anna');
    const [id, entry] = cookie.split('.') as [string, string];
    const forged = [
      id,
      `${id}.`,
      `${id}.${entry.replace(/^./, (first) => (first === 'z' ? 'y' : 'z'))}`,
      `${johns.split('.')[0]}.${entry}`,
      `${id}.${johns.split('.')[1]}`,
      `${cookie}x`.replace(id, id.toLowerCase()),
      '..~~',
      'x'.repeat(3000),
    ];
    for (const value of forged) {
      const agent = kapu.agent();
      await agent.jar.setCookie(`kapu-known=${value}; Path=/`, kapu.issuer);
      expect(isGuard((await tryFrom(elsewhere(), 'anna', password, agent)).page)).toBe(true);
    }
    const copied = kapu.agent();
    await copied.jar.setCookie(`kapu-known=${cookie}; Path=/`, kapu.issuer);
    expect(stepOf((await tryFrom(elsewhere(), 'anna', password, copied)).page)).toBe('service');
  });
});

describe('codes', () => {
  const wrongFor = (code: string) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');
  const plus = { acr_values: 'plus' };

  async function guessCodes(times: number): Promise<void> {
    const { agent, page } = await atCodePage(kapu, service);
    const wrong = wrongFor(await kapu.codeFor(page));
    for (let tries = 0; tries < times; tries++) expect((await agent.submit(page, { code: wrong })).status).toBe(422);
  }

  test('of an account get long once nine guesses came to nothing, and short ones on their way count no more', async () => {
    await start((settings) => Object.assign(settings.emailCode, { shortCodeChances: 9, resendAfter: '1s' }));
    const { agent, page } = await atCodePage(kapu, service);
    const short = await kapu.codeFor(page);
    await guessCodes(5);
    await guessCodes(4);
    const refused = await agent.submit(page, { code: short });
    expect([refused.status, textOf(refused)]).toEqual([422, expect.stringContaining('it will be longer')]);
    await clock.pass(31_000);
    const resent = await agent.submit(refused, { resend: '1' });
    expect(textOf(resent)).toContain('12 digits');
    const long = await kapu.codeFor(resent, 2);
    expect(long).toMatch(/^\d{12}$/);
    expect(stepOf(await agent.submit(resent, { code: long }))).toBe('service');
    const next = await atCodePage(kapu, service);
    expect(textOf(next.page)).toContain('12 digits');
    expect(await kapu.codeFor(next.page)).toMatch(/^\d{12}$/);
    const john = await atCodePage(kapu, service, 'john');
    expect(await kapu.codeFor(john.page)).toMatch(/^\d{6}$/);
    await clock.pass(366 * 24 * 3600_000);
    expect(await kapu.codeFor((await atCodePage(kapu, service)).page)).toMatch(/^\d{6}$/);
  });

  test('guessed wrong in a sign-in that then succeeds were its owner mistyping', async () => {
    await start((settings) => Object.assign(settings.emailCode, { shortCodeChances: 9 }));
    for (let round = 0; round < 4; round++) {
      const { agent, page } = await atCodePage(kapu, service);
      const code = await kapu.codeFor(page);
      for (let tries = 0; tries < 4; tries++) await agent.submit(page, { code: wrongFor(code) });
      expect(stepOf(await agent.submit(page, { code }))).toBe('service');
    }
  });

  test('a guess counts for every code that it is compared with', async () => {
    await start((settings) => Object.assign(settings.emailCode, { shortCodeChances: 9 }));
    const { agent, page } = await atCodePage(kapu, service);
    for (let mails = 2; mails <= 4; mails++) {
      await clock.pass(31_000);
      await agent.submit(page, { resend: '1' });
    }
    const code = await kapu.codeFor(page, 4);
    for (let tries = 0; tries < 2; tries++)
      expect(textOf(await agent.submit(page, { code: wrongFor(code) }))).toContain('not right');
    expect(textOf(await agent.submit(page, { code }))).toContain('it will be longer');
    await clock.pass(31_000);
    expect(textOf(await agent.submit(page, { resend: '1' }))).toContain('12 digits');
  });

  test('a browser in which the person has entered one keeps tries and mails of its own', async () => {
    await start((settings) => Object.assign(settings.emailCode, { triesPerAccount: 5, sendsPerAccount: 5 }));
    const owner = await atCodePage(kapu, service);
    expect(stepOf(await owner.agent.submit(owner.page, { code: await kapu.codeFor(owner.page) }))).toBe('service');
    await owner.agent.submit(await owner.agent.get('/session/end'), { logout: 'yes' });
    await guessCodes(5);
    for (let mails = 0; mails < 3; mails++) await atCodePage(kapu, service);
    const stranger = await atCodePage(kapu, service);
    expect(textOf(stranger.page)).toContain('could not be sent');
    // Not even by having signed everybody out.
    await kapu.records.accounts.endSessions((await kapu.records.accounts.findByUsername('anna'))!.id);
    await clock.pass(1000);
    const { page } = await service.visit(owner.agent, plus);
    const asked = await owner.agent.submit(page, credentials('anna'));
    expect(stepOf(asked)).toBe('email-code');
    expect(stepOf(await owner.agent.submit(asked, { code: await kapu.codeFor(asked) }))).toBe('service');
  });
});
