/** Changes of address by somebody who has something of their own, and what a thief of mail gets by one (docs/decisions/023). */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf } from '../../interactions/methods/totp/credential.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createVault } from '../../src/vault.ts';
import { password, silently } from '../flow/journey.ts';
import { codeAt } from '../methods/app.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { seen } from '../support/secrets.ts';
import { expectPage } from './journey.ts';

const path = '/account/email';
const old = 'john@demo.example';
const hour = 3600_000;

let kapu: TestKapu;
let clock: Clock;
let key: string;

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
});
afterEach(() => kapu?.stop());

const john = async () => (await kapu.records.accounts.findByUsername('john'))!;
const events = async () =>
  (await kapu.records.audit.list({ accountId: (await john()).id, limit: 50 })).map(({ event }) => event);
/** The newest mail of `subject` to `address`, and the link in it. */
async function mailed(address: string, subject: RegExp) {
  const found = () => kapu.mailsTo(address).findLast((mail) => subject.test(mail.subject ?? ''));
  await eventually(`${address} is told ${subject}`, () => found() !== undefined);
  const text = found()!.text!;
  return { text, link: /^http\S+\/account\/stop\/\S+$/m.exec(text)?.[0] };
}

/** An app of John's, set up `hours` ago. */
async function withApp(hours: number): Promise<void> {
  const { records, secrets } = kapu.settings;
  const then = new Date(clock.now().getTime() - hours * hour);
  const aged = await createSqliteRecords({ file: (records as { file: string }).file, now: () => then });
  key = newKey();
  seen.add('app key', key);
  const account = await john();
  await aged.credentials.add(account.id, await appOf(createVault(secrets.credentialKeys), account, key, 0));
  await aged.end();
}

/** A new browser at the page, by the password and the app. */
async function byApp(): Promise<{ agent: Agent; page: Page }> {
  await clock.pass(31_000);
  const agent = kapu.agent();
  const asked = await agent.get(path);
  const next = await agent.submit(asked, { username: 'john', password });
  const app = await agent.get(next.url.pathname.replace(/\/[\w-]+$/, '/totp'));
  const page = await agent.submit(app, { code: codeAt(key, clock.now()) });
  expectPage(page, path);
  return { agent, page };
}
/** The same by the password and a code by mail. */
async function byMail(): Promise<{ agent: Agent; page: Page }> {
  const agent = kapu.agent();
  const asked = await agent.get(path);
  const next = await agent.submit(asked, { username: 'john', password });
  const mail = await agent.get(next.url.pathname.replace(/\/[\w-]+$/, '/email-code'));
  const page = await agent.submit(mail, { code: await kapu.codeFor(mail) });
  expectPage(page, path);
  return { agent, page };
}
async function changeTo(agent: Agent, to: string, use: 'email' | 'notice' = 'email'): Promise<Page> {
  const asked = await agent.post(use === 'email' ? path : `${path}/notice`, { [use]: to });
  return agent.submit(asked, { code: await kapu.codeFor(asked) });
}
async function stop(link: string | undefined): Promise<Page> {
  const agent = kapu.agent();
  return agent.submit(await agent.get(link!), { stop: '1' });
}

test('what the old mailbox has proven, and a code that is still on its way to it, are worth nothing', async () => {
  await withApp(100);
  const service = await kapu.service();
  const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'plus' } } }) };
  // Somebody who has the password and reads the old mailbox: at plus in one browser, at the page of the code in another.
  const thief = (await byMail()).agent;
  expect(await silently(service, thief, essential)).toMatchObject({ claims: { acr: 'plus' } });
  const late = kapu.agent();
  const asked = await late.submit(await late.get(path), { username: 'john', password });
  const mail = await late.get(asked.url.pathname.replace(/\/[\w-]+$/, '/email-code'));
  const code = await kapu.codeFor(mail);

  await changeTo((await byApp()).agent, 'new@demo.example');
  const refused = await late.submit(mail, { code });
  expect([refused.status, refused.url.pathname]).toEqual([422, mail.url.pathname]);
  expect(await silently(service, thief, essential)).toMatch(/_required$|unmet/);
});

