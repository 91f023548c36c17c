/** Setting up an authenticator app and making recovery codes: from the person's own pages, and inside a sign-in. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { texts as recovery } from '../../interactions/methods/recovery-code/texts.ts';
import { texts as app } from '../../interactions/methods/totp/texts.ts';
import type { Account } from '../../src/records/records.ts';
import { visit } from '../account/journey.ts';
import { errorOf, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { codeAt } from './app.ts';
import { atMethod, startWorld, type World } from './world.ts';

const t = { app: app.en.setup, codes: recovery.en.setup };
const totp = { name: 'totp', identifies: false };
const recoveryCode = { name: 'recovery-code', identifies: false };
const home = '/account/methods';
let world: World;
beforeAll(async () => {
  world = await startWorld((settings) => {
    settings.account = { ...settings.account!, firstMethodOnPassword: true, freshness: '1h' };
    settings.levels![1]!.maxAge = { 'email-code': '1h', totp: '1h', passkey: '1h', 'recovery-code': '1h' };
  });
});
afterEach(() => world.away.clear());
afterAll(() => world.stop());

let account: Account;
let agent: Agent;
/** Somebody new, signed in to their own pages with plus. */
beforeEach(async () => {
  account = await world.person();
  agent = world.kapu.agent();
});

const at = async (path: string, by = agent, who = account) => (await visit(world.kapu, by, path, who.username)).page;
const credentials = (method: string) => world.kapu.records.credentials.list(account.id, method);
const events = async (event: string) =>
  (await world.kapu.records.audit.list({ accountId: account.id, limit: 100 })).filter((entry) => entry.event === event);
const mails = (subject: string) => world.kapu.mailsTo(account.email!).filter((mail) => mail.subject?.includes(subject));
const keyOn = ({ html }: Page) => /secret=([A-Z2-7]{32})/.exec(html)![1]!;
const codesOn = ({ html }: Page) =>
  [...html.matchAll(/<li>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})<\/li>/g)].map(([, code]) => code!);
const codeOf = (key: string, later = 0) => codeAt(key, world.clock.now(), later);
/** Whether `answer` is right for `method` in a sign-in of its own. */
const passes = async (method: typeof totp, answer: { code: string }) => {
  const here = await atMethod(world, method, account);
  return stepOf(await here.agent.submit(here.page, answer)) === 'service';
};

