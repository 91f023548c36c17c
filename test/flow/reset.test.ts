/** A forgotten password: the way back in by the mailbox, what it is worth, and what it tells strangers. ASVS 6.4.3. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import type { Account } from '../../src/records/records.ts';
import { stopOf } from '../../src/stop.ts';
import type { Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, errorOf, heldError, password, signIn, silently, stepOf } from './journey.ts';
import { askForCode, newPassword, reset, resetStep } from './reset.ts';

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterEach(() => kapu?.stop());

const accountOf = async (username = 'anna'): Promise<Account> =>
  (await kapu.records.accounts.findByUsername(username))!;
const textOf = ({ html }: Page) =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');

/** A new browser at the password page. */
async function begun(parameters: Record<string, string> = {}, agent = kapu.agent()) {
  return { agent, ...(await service.visit(agent, parameters)) };
}

test('the password page leads to a new password, and on to the service at basic', async () => {
  const { agent, asked, page } = await begun();
  expect(page.html).toMatch(/href="\/interaction\/[\w-]+\/reset">I have forgotten my password</);
  const start = await agent.get(page.url.pathname.replace('/password', '/reset'));
  expect(textOf(start)).toContain('codes by email are not enough for the stronger sign-in for 3 days');
  const done = await reset(kapu, agent, page);
  expect(textOf(done)).toMatch(/Codes by email are not enough for the stronger sign-in until \d+ \w+ 20\d\d/);
  const back = await agent.submit(done, {});
  expect(stepOf(back)).toBe('service');
  expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'basic', amr: ['pwd'] });

  const account = await accountOf();
  expect(account.validSince!.getTime() - account.hold!.since.getTime()).toBeLessThan(1000);
  expect(account.hold!.until!.getTime() - account.hold!.since.getTime()).toBe(72 * 3600_000);
  const entries = await kapu.records.audit.list({ accountId: account.id, limit: 20 });
  const events = entries.map(({ event }) => event);
  expect(events).toEqual(expect.arrayContaining(['reset.asked', 'mail.sent', 'password.reset', 'password.passed']));
});

test('the old password is refused afterwards, sessions of before are over, and all addresses are told', async () => {
  const account = await accountOf();
  await kapu.records.accounts.change(account.id, { noticeEmail: 'second@demo.example' });
  const before = await signIn(kapu, service, kapu.agent(), { scope: 'openid offline_access', prompt: 'consent' });
  const { agent, page } = await begun();
  await clock.pass(2000);
  await agent.submit(await reset(kapu, agent, page), {});
  const other = await begun();
  expect((await other.agent.submit(other.page, credentials('anna'))).status).toBe(422);
  expect(stepOf(await other.agent.submit(other.page, { username: 'anna', password: newPassword }))).toBe('service');
  expect(await silently(service, other.agent)).toMatchObject({ claims: { acr: 'basic' } });
  await expect(refreshTokenGrant(service.config, before.tokens.refresh_token!)).rejects.toThrow();
  for (const address of [account.email!, 'second@demo.example'])
    await eventually(`${address} is told`, () =>
      kapu.mailsTo(address).some(({ text }) => text?.includes('/account/stop/')),
    );
});

describe('plus after a reset', () => {
  const plus = { acr_values: 'plus' };

  test('is out of reach by e-mail for 72 hours, in this browser and in others, and then comes back', async () => {
    const { agent, page } = await begun(plus);
    const back = await agent.submit(await reset(kapu, agent, page), {});
    expect(await heldError(agent, back)).toBe('unmet_authentication_requirements');
    const other = await begun(plus);
    const refused = await other.agent.submit(other.page, { username: 'anna', password: newPassword });
    expect(await heldError(other.agent, refused)).toBe('unmet_authentication_requirements');
    const weaker = await begun({ acr_values: 'plus basic' });
    const reached = await weaker.agent.submit(weaker.page, { username: 'anna', password: newPassword });
    expect((await weaker.asked.redeem(reached.url)).claims.acr).toBe('basic');
    // Beyond a day services and the server do not agree on the time, so nothing is redeemed.
    await clock.pass(72 * 3600_000 - 60_000);
    const late = await begun(plus);
    const tooSoon = await late.agent.submit(late.page, { username: 'anna', password: newPassword });
    expect(await heldError(late.agent, tooSoon)).toBe('unmet_authentication_requirements');
    await clock.pass(60_000);
    const after = await begun(plus);
    const code = await after.agent.submit(after.page, { username: 'anna', password: newPassword });
    expect(stepOf(code)).toBe('email-code');
    expect(errorOf(await after.agent.submit(code, { code: await kapu.codeFor(code) }))).toBeUndefined();
  });

  test('is over in a sign-in that had got as far as the code', async () => {
    const owner = kapu.agent();
    const { page } = await service.visit(owner, plus);
    const code = await owner.submit(page, credentials('anna'));
    expect(stepOf(code)).toBe('email-code');
    const mailed = await kapu.codeFor(code);
    const thief = await begun();
    await reset(kapu, thief.agent, thief.page);
    await clock.pass(1000);
    expect(await heldError(owner, await owner.submit(code, { code: mailed }))).toBe(
      'unmet_authentication_requirements',
    );
  });
});

