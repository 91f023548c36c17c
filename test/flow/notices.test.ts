/** Notices as people get them: each kind, in both languages, by mail; and none where there is nothing to tell. ASVS 6.3.5, 6.3.7. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Locale } from '../../src/records/records.ts';
import { makePlace, type Place } from '../cli/run.ts';
import type { Agent, Page } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, credentials, password, signIn, silently, stepOf } from './journey.ts';

const clock = testClock();
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const subjects = {
  hu: {
    passwordSet: 'Új jelszót kapott a fiókja',
    accountDisabled: 'Letiltottuk a fiókját',
    accountEnabled: 'Újra használhatja a fiókját',
    sessionsEnded: 'Mindenhonnan kijelentkeztettük',
    newBrowser: 'Bejelentkezés új böngészőből',
    codesRefused: 'Hibás kódok a jelszava után',
  },
  en: {
    passwordSet: 'Your account has a new password',
    accountDisabled: 'Your account has been disabled',
    accountEnabled: 'You can use your account again',
    sessionsEnded: 'You have been signed out everywhere',
    newBrowser: 'Sign-in from a new browser',
    codesRefused: 'Wrong codes after your password',
  },
};

let kapu: TestKapu;
let service: RelyingParty;
let operator: Place;

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      // Two mail servers, the first of which is not there.
      const [there] = settings.mail!.transports!;
      settings.mail!.transports = [{ ...there!, name: 'dead', port: 1 }, there!];
      settings.notices = { ...settings.notices, newBrowser: true, codesRefused: true, lookEvery: '1s' };
    },
  });
  service = await kapu.service();
  operator = await makePlace(1);
  await operator.change((settings) => {
    settings.records = { kind: 'sqlite', file: (kapu.settings.records as { file: string }).file };
  });
});
afterAll(async () => {
  await operator?.remove();
  await kapu?.stop();
});

let people = 0;
/** Somebody new, with the password of all demo people. */
async function person(locale: Locale, on = kapu): Promise<Account & { email: string }> {
  const { passwordHash } = (await on.records.accounts.findForPassword('anna'))!;
  const username = `person-${++people}`;
  const email = `${username}@demo.example`;
  const given = { username, locale, email, emailVerified: true };
  return { ...(await on.records.accounts.add(given, passwordHash)), email };
}

const browser = (on = kapu): Agent => on.agent({ userAgent: firefox });
/** The subjects of all notices that somebody has got, once none waits. */
async function notices({ email }: { email: string }, on = kapu): Promise<string[]> {
  await eventually('no notice waits', async () => (await on.records.notices.oldest()) === undefined);
  const mails = on.mailsTo(email).map(({ subject }) => subject!.replace(/^Kapu: /, ''));
  return mails.filter((subject) => !/azonosító|reference/.test(subject));
}
const as = (username: string, agent: Agent, at = service) => signIn(kapu, at, agent, {}, username);

describe.each(['hu', 'en'] as const)('in %s', (locale) => {
  const expected = subjects[locale];

  test("what an operator does is told, each act once, in the account's language", async () => {
    const someone = await person(locale);
    const acts = [['disable'], ['disable'], ['enable'], ['end-sessions'], ['set-password', '--generate']];
    for (const [act, ...options] of acts) {
      const { code, out } = await operator.kapu(['account', act!, someone.username, ...options]);
      expect(code).toBe(0);
      expect(out.split('\n').at(-2)).toMatch(/will be told by mail|is disabled/);
      await clock.pass(10);
    }
    const kinds = ['accountDisabled', 'accountEnabled', 'sessionsEnded', 'passwordSet'] as const;
    expect(await notices(someone)).toEqual(kinds.map((kind) => expected[kind]));
    for (const mail of kapu.mailsTo(someone.email)) {
      expect(mail.text).toContain(locale === 'hu' ? 'Kapu bemutató' : 'Kapu demonstration');
      expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
      expect(mail.headers.get('content-language')).toBe(locale);
      expect(mail.messageId).toMatch(/@demo\.example>$/);
      expect([mail.text, mail.html].join()).not.toMatch(/https?:|[2-9a-z]{5}(-[2-9a-z]{5}){3}/);
    }
    const entries = await kapu.records.audit.list({ accountId: someone.id, limit: 100 });
    const told = entries.filter(({ event }) => event === 'notice.sent').map(({ detail }) => detail);
    expect(told.reverse()).toEqual(kinds.map((kind) => ({ kind, transport: 'mailbox' })));
  });

  test('a sign-in in a new browser is told, but for the very first one; one in a known browser is not', async () => {
    const someone = await person(locale);
    const first = browser();
    await as(someone.username, first);
    await as(someone.username, first);
    expect(await notices(someone)).toEqual([]);
    const other = browser();
    await as(someone.username, other);
    expect(await notices(someone)).toEqual([expected.newBrowser]);
    const { text, html } = kapu.mailsTo(someone.email).at(-1)!;
    const year = String(clock.now().getFullYear());
    for (const words of ['Firefox', 'Linux', year, /\b(CET|CEST)\b/]) {
      expect(text).toMatch(words);
      expect(html).toMatch(words);
    }
    expect(text).toMatch(/Minta telefonos alkalmazás|Sample Phone App/);
    await clock.pass(3600_001);
    for (const agent of [first, other]) await as(someone.username, agent);
    expect(await notices(someone)).toHaveLength(1);
    // Whose sessions were ended has no known browser any more.
    await kapu.records.accounts.endSessions(someone.id);
    await clock.pass(1000);
    await as(someone.username, first);
    expect(await notices(someone)).toHaveLength(2);
  });

  test('wrong codes after a right password are told when there are no tries left, once', async () => {
    const someone = await person(locale);
    for (let round = 0; round < 2; round++) {
      const page = await wrongCodes(someone.username, kapu.settings.emailCode.tries - 1);
      expect(await notices(someone)).toEqual(round === 0 ? [] : [expected.codesRefused]);
      await page.agent.submit(page.page, { code: page.wrong });
      for (let again = 0; again < 3; again++) await page.agent.submit(page.page, { code: page.wrong });
      expect(await notices(someone)).toEqual([expected.codesRefused]);
    }
    expect(kapu.mailsTo(someone.email).find(({ subject }) => subject?.includes(expected.codesRefused))!.text).toMatch(
      /Firefox, Linux/,
    );
  });
});

