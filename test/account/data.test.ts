/** What is kept of somebody: downloading it, and giving the account up. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { signIn, silently, stepOf } from '../flow/journey.ts';
import { formOf, textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { answered, expectPage, visit } from './journey.ts';

let kapu: TestKapu;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ clock, change: roomy });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const find = async (username: string) => kapu.records.accounts.findByUsername(username);
const eventsOf = async (accountId: string) =>
  (await kapu.records.audit.list({ accountId, limit: 1000 })).map(({ event }) => event);

test('the download has all of one person, nothing of another, and nothing that proves anything', async () => {
  const john = (await find('john'))!;
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, '/account/data', 'john');
  expectPage(page, '/account/data');
  const asked = await agent.post(formOf(page).action, {});
  expect(stepOf(asked)).toBe('email-code');
  const { page: back } = await answered(kapu, agent, asked, 'john');
  expectPage(back, '/account/data');
  await kapu.records.credentials.add(john.id, {
    id: 'of-john',
    method: 'totp',
    data: { sealed: 'a-sealed-key' },
    name: 'My phone',
  });
  const file = await agent.post(formOf(back).action, {});
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="my-account.json"');
  expect(file.headers.get('cache-control')).toBe('no-store');
  const document = JSON.parse(file.html);
  expect(document.account).toMatchObject({ username: 'john', email: 'john@demo.example', birthDate: '1979-09-30' });
  expect(document.methods).toEqual([
    expect.objectContaining({ method: 'password' }),
    { method: 'totp', name: 'My phone', createdAt: expect.any(String) },
  ]);
  expect(document.activity.map(({ event }: { event: string }) => event)).toContain('account.downloaded');
  for (const hidden of ['argon2', 'a-sealed-key', 'anna']) expect(file.html).not.toContain(hidden);
  expect(document.activity.map(({ origin }: { origin?: string }) => origin)).toContain('127.0.0.1');
  await kapu.records.credentials.remove(john.id, 'totp', 'of-john');
});

test('who has the password alone gets no address in full, of mail or of a network', async () => {
  const bela = (await find('bela'))!;
  await kapu.records.accounts.change(bela.id, { noticeEmail: 'second@demo.example' });
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, '/account/data', 'bela');
  const file = await agent.post(formOf(page).action, {});
  expect(file.headers.get('content-disposition')).toContain('my-account.json');
  const document = JSON.parse(file.html);
  expect(document.account.noticeEmail).toBe('s***@demo.example');
  expect(document.activity.map(({ origin }: { origin?: string }) => origin)).toContain('127.0.…');
  expect(file.html).not.toContain('127.0.0');
  await kapu.records.accounts.change(bela.id, { noticeEmail: null });
});

describe('giving the account up', () => {
  test('takes fresh plus, signs out everywhere, and can be taken back until then', async () => {
    const other = kapu.agent();
    await signIn(kapu, await kapu.service(), other);
    const agent = kapu.agent();
    const { steps, page } = await visit(kapu, agent, '/account/data/delete');
    expect(steps).toEqual(['password', 'email-code']);
    expectPage(page, '/account/data/delete');
    const mails = kapu.mailsTo('anna@demo.example').length;
    const asked = await agent.submit(page, { delete: '1' });
    expect(textOf(asked)).toContain('Your account will be deleted');
    const notice = await kapu.mail('anna@demo.example', mails + 1);
    expect(notice.subject).toContain('Törölni fogjuk a fiókját');
    for (const each of [other, agent]) expect(await silently(await kapu.service(), each)).toBe('login_required');

    const again = await answered(kapu, agent, await agent.get('/account'));
    expect(textOf(again.page)).toMatch(/törlését|to be deleted/);
    const data = await agent.get('/account/data');
    const kept = await agent.post('/account/data/keep', {}, { origin: data.url.origin });
    expect(textOf(kept)).toContain('You have taken the deletion back');
    expect((await find('anna'))?.deleteAt).toBeUndefined();
    await kapu.restart();
    expect(await find('anna')).toBeDefined();
  });

  test('is not for who has the password alone, nor for a plus of long ago', async () => {
    const bela = kapu.agent();
    const { page } = await visit(kapu, bela, '/account/data/delete', 'bela');
    expect([page.status, textOf(page)]).toEqual([403, expect.stringContaining('This needs a stronger confirmation')]);
    expectPage(await bela.get('/account'), '/account');

    const anna = kapu.agent();
    const asked = await visit(kapu, anna, '/account/data/delete');
    await clock.pass(11 * 60_000);
    const late = await anna.submit(asked.page, { delete: '1' });
    expect(late.url.pathname).toMatch(/password$/);
    const back = await answered(kapu, anna, late);
    expect(back.steps).toEqual(['password', 'email-code']);
    expectPage(back.page, '/account/data/delete');
    expect((await find('anna'))?.deleteAt).toBeUndefined();
  });

  test('ends with the account gone, once, with what was written down of it kept', async () => {
    const { id } = await kapu.records.accounts.add({ username: 'gone', locale: 'en' });
    await kapu.records.accounts.change(id, { deleteAt: new Date(clock.now().getTime() + 14 * 24 * 3600_000) });
    await kapu.restart();
    expect(await kapu.records.accounts.find(id)).toBeDefined();
    await clock.pass(14 * 24 * 3600_000 + 1000);
    await kapu.restart();
    await eventually('the account is gone', async () => (await kapu.records.accounts.find(id)) === undefined);
    expect(await eventsOf(id)).toEqual(['account.deleted']);
  });

  test('is claimed by one of many, and not removed where it was taken back meanwhile', async () => {
    const { records } = kapu;
    const { id } = await records.accounts.add({ username: 'claimed', locale: 'en' });
    await records.accounts.change(id, { deleteAt: new Date(clock.now().getTime() - 1) });
    const claims = await Promise.all(Array.from({ length: 8 }, () => records.deletions.claim(60_000)));
    const [claimed, ...others] = claims.filter((each) => each !== undefined);
    expect([claimed?.accountId, others]).toEqual([id, []]);
    await records.accounts.change(id, { deleteAt: null });
    expect(await records.deletions.remove(claimed!)).toBe(false);
    expect(await records.accounts.find(id)).toBeDefined();
  });
});

test('a password is no way round', async () => {
  // The forms take no password; whoever posts one gets the sign-in.
  const page = await kapu.agent().post('/account/data/delete', { delete: '1', password: demoPassword });
  expect(page.url.pathname).toMatch(/password$/);
});
