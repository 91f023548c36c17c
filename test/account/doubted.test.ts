/** Methods that come and go by the hands of somebody who reads the mail, and knows the password: what that leaves (docs/decisions/023). */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf } from '../../interactions/methods/passkey/enrolment.ts';
import type { Account, Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { credentials, stepOf } from '../flow/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import { Authenticator } from '../support/authenticator.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { seenAtDesk } from '../support/desk.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { expectPage } from './journey.ts';

const old = 'anna@demo.example';
const hour = 3600_000;

let kapu: TestKapu;
let clock: Clock;
let records: Records;
/** When records are written, where that is not now. */
let then: Date | undefined;

beforeEach(async () => {
  clock = testClock();
  records = await createSqliteRecords({ file: ':memory:', now: () => then ?? clock.now() });
  kapu = await startKapu({ clock, records, change: roomy });
});
afterEach(async () => {
  await kapu?.stop();
  await records.end();
});

const anna = async (): Promise<Account> => (await records.accounts.findByUsername('anna'))!;

/** A passkey that the owner has had for long. */
async function withOldPasskey(): Promise<Authenticator> {
  const mine = new Authenticator({ origin: kapu.issuer });
  then = new Date(clock.now().getTime() - 300 * hour);
  await records.credentials.add((await anna()).id, mine.credential('Mine'));
  then = undefined;
  return mine;
}

const beside = (page: Page, step: string) => page.url.pathname.replace(/\/[\w-]+$/, `/${step}`);

/** From `page` on by the password, and then by the mailbox or by a passkey. */
async function answer(agent: Agent, page: Page, passkey?: Authenticator): Promise<Page> {
  let at = page;
  if (stepOf(at) === 'password') at = await agent.submit(at, credentials('anna'));
  if (!passkey) {
    if (['choose', 'passkey'].includes(stepOf(at))) at = await agent.get(beside(at, 'email-code'));
    return stepOf(at) === 'email-code' ? agent.submit(at, { code: await kapu.codeFor(at) }) : at;
  }
  const there = beside(at, 'passkey');
  const { html } = await agent.post(`${there}/options`, {}, { origin: kapu.issuer });
  return agent.post(there, { ...passkey.get(JSON.parse(html)) }, { origin: kapu.issuer });
}

/** At `path` of the own pages, by fresh plus. */
async function at(path: string, passkey?: Authenticator, agent = kapu.agent()): Promise<{ agent: Agent; page: Page }> {
  return { agent, page: await answer(agent, await agent.get(path), passkey) };
}

const setUp = '/account/methods/passkey';
async function withNewPasskey(agent: Agent): Promise<Authenticator> {
  const made = new Authenticator({ origin: kapu.issuer });
  const { html } = await agent.post(`${setUp}/options`, {}, { origin: kapu.issuer });
  const fields = { ...made.create(JSON.parse(html)), name: 'X' };
  const page = await agent.post(setUp, fields, { origin: kapu.issuer });
  expectPage(page, '/account/methods');
  return made;
}

const removing = (passkey: Authenticator) => `/account/methods/remove?method=passkey&id=${keyOf(passkey.held[0]!.id)}`;
const remove = (agent: Agent, passkey: Authenticator) => agent.post(removing(passkey), { remove: '1' });

async function changeTo(agent: Agent, email: string): Promise<Page> {
  const asked = await agent.post('/account/email', { email });
  return agent.submit(asked, { code: await kapu.codeFor(asked) });
}

/** The newest mail of `subject` to the owner, and the link in it. */
async function mailed(subject: RegExp, address = old) {
  const found = () => kapu.mailsTo(address).findLast((mail) => subject.test(mail.subject ?? ''));
  await eventually(`${address} is told ${subject}`, () => found() !== undefined);
  const text = found()!.text!;
  return { text, link: /^http\S+\/account\/stop\/\S+$/m.exec(text)?.[0] };
}
async function stop(link: string | undefined): Promise<number> {
  const agent = kapu.agent();
  const asked = await agent.get(link!);
  return asked.status === 200 ? (await agent.submit(asked, { stop: '1' })).status : asked.status;
}

describe('what a young passkey has proven', () => {
  async function withThiefs(): Promise<{ agent: Agent; passkey: Authenticator }> {
    await withOldPasskey();
    const { agent } = await at(setUp);
    const passkey = await withNewPasskey(agent);
    await clock.pass(1000 * 1000);
    const back = await answer(agent, await agent.get('/account/email'), passkey);
    expectPage(back, '/account/email');
    return { agent, passkey };
  }

  test('does not pass for the old one once the young one is gone', async () => {
    const { agent, passkey } = await withThiefs();
    const gone = await remove(agent, passkey);
    expect(stepOf(gone)).toBe('password');
    expect(await records.credentials.list((await anna()).id, 'passkey')).toHaveLength(1);
    const again = await answer(agent, await agent.get('/account/email'));
    expectPage(again, '/account/email');
    await changeTo(agent, 'thief@demo.example');
    expect(await anna()).toMatchObject({ email: 'thief@demo.example', formerEmail: old, hold: {} });
  });

  test('can be stopped when the young one is gone, for as long as a hold lasts, and until somebody has been seen', async () => {
    const { agent, passkey } = await withThiefs();
    const { link } = await mailed(/új.* igazolási mód/i);
    await remove(agent, passkey);
    await clock.pass(70 * hour);
    expect(await stop(link)).toBe(200);
    expect((await anna()).hold).toMatchObject({ until: undefined });
    await clock.pass(1000);
    await seenAtDesk(kapu, 'anna', clock.now);
    expect(await stop(link)).toBe(410);
    expect((await anna()).hold).toBeUndefined();
  });

  test('ends with nothing where it was the only one', async () => {
    const { agent } = await at(setUp);
    const passkey = await withNewPasskey(agent);
    expectPage(await remove(agent, passkey), '/account/methods');
  });
});

describe('a method that has been there for long', () => {
  test('taken away by who has shown no more than the mailbox, holds the account, and can be stopped when that has ended', async () => {
    const mine = await withOldPasskey();
    const { agent } = await at('/account/methods/remove?method=passkey');
    await records.accounts.change((await anna()).id, { formerEmail: 'before@demo.example' });
    expectPage(await remove(agent, mine), '/account/methods');
    const { hold, formerEmail, setUp } = await anna();
    expect(hold!.until!.getTime() - hold!.since.getTime()).toBe(72 * hour);
    expect({ formerEmail, setUp }).toEqual({ formerEmail: undefined, setUp: ['password'] });
    const { text, link } = await mailed(/Töröltek egy igazolási módot/);
    expect(text).toContain('Biztonsági okból az e-mailben küldött kódok');
    // The owner has another one, and signs in before reading.
    await records.accounts.change((await anna()).id, { hold: null });
    expect(await stop(link)).toBe(200);
    expect((await anna()).hold).toMatchObject({ until: undefined });
  });

  test('replaced by such a one does so too', async () => {
    then = new Date(clock.now().getTime() - 300 * hour);
    await records.credentials.add((await anna()).id, { method: 'recovery-code', id: 'mine', data: {} });
    then = undefined;
    const { agent, page } = await at('/account/methods/recovery-code');
    await agent.submit(page, { make: '1' });
    expect(await records.credentials.list((await anna()).id, 'recovery-code')).toHaveLength(10);
    expect((await anna()).hold?.until).toBeDefined();
    expect((await mailed(/igazolási mód/)).text).toContain('Biztonsági okból az e-mailben küldött kódok');
  });

  test('taken away by something of the own is no reason for a hold, nor for a link', async () => {
    const mine = await withOldPasskey();
    const { agent } = await at('/account/methods/remove?method=passkey', mine);
    await remove(agent, mine);
    expect(await anna()).toMatchObject({ hold: undefined, setUp: ['password'] });
    expect((await mailed(/Töröltek egy igazolási módot/)).link).toBeUndefined();
  });
});

test('the end of a second address can be stopped when its hold has ended by somebody who signs in', async () => {
  const mine = await withOldPasskey();
  const second = 'second@demo.example';
  await records.accounts.change((await anna()).id, { noticeEmail: second });
  const { agent } = await at('/account/email');
  await agent.post('/account/email/notice', { remove: '1' });
  expect((await anna()).hold).toBeDefined();
  const { link } = await mailed(/második címét/, second);
  await clock.pass(60_000);
  await at('/account/methods/remove?method=passkey', mine);
  expect((await anna()).hold).toBeUndefined();
  expect(await stop(link)).toBe(200);
  await clock.pass(73 * hour);
  expect(await stop((await mailed(/második címét/, second)).link)).toBe(410);
});