describe('an authenticator app', () => {
  test('is set up with a key that the page shows in three ways, and proves it with a code', async () => {
    const page = await at(`${home}/totp`);
    expect(page.url.pathname).toMatch(/^\/account\/methods\/totp\/setup\/[\w-]{22}$/);
    const key = keyOn(page);
    expect(textOf(page)).toContain(key.match(/.{4}/g)!.join(' '));
    expect(page.html).toContain(`href="otpauth://totp/Kapu:${account.username}?secret=${key}&amp;issuer=Kapu"`);
    expect(page.html).toMatch(/<svg [^>]*role="img" aria-label="QR code[^"]*"/);
    expect([page.html.includes('style='), page.html.includes('<script'), page.html.includes('data:')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.url.href).not.toContain(key);

    const code = codeOf(key);
    const done = await agent.submit(page, { code });
    expect([done.url.pathname, done.status]).toEqual([home, 200]);
    const [kept, ...others] = await credentials('totp');
    expect(others).toEqual([]);
    expect(JSON.stringify(kept)).not.toContain(key);
    expect(await events('totp.added')).toHaveLength(1);
    await eventually('the notice', () => mails('A new way to confirm it is you').length === 1);
    // The code that has proven it is used up; the next one is not.
    expect(await passes(totp, { code })).toBe(false);
    expect(await passes(totp, { code: codeOf(key, 1) })).toBe(true);
  });

  test('keeps its key while the page is loaded again, in the other language too, and not for another beginning', async () => {
    const page = await at(`${home}/totp`);
    const key = keyOn(page);
    expect(keyOn(await agent.get(page.url))).toBe(key);
    const hungarian = await agent.get(`${page.url.pathname}?ui_locales=hu`);
    expect([keyOn(hungarian), textOf(hungarian).includes(app.hu.setup.heading)]).toEqual([key, true]);
    expect(keyOn(await agent.get(`${home}/totp`))).not.toBe(key);
  });

  test.each([
    ['', 'missing'],
    ['12345', 'malformed'],
    ['abcdef', 'malformed'],
    ['wrong', 'wrong'],
  ] as const)('is not set up by %j, and can be tried again with the same key', async (typed, problem) => {
    const page = await at(`${home}/totp`);
    const key = keyOn(page);
    // Two steps from now is wrong whatever the key is, but for one in a million.
    const refused = await agent.submit(page, { code: typed === 'wrong' ? codeOf(key, 5) : typed });
    const said = { missing: t.app.problem.missing, malformed: t.app.problem.malformed(6), wrong: t.app.problem.wrong };
    expect([refused.status, textOf(refused)]).toEqual([422, expect.stringContaining(said[problem])]);
    expect([keyOn(refused), await credentials('totp')]).toEqual([key, []]);
    expect((await agent.submit(refused, { code: codeOf(key) })).url.pathname).toBe(home);
  });

  test('takes the place of the one before only when it is proven', async () => {
    const first = await at(`${home}/totp`);
    await agent.submit(first, { code: codeOf(keyOn(first)) });
    const second = await at(`${home}/totp`);
    expect(textOf(second)).toContain(t.app.replaces);
    await world.clock.pass(60_000);
    expect(await passes(totp, { code: codeOf(keyOn(first)) })).toBe(true);
    await agent.submit(second, { code: codeOf(keyOn(second)) });
    await world.clock.pass(60_000);
    expect(await passes(totp, { code: codeOf(keyOn(first)) })).toBe(false);
    expect(await passes(totp, { code: codeOf(keyOn(second)) })).toBe(true);
    expect(await credentials('totp')).toHaveLength(1);
  });

  test('is to be set up within ten minutes; then there is another key', async () => {
    const page = await at(`${home}/totp`);
    const key = keyOn(page);
    await world.clock.pass(10 * 60_000 + 1000);
    const late = await agent.submit(page, { code: codeOf(key) });
    expect(textOf(late)).toContain(t.app.problem.expired);
    expect(keyOn(late)).not.toBe(key);
    expect(await credentials('totp')).toEqual([]);
  });

  test("is nobody's but of the visit that it was begun in", async () => {
    const page = await at(`${home}/totp`);
    const key = keyOn(page);
    const thief = await world.person();
    const [other, again] = [world.kapu.agent(), world.kapu.agent()];
    await at(home, other, thief);
    await at(`${home}/totp`, other, thief);
    // The same address, from another account, and from another session of the same one.
    expect(keyOn(await at(page.url.pathname, other, thief))).not.toBe(key);
    await at(`${home}/totp`, again);
    expect(keyOn(await at(page.url.pathname, again))).not.toBe(key);
    const posted = await again.post(page.url, { code: codeOf(key) }, { origin: world.kapu.issuer });
    expect([posted.url.pathname.endsWith(page.url.pathname), await credentials('totp')]).toEqual([false, []]);
  });

  test('is set up once by two clicks, and not at all by a click that gives up', async () => {
    const page = await at(`${home}/totp`);
    const code = codeOf(keyOn(page));
    const ends = await Promise.all([agent, agent.copy()].map((each) => each.submit(page, { code })));
    expect(ends.map(({ url }) => url.pathname)).toEqual([home, home]);
    expect([(await events('totp.added')).length, (await credentials('totp')).length]).toEqual([1, 1]);
    const next = await at(`${home}/totp`);
    expect((await agent.submit(next, { cancel: '1', code: codeOf(keyOn(next)) })).url.pathname).toBe(home);
    expect((await events('totp.added')).length).toBe(1);
    // The back button leads to nothing any more.
    expect((await agent.get(page.url)).url.pathname).toBe(home);
  });

  test.each(['state', 'credentials', 'records'] as const)('waits while %s are away', async (store) => {
    const page = await at(`${home}/totp`);
    const code = codeOf(keyOn(page));
    world.away.add(store);
    expect((await agent.submit(page, { code })).status).toBe(503);
    world.away.delete(store);
    expect((await agent.submit(page, { code })).url.pathname).toBe(home);
    expect(await credentials('totp')).toHaveLength(1);
  });

  test('is the first one of whoever has nothing else, inside a sign-in that asks for it', async () => {
    account = await world.person({ mailbox: false });
    const { asked, page } = await world.service.visit(agent, { acr_values: 'plus' });
    let here = await agent.submit(page, { username: account.username, password: 'kapu-demo-2026' });
    expect(textOf(here)).toContain(app.en.methodTitle);
    const link = /href="([^"]*\/totp)"/.exec(here.html)?.[1];
    if (link) here = await agent.get(new URL(link, here.url));
    const key = keyOn(here);
    // The code that ends it is a proof of the app like any other: written down so, and good for nothing else.
    const back = await agent.submit(here, { code: codeOf(key) });
    expect(errorOf(back)).toBe(undefined);
    expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp', 'mfa'] });
    const entries = await world.kapu.records.audit.list({ accountId: account.id, limit: 20 });
    expect(entries.map(({ event }) => event)).toEqual(expect.arrayContaining(['totp.added', 'totp.passed']));
    const other = world.kapu.agent();
    const again = await world.service.visit(other, { acr_values: 'plus' });
    here = await other.submit(again.page, { username: account.username, password: 'kapu-demo-2026' });
    expect(stepOf(here)).toBe('totp');
    expect((await other.submit(here, { code: codeOf(key) })).status).toBe(422);
  });
});