/** A sign-in at plus in which so many codes were wrong. */
async function wrongCodes(username: string, count: number): Promise<{ agent: Agent; page: Page; wrong: string }> {
  const agent = browser();
  const { page: form } = await service.visit(agent, { acr_values: 'plus' });
  const page = await agent.submit(form, credentials(username));
  expect(stepOf(page)).toBe('email-code');
  const right = await kapu.codeFor(page);
  const wrong = right === '000000' ? '111111' : '000000';
  for (let n = 0; n < count; n++) await agent.submit(page, { code: wrong });
  return { agent, page, wrong };
}

test('a storm of new browsers is one mail an hour', async () => {
  const someone = await person('en');
  await as(someone.username, browser());
  await Promise.all(Array.from({ length: 30 }, () => as(someone.username, browser())));
  expect(await notices(someone)).toEqual([subjects.en.newBrowser]);
  await clock.pass(3600_001);
  for (let n = 0; n < 5; n++) await as(someone.username, browser());
  expect(await notices(someone)).toHaveLength(2);
});

test('a wrong password tells nobody, and neither does an address that is not confirmed', async () => {
  const someone = await person('en');
  await as(someone.username, browser());
  for (let n = 0; n < 3; n++) {
    const agent = browser();
    const { page } = await service.visit(agent);
    await agent.submit(page, { username: someone.username, password: `${password} not` });
  }
  expect(await notices(someone)).toEqual([]);
  const { passwordHash } = (await kapu.records.accounts.findForPassword('anna'))!;
  const unconfirmed = { username: 'unconfirmed', locale: 'en', email: 'unconfirmed@demo.example' } as const;
  await kapu.records.accounts.add(unconfirmed, passwordHash);
  for (let n = 0; n < 2; n++) await as('unconfirmed', browser());
  const { out } = await operator.kapu(['account', 'end-sessions', 'unconfirmed']);
  expect(out).toBe('sessions of unconfirmed ended\n');
  expect(await notices(unconfirmed)).toEqual([]);
});

test('an address that is refused is given up at once; the person can sign in, and the operator is told', async () => {
  const someone = await person('en');
  await as(someone.username, browser());
  kapu.smtp.behave('refuse');
  const agent = browser();
  await as(someone.username, agent);
  await eventually('it is given up', async () => (await kapu.records.notices.oldest()) === undefined);
  kapu.smtp.behave('accept');
  expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  await eventually('the audit has it', async () => {
    const entries = await kapu.records.audit.list({ accountId: someone.id, limit: 10 });
    return entries.some(({ event, detail }) => event === 'notice.failed' && detail?.kind === 'newBrowser');
  });
  const shown = await (await fetch(`${kapu.operations}/metrics`)).text();
  expect(shown).toMatch(/^kapu_notices_total\{outcome="failed"\} 1$/m);
  expect(shown).toMatch(/^kapu_notices_oldest_seconds 0$/m);
});

test('what no server takes now comes when one does, and shows meanwhile', async () => {
  const someone = await person('en');
  kapu.smtp.behave('defer');
  // The command line's clock is not the test's.
  await kapu.records.accounts.endSessions(someone.id, { kind: 'sessionsEnded' });
  const metrics = async () => (await fetch(`${kapu.operations}/metrics`)).text();
  const waits = async () => /^kapu_notices_total\{outcome="deferred"\} [1-9]/m.test(await metrics());
  await eventually('it was tried', waits);
  kapu.smtp.behave('accept');
  await clock.pass(2 * 60_000);
  const waited = Number(/^kapu_notices_oldest_seconds (\S+)/m.exec(await metrics())![1]);
  expect(waited === 0 || (waited >= 120 && waited < 180)).toBe(true);
  expect(await notices(someone)).toEqual([subjects.en.sessionsEnded]);
});

test('a kind that is switched off is not told', async () => {
  const off = await startKapu({
    change(settings) {
      roomy(settings);
      settings.notices = { ...settings.notices, newBrowser: false, codesRefused: false };
    },
  });
  try {
    const someone = await person('en', off);
    const at = await off.service();
    for (let n = 0; n < 3; n++)
      expect(await attempt(off, at, browser(off), {}, someone.username)).toMatchObject({ error: undefined });
    expect(await notices(someone, off)).toEqual([]);
  } finally {
    await off.stop();
  }
});

test('a notice that cannot be written keeps nobody from signing in', async () => {
  const someone = await person('en');
  await as(someone.username, browser());
  const { add } = kapu.records.notices;
  kapu.records.notices.add = () => Promise.reject(new Error('out of order'));
  try {
    await as(someone.username, browser());
  } finally {
    kapu.records.notices.add = add;
  }
  const shown = await (await fetch(`${kapu.operations}/metrics`)).text();
  expect(shown).toMatch(/^kapu_notices_total\{outcome="lost"\} 1$/m);
  // And the next one is told.
  await as(someone.username, browser());
  expect(await notices(someone)).toEqual([subjects.en.newBrowser]);
});