describe('what strangers learn', () => {
  test('nothing: the same page and words, whoever it is; and a code that never works', async () => {
    const shown: string[] = [];
    for (const username of ['anna', 'bela', 'nobody-at-all']) {
      const { agent, page } = await begun();
      const asked = await askForCode(agent, page, username);
      expect(asked.status).toBe(200);
      const uid = /interaction\/([\w-]+)/.exec(asked.url.pathname)![1]!;
      const plain = (html: string) => html.replaceAll(uid, '').replaceAll(/<dd>\w{4}<\/dd>/g, '');
      shown.push(plain(asked.html));
      const wrong = await agent.submit(asked, { code: '000000000000' });
      shown.push(plain(wrong.html));
      expect(wrong.status).toBe(422);
    }
    expect(new Set(shown).size).toBe(2);
    const entries = await kapu.records.audit.list({ limit: 100 });
    expect(entries.filter(({ event }) => event === 'reset.asked')).toHaveLength(3);
  });

  test('a disabled account gets no code', async () => {
    await kapu.records.accounts.setStatus((await accountOf()).id, 'disabled');
    const { agent, page } = await begun();
    expect(resetStep(await askForCode(agent, page))).toBe('code');
    await kapu.restart();
    expect(kapu.mailsTo('anna@demo.example')).toHaveLength(0);
  });
});

describe('a code', () => {
  test('works once, in its own visit, and only for that', async () => {
    const one = await begun();
    const asked = await askForCode(one.agent, one.page);
    const code = await kapu.codeFor(asked);
    const other = await begun();
    const askedThere = await askForCode(other.agent, other.page);
    expect((await other.agent.submit(askedThere, { code })).status).toBe(422);
    const form = await one.agent.submit(asked, { code });
    expect(resetStep(form)).toBe('password');
    expect((await one.agent.submit(asked, { code })).status).toBe(422);
    const set = await one.agent.submit(form, { 'new-password': newPassword, repeat: newPassword });
    expect(resetStep(set)).toBe('done');
    const again = await one.agent.submit(form, { 'new-password': `${newPassword} x`, repeat: `${newPassword} x` });
    expect(resetStep(again)).not.toBe('password');
    expect(stepOf(await one.agent.submit(set, {}))).toBe('service');
    const third = await begun();
    expect((await third.agent.submit(third.page, { username: 'anna', password: `${newPassword} x` })).status).toBe(422);
  });

  test('is no code for plus, and one for plus is none for this', async () => {
    const { agent, page } = await begun({ acr_values: 'plus' });
    const code = await kapu.codeFor(await agent.submit(page, credentials('anna')));
    const other = await begun();
    const asked = await askForCode(other.agent, other.page);
    expect((await other.agent.submit(asked, { code })).status).toBe(422);
  });

  test('expires after ten minutes, and after five guesses', async () => {
    const { agent, page } = await begun();
    const asked = await askForCode(agent, page);
    const code = await kapu.codeFor(asked);
    await clock.pass(601_000);
    expect((await agent.submit(asked, { code })).status).toBe(422);
    const other = await begun();
    const there = await askForCode(other.agent, other.page);
    const right = await kapu.codeFor(there);
    for (let times = 0; times < 5; times++) await other.agent.submit(there, { code: '000000000000' });
    expect(textOf(await other.agent.submit(there, { code: right }))).toContain('too many times');
  });

  test('does not outlive the address that it was mailed to', async () => {
    const { agent, page } = await begun();
    const asked = await askForCode(agent, page);
    const code = await kapu.codeFor(asked);
    await kapu.records.accounts.change((await accountOf()).id, { email: 'other@demo.example', emailVerified: true });
    expect((await agent.submit(asked, { code })).status).toBe(422);
  });
});

