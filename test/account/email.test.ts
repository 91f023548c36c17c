/** Another e-mail address, and a second one for notices: what is asked, who is told, and what a change is worth. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorOf, heldError, password, stepOf } from '../flow/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectPage, visit } from './journey.ts';

const path = '/account/email';
const [old, other] = ['john@demo.example', 'other@demo.example'];
const hour = 3600_000;

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

async function start(change: Parameters<typeof startKapu>[0] = {}) {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy, ...change });
  service = await kapu.service();
}
beforeEach(() => start());
afterEach(() => kapu?.stop());

const john = async () => (await kapu.records.accounts.findByUsername('john'))!;
const textOf = ({ html }: Page) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const subjects = (address: string) => kapu.mailsTo(address).map(({ subject }) => subject ?? '');
const told = (address: string, words: RegExp) =>
  eventually(`${address} is told`, () => subjects(address).some((subject) => words.test(subject)));

/** John's browser at the page, and what he was asked before. */
async function atPage(): Promise<{ agent: Agent; page: Page; steps: string[] }> {
  const agent = kapu.agent();
  return { agent, ...(await visit(kapu, agent, path, 'john')) };
}

/** Gives a new address, and the code that comes there. */
async function confirm(agent: Agent, to = other, use: 'email' | 'notice' = 'email'): Promise<Page> {
  const asked = await agent.post(use === 'email' ? path : `${path}/notice`, { [use]: to });
  expectPage(asked, `${path}/code`);
  return agent.submit(asked, { code: await kapu.codeFor(asked) });
}

describe('a change of address', () => {
  test('asks for plus and a code, holds the account, and tells the old address how to stop it', async () => {
    // A code of an operator's on its way to the old one.
    await kapu.records.credentials.add((await john()).id, { method: 'activation', id: '', data: {} });
    const { agent, page, steps } = await atPage();
    expect(steps).toEqual(['password', 'email-code']);
    expect(textOf(page)).toContain('will not be enough for the stronger sign-in for 3 days');
    const done = await confirm(agent);
    expectPage(done, `${path}/done`);
    expect(textOf(done)).toContain('not enough for the stronger sign-in');
    const audited = { accountId: (await john()).id, event: 'mail.sent', limit: 9 };
    // The code of the step-up, and the one to the new address.
    const clients = async () => (await kapu.records.audit.recent(audited)).map(({ clientId }) => clientId);
    await eventually('both are written down', async () => (await clients()).length === 2);
    expect(await clients()).toEqual(['kapu-account', 'kapu-account']);
    // The mailbox does not open this page any more.
    expect(stepOf(await agent.get(path))).toBe('held');
    const account = await john();
    expect(account).toMatchObject({ email: other, emailVerified: true, formerEmail: old, setUp: ['password'] });
    expect(account.hold!.until!.getTime() - account.hold!.since.getTime()).toBe(72 * hour);
    await told(old, /email address has been changed/);
    await told(other, /email address has been changed/);
    const notice = kapu.mailsTo(old).find(({ subject }) => /has been changed/.test(subject!))!;
    const link = /^http\S+\/account\/stop\/\S+$/m.exec(notice.text!)![0];
    const stopper = kapu.agent();
    await stopper.submit(await stopper.get(link), { stop: '1' });
    expect(await john()).toMatchObject({ email: old, emailVerified: true, formerEmail: undefined });
  });

  test('makes codes count for nothing, those of before too, until the time has passed', async () => {
    const { agent } = await atPage();
    await confirm(agent);
    const plus = { acr_values: 'plus' };
    expect(await heldError(agent, (await service.visit(agent, plus)).page)).toBe('unmet_authentication_requirements');
    const signIn = async () => {
      const fresh = kapu.agent();
      const { page } = await service.visit(fresh, plus);
      return { fresh, page: await fresh.submit(page, { username: 'john', password }) };
    };
    await clock.pass(72 * hour - 60_000);
    expect(stepOf((await signIn()).page)).toBe('held');
    await clock.pass(60_000);
    const { fresh, page } = await signIn();
    expect(stepOf(page)).toBe('email-code');
    expect(kapu.mailsTo(other).length).toBeGreaterThan(0);
    expect(errorOf(await fresh.submit(page, { code: await kapu.codeFor(page) }))).toBeUndefined();
  });

  test('is no reason for a hold where plus was reached without the mailbox', async () => {
    await kapu.stop();
    await start({
      change(settings) {
        roomy(settings);
        settings.levels = [
          { name: 'basic', anyOf: [['password']] },
          { name: 'plus', anyOf: [['password']], maxAge: { password: '15m' } },
        ];
      },
    });
    const { agent } = await atPage();
    const done = await confirm(agent);
    expect(textOf(done)).toContain('The new email address works.');
    const { hold, ...changed } = await john();
    expect(changed).toMatchObject({ email: other, formerEmail: undefined });
    expect(hold?.until).toEqual(hold?.since);
    await told(old, /email address has been changed/);
    expect(kapu.mailsTo(old).at(-1)!.text).not.toContain('http');
  });

  test('needs the code of this session, this address and this purpose, once', async () => {
    const one = await atPage();
    const asked = await one.agent.post(path, { email: other });
    const code = await kapu.codeFor(asked);
    const two = await atPage();
    const there = await two.agent.post(path, { email: other });
    expect((await two.agent.submit(there, { code })).status).toBe(422);
    const second = await one.agent.post(`${path}/notice`, { notice: other });
    expect((await one.agent.submit(second, { code })).status).toBe(422);
    expect(await john()).toMatchObject({ email: old, noticeEmail: undefined });
    const right = await kapu.codeFor(second);
    expect((await one.agent.submit(second, { code: right })).status).toBe(200);
    expect((await one.agent.submit(second, { code: right })).status).toBe(422);
  });
});