describe('after a change that rests on the mailbox', () => {
  test('signing in with the own ends nothing; saying on the page whose the address is does', async () => {
    await withApp(100);
    await changeTo((await byMail()).agent, 'new@demo.example');
    const { link } = await mailed(old, /email address has been changed/);
    const { agent, page } = await byApp();
    expect(await john()).toMatchObject({ email: 'new@demo.example', formerEmail: old, hold: {} });
    expect((await kapu.agent().get(link!)).status).toBe(200);
    expect(textOf(page)).toContain('it was this one before: j***@demo.example');
    expect(textOf(await agent.get('/account'))).toContain('is the new one yours?');
    expect(await events()).not.toContain('hold.ended');

    const done = await agent.post(`${path}/confirm`, { confirm: '1' });
    expectPage(done, `${path}/done`);
    expect(await john()).toMatchObject({ email: 'new@demo.example', formerEmail: undefined, hold: undefined });
    expect((await events())[0]).toMatch(/hold.ended|notice.sent/);
    for (const address of [old, 'new@demo.example'])
      expect((await mailed(address, /use codes by email again/)).text).toContain('n***@demo.example');
    expect((await kapu.agent().get(link!)).status).toBe(410);
  });

  test('what a thief has set up before it confirms nothing, and its changes go back', async () => {
    await withApp(1);
    await changeTo((await byApp()).agent, 'thief@demo.example');
    expect(await john()).toMatchObject({ formerEmail: old, hold: {} });
    const { agent, page } = await byApp();
    expect(textOf(page)).toContain('that you set up some time ago');
    await agent.post(`${path}/confirm`, { confirm: '1' });
    expect(await john()).toMatchObject({ formerEmail: old, hold: {} });
    const { link } = await mailed(old, /email address has been changed/);
    const done = await stop(link);
    expect(textOf(done)).toContain('ways to confirm it is you: Authenticator app');
    expect(await john()).toMatchObject({ email: old, setUp: ['password'] });
  });
});

test('who leaves a mailbox in a hold by their own is not brought back there by a stop', async () => {
  await withApp(100);
  const since = clock.now();
  const until = new Date(since.getTime() + 72 * hour);
  await kapu.records.accounts.change((await john()).id, { hold: { since, until }, formerEmail: 'before@demo.example' });
  const done = await changeTo((await byApp()).agent, 'mine@demo.example');
  expectPage(done, `${path}/done`);
  expect(await john()).toMatchObject({ email: 'mine@demo.example', formerEmail: undefined, hold: { since, until } });
  const { link } = await mailed(old, /email address has been changed/);
  await stop(link);
  expect(await john()).toMatchObject({ email: 'mine@demo.example', hold: { until: undefined } });
});

describe('the second address', () => {
  const second = 'second@demo.example';

  test('of before is told of another one, which holds the account and goes with a stop', async () => {
    await changeTo((await byMail()).agent, second, 'notice');
    expect((await john()).hold).toBeUndefined();
    const { agent } = await byMail();
    const done = await changeTo(agent, 'thief@demo.example', 'notice');
    expect(textOf(done)).toContain('not enough for the stronger sign-in');
    const { hold, noticeEmail } = await john();
    expect([noticeEmail, hold!.until!.getTime() - hold!.since.getTime()]).toEqual(['thief@demo.example', 72 * hour]);
    const { text, link } = await mailed(second, /second address for notices has been changed/);
    expect(text).toContain('t***@demo.example');
    expect(textOf(await stop(link))).toContain('the second address for notices: t***@demo.example');
    expect(await john()).toMatchObject({ noticeEmail: undefined, hold: { until: undefined } });
  });

  test('that is taken away by who has shown no more than the mailbox holds the account, and is told', async () => {
    await kapu.records.accounts.change((await john()).id, { noticeEmail: second });
    const { agent } = await byMail();
    await agent.post(`${path}/notice`, { remove: '1' });
    expect(await john()).toMatchObject({ noticeEmail: undefined, hold: {} });
    const { link } = await mailed(second, /second address for notices has been removed/);
    await stop(link);
    expect((await john()).hold?.until).toBeUndefined();
  });

  test('is changed without a hold by who has shown something of their own', async () => {
    await withApp(100);
    await kapu.records.accounts.change((await john()).id, { noticeEmail: second });
    const { agent } = await byApp();
    await changeTo(agent, 'third@demo.example', 'notice');
    expect(await john()).toMatchObject({ noticeEmail: 'third@demo.example', hold: undefined });
    const { link } = await mailed(second, /second address for notices has been changed/);
    await stop(link);
    expect((await john()).noticeEmail).toBeUndefined();
  });
});