test('of two submissions at once one sets the password', async () => {
  const { agent, page } = await begun();
  const asked = await askForCode(agent, page);
  const form = await agent.submit(asked, { code: await kapu.codeFor(asked) });
  const passwords = [1, 2, 3, 4].map((n) => `${newPassword} ${n}`);
  const pages = await Promise.all(
    passwords.map((each) => agent.copy().submit(form, { 'new-password': each, repeat: each })),
  );
  expect(pages.filter(({ status }) => status < 400).length).toBeGreaterThan(0);
  const entries = await kapu.records.audit.list({ accountId: (await accountOf()).id, limit: 50 });
  expect(entries.filter(({ event }) => event === 'password.reset')).toHaveLength(1);
});

describe('a mailbox that was proven is worth nothing any more after', () => {
  const overtaken: [string, (account: Account) => Promise<unknown>][] = [
    ['another address', ({ id }) => kapu.records.accounts.change(id, { email: 'o@demo.example', emailVerified: true })],
    ['the end of all sessions', ({ id }) => kapu.records.accounts.endSessions(id)],
    [
      'a stop',
      (account) => kapu.records.accounts.change(account.id, stopOf(account, { hold: 0, own: [] }, clock.now())),
    ],
    [
      'another reset',
      async () => {
        const { agent, page } = await begun();
        await reset(kapu, agent, page, 'anna', `${newPassword} of another`);
      },
    ],
  ];
  test.each(overtaken)('%s', async (_, overtake) => {
    const proven = await begun();
    const asked = await askForCode(proven.agent, proven.page);
    const form = await proven.agent.submit(asked, { code: await kapu.codeFor(asked) });
    const mailed = await begun();
    const askedToo = await askForCode(mailed.agent, mailed.page);
    const code = await kapu.codeFor(askedToo);
    await clock.pass(1000);
    await overtake(await accountOf());
    const { validSince } = await accountOf();
    const set = await proven.agent.submit(form, { 'new-password': newPassword, repeat: newPassword });
    expect(resetStep(set)).toBe('start');
    expect((await mailed.agent.submit(askedToo, { code })).status).toBe(422);
    expect((await accountOf()).validSince).toEqual(validSince);
    const other = await begun();
    expect((await other.agent.submit(other.page, { username: 'anna', password: newPassword })).status).toBe(422);
  });
});

test('a sign-in cannot be finished by a reset that something has overtaken', async () => {
  const { agent, page } = await begun();
  const done = await reset(kapu, agent, page);
  await clock.pass(1000);
  await kapu.records.accounts.endSessions((await accountOf()).id);
  expect(stepOf(await agent.submit(done, {}))).toBe('password');
});

test('nobody gets on without the steps before', async () => {
  const { agent, page } = await begun();
  const at = page.url.pathname.replace('/password', '/reset');
  for (const path of ['/code', '/password']) expect(resetStep(await agent.get(`${at}${path}`))).toBe('start');
  expect(stepOf(await agent.get(`${at}/done`))).toBe('password');
  const form = await agent.post(`${at}/password`, { 'new-password': newPassword, repeat: newPassword });
  expect(resetStep(form)).toBe('start');
  expect(stepOf(await agent.post(`${at}/done`, {}))).toBe('password');
  expect(await (await agent.post(`${at}/password/strength`, { 'new-password': newPassword })).html).toBe(
    '{"words":""}',
  );
  const stranger = kapu.agent();
  expect((await stranger.get(`${at}/password`)).status).toBe(410);
});

test('the new password is judged by the rules, with what is known of the person', async () => {
  const { agent, page } = await begun();
  const asked = await askForCode(agent, page);
  const form = await agent.submit(asked, { code: await kapu.codeFor(asked) });
  const common = await agent.submit(form, { 'new-password': 'password2026', repeat: 'password2026' });
  expect([common.status, textOf(common)]).toEqual([422, expect.stringContaining('common password')]);
  const own = await agent.submit(form, { 'new-password': 'Kiss Anna 1985', repeat: 'Kiss Anna 1985' });
  expect(textOf(own)).toContain('little more than your username, your email address, your name and your date of birth');
  const looked = await agent.submit(form, { 'new-password': newPassword, repeat: '', check: '1' });
  expect([looked.status, textOf(looked)]).toEqual([200, expect.stringContaining('Very strong')]);
  const told = await agent.post(`${form.url.pathname}/strength`, { 'new-password': newPassword });
  expect(JSON.parse(told.html)).toEqual({ score: 4, words: 'Very strong.' });
});