describe('recovery codes', () => {
  test('are ten, shown once, told of, and work', async () => {
    const start = await at(`${home}/recovery-code`);
    expect(codesOn(start)).toEqual([]);
    const page = await agent.submit(start, {});
    const codes = codesOn(page);
    expect([page.status, new Set(codes).size, page.headers.get('cache-control')]).toEqual([200, 10, 'no-store']);
    for (const words of [account.username, 'Kapu', t.codes.shownOnce, t.codes.keep])
      expect(textOf(page)).toContain(words);
    expect(codesOn(await agent.get(page.url))).toEqual([]);
    const kept = JSON.stringify(await credentials('recovery-code'));
    for (const code of codes) expect(kept).not.toContain(code.replaceAll('-', ''));
    expect(await events('recovery-code.added')).toHaveLength(1);
    await eventually('the notice', () => mails('A new way to confirm it is you').length === 1);

    const list = await agent.submit(page, { done: '1' });
    expect([list.url.pathname, textOf(list)]).toEqual([home, expect.stringContaining(recovery.en.leftInAll(10, 10))]);
    expect(await passes(recoveryCode, { code: codes[4]! })).toBe(true);
    expect(await passes(recoveryCode, { code: codes[4]! })).toBe(false);
    const later = textOf(await agent.get(home));
    expect(later).toContain(recovery.en.leftInAll(9, 10));
    expect(
      /Recovery code[\s\S]*never/i.test(later.slice(later.indexOf('9 of 10'), later.indexOf('9 of 10') + 120)),
    ).toBe(false);
  });

  test('of a new set take the place of the old ones, and the page says so before', async () => {
    const old = codesOn(await agent.submit(await at(`${home}/recovery-code`), {}));
    const start = await at(`${home}/recovery-code`);
    expect(textOf(start)).toContain(t.codes.replaces(10));
    const fresh = codesOn(await agent.submit(start, {}));
    expect(await passes(recoveryCode, { code: old[0]! })).toBe(false);
    expect(await passes(recoveryCode, { code: fresh[0]! })).toBe(true);
    expect(await credentials('recovery-code')).toHaveLength(9);
  });

  test('are made once by a form that is sent twice: those on paper go on working', async () => {
    const start = await at(`${home}/recovery-code`);
    const codes = codesOn(await agent.submit(start, {}));
    const again = await agent.submit(start, {});
    expect([again.status, codesOn(again), textOf(again)]).toEqual([
      422,
      [],
      expect.stringContaining(t.codes.problem.shown),
    ]);
    expect(await passes(recoveryCode, { code: codes[0]! })).toBe(true);
    expect(codesOn(await agent.submit(again, {}))).toHaveLength(10);
  });

  test('are not made by giving up, by a form without its once, or while stores are away', async () => {
    const start = await at(`${home}/recovery-code`);
    expect((await agent.submit(start, { cancel: '1' })).url.pathname).toBe(home);
    expect((await agent.post(start.url, {}, { origin: world.kapu.issuer })).status).toBe(422);
    for (const store of ['state', 'credentials', 'records'] as const) {
      world.away.add(store);
      expect((await agent.submit(start, {})).status).toBe(503);
      world.away.delete(store);
    }
    expect(await credentials('recovery-code')).toEqual([]);
    expect(codesOn(await agent.submit(start, {}))).toHaveLength(10);
  });

  test('are taken away together', async () => {
    await agent.submit(await at(`${home}/recovery-code`), {});
    const remove = await at(`${home}/remove?method=recovery-code`);
    expect((await agent.submit(remove, { remove: '1' })).url.pathname).toBe(home);
    expect(await credentials('recovery-code')).toEqual([]);
  });
});

test('neither is set up by whoever has no fresh plus', async () => {
  const page = await at(home);
  expect(page.status).toBe(200);
  const start = await at(`${home}/recovery-code`);
  await world.clock.pass(61 * 60_000);
  for (const path of [`${home}/recovery-code`, `${home}/totp`])
    expect(stepOf(await agent.copy().get(path))).not.toBe('none');
  expect(stepOf(await agent.submit(start, {}))).toMatch(/^(password|email-code)$/);
  expect(await credentials('recovery-code')).toEqual([]);
});