test.each([
  ['nothing', '', 422, 'Enter the email address.'],
  ['no address', 'john', 422, 'not an email address'],
  ['two', 'a@b.example, c@d.example', 422, 'not an email address'],
  ['a line more', 'a@b.example\r\nBcc: c@d.example', 422, 'not an email address'],
  ['the same', old, 422, 'your address already'],
])('%s is asked again', async (_, email, status, words) => {
  const { agent } = await atPage();
  const page = await agent.post(path, { email });
  expect([page.status, textOf(page)]).toEqual([status, expect.stringContaining(words)]);
});

test('an address gets three codes a day of one person, who keeps nobody else from confirming it, and fifteen of all', async () => {
  const { accounts } = kapu.records;
  const { passwordHash } = (await accounts.findForPassword('john'))!;
  const ask = async (username: string) => {
    const agent = kapu.agent();
    await visit(kapu, agent, path, username);
    const statuses: number[] = [];
    for (let times = 0; times < 4; times++) statuses.push((await agent.post(path, { email: other })).status);
    const elsewhere = await agent.post(path, { email: `${username}@else.example` });
    return [...statuses, elsewhere.status];
  };
  const people = ['john', ...[1, 2, 3, 4, 5].map((nth) => `neighbour-${nth}`)];
  for (const username of people.slice(1))
    await accounts.add(
      { username, locale: 'en', email: `${username}@demo.example`, emailVerified: true },
      passwordHash,
    );
  for (const username of people.slice(0, 5)) expect(await ask(username)).toEqual([200, 200, 200, 429, 200]);
  expect(await ask(people[5]!)).toEqual([429, 429, 429, 429, 200]);
});

test('five wrong codes use it up', async () => {
  const { agent } = await atPage();
  const asked = await agent.post(path, { email: other });
  const code = await kapu.codeFor(asked);
  for (let times = 0; times < 5; times++) await agent.submit(asked, { code: '000000000000' });
  expect(textOf(await agent.submit(asked, { code }))).toContain('too many times');
});

test('a second address is told of what happens, gets no codes, and hears of its end', async () => {
  const { agent } = await atPage();
  await confirm(agent, other, 'notice');
  expect(await john()).toMatchObject({ email: old, noticeEmail: other, hold: undefined });
  await told(other, /second address for notices/i);
  await confirm(agent, 'third@demo.example');
  await told(other, /email address has been changed/);
  await kapu.records.accounts.change((await john()).id, { hold: null, formerEmail: null });
  const again = await visit(kapu, kapu.agent(), path, 'john');
  expectPage(again.page, path);
  const remover = await atPage();
  await remover.agent.post(`${path}/notice`, { remove: '1' });
  expect((await john()).noticeEmail).toBeUndefined();
  await told(other, /second address for notices has been removed/i);
  expect(subjects(other).filter((subject) => /sign-in code/.test(subject))).toEqual([]);
});

test('who cannot reach plus cannot give an address either', async () => {
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, path, 'bela');
  expect(page.status).toBe(403);
});

test('the former address is told no more once the hold has passed', async () => {
  const { agent } = await atPage();
  await confirm(agent);
  await told(old, /email address has been changed/);
  await clock.pass(73 * hour);
  const before = kapu.mailsTo(old).length;
  await kapu.records.accounts.endSessions((await john()).id, { kind: 'sessionsEnded' });
  await told(other, /signed out everywhere/);
  expect(kapu.mailsTo(old)).toHaveLength(before);
});

test('nobody’s mailbox is filled by writing its address in other ways', async () => {
  const { agent } = await atPage();
  const ask = async (address: string) => (await agent.post(path, { email: address })).status;
  for (const tag of ['', '+a', '+C']) expect(await ask(`other${tag}@demo.example`)).toBe(200);
  expect(await ask('Other+e@demo.example')).toBe(429);
  expect(await ask('another@demo.example')).toBe(200);
});