describe('budgets', () => {
  const few = async () => {
    await kapu.stop();
    kapu = await startKapu({
      clock,
      change(settings) {
        roomy(settings);
        settings.emailCode!.sendsPerAccount = 6;
        settings.password!.triesPerOrigin = 5;
        settings.trustedProxies = ['127.0.0.0/8', '::1'];
      },
    });
    service = await kapu.service();
  };
  const ask = async (address: string, username = 'anna', agent = kapu.agent()) => {
    const { page } = await service.visit(agent);
    const start = await agent.get(page.url.pathname.replace('/password', '/reset'));
    return agent.post(start.url, { username }, { 'x-forwarded-for': address });
  };

  test('an origin has two mails a day for a name, all together six, and a known browser two of its own', async () => {
    await few();
    const owner = kapu.agent();
    await signIn(kapu, service, owner);
    await owner.submit(await owner.get('/session/end'), { logout: 'yes' });
    for (const [address, status] of [
      ['192.0.2.1', 200],
      ['192.0.2.1', 200],
      ['192.0.2.1', 429],
      ['192.0.2.2', 200],
      ['192.0.2.2', 200],
      ['192.0.2.3', 200],
      ['192.0.2.3', 200],
      ['192.0.2.4', 429],
    ] as const)
      expect((await ask(address)).status).toBe(status);
    expect((await ask('192.0.2.4', 'nobody-at-all')).status).toBe(200);
    expect((await ask('192.0.2.1', 'anna', owner)).status).toBe(200);
    // Also when all sessions were ended since, which is when somebody needs a new password.
    await kapu.records.accounts.endSessions((await accountOf()).id);
    await clock.pass(1000);
    expect((await ask('192.0.2.1', 'anna', owner)).status).toBe(200);
    expect((await ask('192.0.2.1', 'anna', owner)).status).toBe(429);
    await clock.pass(24 * 3600_000);
    expect((await ask('192.0.2.4')).status).toBe(200);
  });

  test('a known browser gets its mail, however many other known ones have asked', async () => {
    await few();
    const known = async () => {
      const agent = kapu.agent();
      await signIn(kapu, service, agent);
      await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
      return agent;
    };
    const owner = await known();
    for (let browsers = 0; browsers < 4; browsers++) {
      const minted = await known();
      for (let times = 0; times < 2; times++) expect((await ask('192.0.2.1', 'anna', minted)).status).toBe(200);
    }
    expect(await kapu.codeFor(await ask('192.0.2.1', 'anna', owner))).toMatch(/^\d{12}$/);
  });

  test('an origin that has asked too often waits a quarter of an hour, not a day', async () => {
    await few();
    for (let names = 0; names < 5; names++) expect((await ask('192.0.2.1', `name-${names}`)).status).toBe(200);
    const refused = await ask('192.0.2.1', 'somebody');
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(kapu.settings.password.window);
    await clock.pass((kapu.settings.password.window + 1) * 1000);
    expect((await ask('192.0.2.1', 'somebody')).status).toBe(200);
  });

  test('a refusal tells nobody, the reader of the audit included, whether there is such an account', async () => {
    await few();
    for (const username of ['anna', 'nobody-at-all'])
      for (const status of [200, 200, 429]) expect((await ask('192.0.2.1', username)).status).toBe(status);
    const entries = await kapu.records.audit.list({ limit: 100 });
    const refusals = entries.filter(({ detail }) => detail?.reason === 'too-many-resets');
    expect(refusals.map(({ accountId }) => accountId)).toEqual([undefined]);
  });
});

test('it can be switched off', async () => {
  await kapu.stop();
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.recovery = { ...settings.recovery!, byMail: false };
    },
  });
  service = await kapu.service();
  const { agent, page } = await begun();
  expect(page.html).not.toContain('/reset');
  expect((await agent.get(page.url.pathname.replace('/password', '/reset'))).status).toBe(404);
});

test('the password of before is still good while only a code has been asked for', async () => {
  const { agent, page } = await begun();
  await askForCode(agent, page);
  const other = await begun();
  expect(stepOf(await other.agent.submit(other.page, { username: 'anna', password }))).toBe('service');
});
