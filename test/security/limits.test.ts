/** Guessing is limited, spread as it may be, and nobody is locked out by strangers (ASVS 6.3.1, 6.6.3; docs/design.md, section 7, rules 3 to 5). */

import { afterEach, describe, expect, test } from '@jest/globals';
import type { SettingsInput } from '../../config/settings.ts';
import { atCodePage, credentials, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;
let ahead = 0;

async function start(change: (settings: SettingsInput) => void): Promise<void> {
  ahead = 0;
  kapu = await startKapu({
    now: () => new Date(Date.now() + ahead),
    change(settings) {
      roomy(settings);
      settings.password.memoryCost = 64;
      change(settings);
    },
  });
  service = await kapu.service();
}
afterEach(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const from = (address: string) => ({ 'x-forwarded-for': address, origin: kapu.issuer });
const attemptFrom = async (address: string, username: string, password: string, agent = kapu.agent()): Promise<Page> =>
  agent.post((await service.visit(agent)).page.url, { username, password }, from(address));
const outcome = (page: Page) => (stepOf(page) === 'service' ? 'in' : page.status);
const reasons = async (reason: string) =>
  (await kapu.records.audit.list({ limit: 10_000 })).filter(({ detail }) => detail?.reason === reason).length;

describe('passwords', () => {
  test('of one account from one address: ten tries, then 429 until the window is over; elsewhere the owner signs in', async () => {
    await start((settings) => {
      settings.password.triesPerAccount = 10;
    });
    for (let tries = 0; tries < 10; tries++)
      expect(outcome(await attemptFrom('198.51.100.7', 'anna', 'wrong'))).toBe(422);
    const { password } = credentials('anna');
    const refused = await attemptFrom('198.51.100.7', 'anna', password);
    expect([refused.status, textOf(refused)]).toEqual([429, expect.stringContaining('too many failed attempts')]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(outcome(await attemptFrom('198.51.100.7', 'john', password))).toBe('in');
    expect(outcome(await attemptFrom('203.0.113.9', 'anna', password))).toBe('in');
    ahead += 16 * 60_000;
    expect(outcome(await attemptFrom('198.51.100.7', 'anna', password))).toBe('in');
  });

  test('of a name that nobody has are limited alike, in the same words', async () => {
    await start((settings) => {
      settings.password.triesPerAccount = 2;
    });
    const answers: Record<string, string[]> = { anna: [], 'nobody-here': [] };
    for (const name of Object.keys(answers))
      for (let tries = 0; tries < 4; tries++) {
        const page = await attemptFrom('198.51.100.7', name, 'wrong');
        answers[name]!.push(`${page.status} ${textOf(page).replaceAll(name, '')}`);
      }
    expect(answers['nobody-here']).toEqual(answers.anna);
    expect(answers.anna!.map((each) => each.slice(0, 3))).toEqual(['422', '422', '429', '429']);
  });

  test('are counted by the account, however its name is written', async () => {
    await start((settings) => {
      settings.password.triesPerAccount = 5;
    });
    for (const name of ['anna', 'ANNA', ' ａｎｎａ ', 'an\u200bna', 'anna\u00ad'])
      expect(outcome(await attemptFrom('198.51.100.7', name, 'wrong'))).toBe(422);
    expect(outcome(await attemptFrom('198.51.100.7', 'Anna', 'wrong'))).toBe(429);
  });

  test('that are right are not counted', async () => {
    await start((settings) => Object.assign(settings.password, { triesPerAccount: 3, triesPerOrigin: 5 }));
    const { password } = credentials('anna');
    for (let times = 0; times < 8; times++)
      expect(outcome(await attemptFrom('198.51.100.7', 'anna', password))).toBe('in');
  });

  test('for many accounts from one address are limited, whatever the sender says of its address', async () => {
    await start((settings) => {
      settings.password.triesPerOrigin = 6;
    });
    for (let tries = 0; tries < 6; tries++)
      expect(outcome(await attemptFrom(`10.0.0.${tries}, 198.51.100.7`, `person-${tries}`, 'wrong'))).toBe(422);
    expect(outcome(await attemptFrom('10.9.9.9, 198.51.100.7', 'anna', 'wrong'))).toBe(429);
    expect(outcome(await attemptFrom('198.51.100.8', 'anna', 'wrong'))).toBe(422);
  });

  test('fifty at once are compared ten times', async () => {
    await start((settings) => {
      settings.password.triesPerAccount = 10;
    });
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        agent.post(page.url, { username: 'anna', password: 'wrong' }, from('198.51.100.7')),
      ),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
    expect(await reasons('wrong-password')).toBe(10);
  });

  test('past the queue: 503 with Retry-After, no try is lost, and all else goes on at once', async () => {
    await start((settings) =>
      Object.assign(settings.password, { memoryCost: 65_536, timeCost: 4, atOnce: 1, queue: 2, triesPerAccount: 6 }),
    );
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    const { password } = credentials('anna');
    const sent = Array.from({ length: 20 }, () =>
      agent.copy().post(page.url, { username: 'anna', password }, from('198.51.100.7')),
    );
    const started = performance.now();
    const health = await fetch(`${kapu.operations}/health/ready`);
    expect([health.status, performance.now() - started < 2000]).toEqual([200, true]);
    const busy = (await Promise.all(sent)).filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    for (const each of busy) {
      expect(Number(each.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(textOf(each)).toMatch(/Many people are signing in/);
    }
    expect(outcome(await attemptFrom('198.51.100.7', 'anna', password))).toBe('in');
  });
});

describe('e-mail codes', () => {
  const wrongFor = async (page: Page, by = 1) =>
    String((Number(await kapu.codeFor(page)) + by) % 1_000_000).padStart(6, '0');

  test('guessed over several sign-ins share the budget of the account: starting over buys nothing', async () => {
    await start((settings) => {
      settings.emailCode.triesPerAccount = 6;
    });
    for (let round = 0; round < 2; round++) {
      const { agent, page } = await atCodePage(kapu, service);
      const wrong = await wrongFor(page);
      for (let tries = 0; tries < 3; tries++) expect((await agent.post(page.url, { code: wrong })).status).toBe(422);
    }
    const { agent, page } = await atCodePage(kapu, service);
    const refused = await agent.submit(page, { code: await kapu.codeFor(page) });
    expect([refused.status, textOf(refused)]).toEqual([429, expect.stringContaining('Try later')]);
    const john = await atCodePage(kapu, service, 'john');
    expect(stepOf(await john.agent.submit(john.page, { code: await kapu.codeFor(john.page) }))).toBe('service');
    ahead += 61 * 60_000;
    const later = await atCodePage(kapu, service);
    expect(stepOf(await later.agent.submit(later.page, { code: await kapu.codeFor(later.page) }))).toBe('service');
  });

  test('are sent to one account so often and no more: the page says so, and the first one still works', async () => {
    await start((settings) => {
      settings.emailCode.sendsPerAccount = 2;
    });
    const first = await atCodePage(kapu, service);
    await atCodePage(kapu, service);
    const third = await atCodePage(kapu, service);
    expect(textOf(third.page)).toContain('could not be sent');
    const code = await kapu.codeFor(first.page);
    expect(kapu.mailsTo('anna@demo.example').length).toBeLessThanOrEqual(2);
    expect(stepOf(await first.agent.submit(first.page, { code }))).toBe('service');
    expect((await third.agent.submit(third.page, { resend: '1' })).status).toBeGreaterThanOrEqual(422);
    const john = await atCodePage(kapu, service, 'john');
    await kapu.codeFor(john.page);
  });

  test('are sent in all so often and no more', async () => {
    await start((settings) => {
      settings.emailCode.sendsInAll = 1;
    });
    const anna = await atCodePage(kapu, service);
    const john = await atCodePage(kapu, service, 'john');
    expect(textOf(john.page)).toContain('could not be sent');
    expect(stepOf(await anna.agent.submit(anna.page, { code: await kapu.codeFor(anna.page) }))).toBe('service');
  });
});

describe('sign-ins', () => {
  test('begun from one address are limited, in words and with a way on; elsewhere and all else goes on', async () => {
    await start((settings) => {
      settings.limits = { startsPerOrigin: 3 };
    });
    const begin = async (address: string) => kapu.agent().get((await service.ask()).url, from(address));
    for (let starts = 0; starts < 3; starts++) expect(stepOf(await begin('2001:db8:1:2::1'))).toBe('password');
    const refused = await begin('2001:db8:1:2:3::9');
    expect([refused.status, textOf(refused)]).toEqual([429, expect.stringContaining('from your network')]);
    expect(refused.html).toContain('Try again');
    const wait = Number(refused.headers.get('retry-after'));
    expect([wait > 0, wait <= 60]).toEqual([true, true]);
    expect(stepOf(await begin('2001:db8:1:3::1'))).toBe('password');
    const inCapitals = (await service.ask()).url.href.replace('/auth?', '/AUTH?');
    expect((await kapu.agent().get(inCapitals, from('2001:db8:1:2::1'))).status).toBe(429);
    const { status } = await kapu.agent().get('/.well-known/openid-configuration', from('2001:db8:1:2::1'));
    expect(status).toBe(200);
  });
});

describe('a sign-in', () => {
  test('begins by going there: what a foreign page loads begins none, and uses nothing up', async () => {
    await start((settings) => {
      settings.limits = { startsPerOrigin: 2 };
    });
    const begin = async (dest: string) =>
      kapu.agent().get((await service.ask()).url, { ...from('198.51.100.7'), 'sec-fetch-dest': dest });
    for (const dest of ['image', 'script', 'empty', 'style', 'object']) expect((await begin(dest)).status).toBe(403);
    const wrong = new URL((await service.ask()).url);
    wrong.searchParams.set('redirect_uri', 'https://elsewhere.example/');
    for (let times = 0; times < 5; times++) await kapu.agent().get(wrong, from('198.51.100.7'));
    expect(stepOf(await begin('document'))).toBe('password');
    expect(stepOf(await begin('iframe'))).toBe('password');
    expect((await begin('document')).status).toBe(429);
  });
});

describe('a code that was sent for something else', () => {
  test('another sign-in, another account, another browser: refused', async () => {
    await start(() => undefined);
    const one = await atCodePage(kapu, service);
    const code = await kapu.codeFor(one.page);
    const second = await atCodePage(kapu, service);
    const john = await atCodePage(kapu, service, 'john');
    const refuses = async ({ agent, page }: { agent: Agent; page: Page }) =>
      expect((await agent.post(page.url, { code }, { origin: kapu.issuer })).status).toBe(422);
    await refuses(second);
    await refuses(john);
    expect((await kapu.agent().post(one.page.url, { code }, { origin: kapu.issuer })).status).toBe(410);
    expect((await second.agent.post(one.page.url, { code }, { origin: kapu.issuer })).status).toBe(410);
    expect(stepOf(await one.agent.submit(one.page, { code }))).toBe('service');
  });
});
