/** What an operator can do for somebody who is locked out, and what not. */

import { readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf } from '../../interactions/printed-code.ts';
import type { Account, Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { seen } from '../support/secrets.ts';
import { makePlace, type Place } from './run.ts';

let place: Place;
beforeEach(async () => {
  place = await makePlace(1);
  await place.kapu(['migrate']);
  const anna = ['anna', '--email', 'anna@example.hu', '--email-verified', '--name', 'Kiss Anna', '--locale', 'en'];
  await place.kapu(['account', 'add', ...anna], 'correct horse battery');
  await place.kapu(['account', 'add', 'bela', '--no-password']);
});
afterEach(() => place.remove());

async function withRecords<T>(work: (records: Records) => Promise<T>): Promise<T> {
  const records = await createSqliteRecords({ file: place.at('kapu.sqlite') });
  try {
    return await work(records);
  } finally {
    await records.end();
  }
}
const account = (username = 'anna') =>
  withRecords(async ({ accounts }) => (await accounts.findByUsername(username)) as Account);
const change = (to: Parameters<Records['accounts']['change']>[1]) =>
  withRecords(async ({ accounts }) => accounts.change((await accounts.findByUsername('anna'))!.id, to));
const events = () => withRecords(async ({ audit }) => (await audit.list({ limit: 50 })).reverse());
/** The kinds and addresses of notices that wait. */
const told = (kinds: string[]) =>
  withRecords(async ({ notices }) => {
    const found: string[] = [];
    for (let one = await notices.claim({ kinds, lease: 1e6 }); one; one = await notices.claim({ kinds, lease: 1e6 }))
      found.push(`${one.kind} ${one.email}`);
    return found.sort();
  });
const kapu = (command: string, ...args: string[]) => place.kapu(['account', command, ...args]);

describe('a code for a new password', () => {
  test('by letter: the letter is the only place that it stands in', async () => {
    const before = await account();
    const ran = await kapu('reset', 'anna', '--letter', place.at('anna.html'));
    expect(ran).toEqual({
      code: 0,
      out: `a code for anna is in ${place.at('anna.html')}; it works once, for 30 days\n`,
      err: '',
    });
    const html = readFileSync(place.at('anna.html'), 'utf8');
    const [, shown] = /<dd>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})<\/dd>/.exec(html)!;
    const code = codeOf(shown!)!;
    for (const text of [code, shown!]) seen.add('recovery code', text);
    expect(statSync(place.at('anna.html')).mode & 0o777).toBe(0o600);
    await withRecords(async ({ accounts, credentials }) => {
      const kept = await credentials.list(before.id, 'activation');
      expect(kept).toHaveLength(1);
      expect(JSON.stringify(kept)).not.toContain(code);
      expect((await accounts.findForPassword('anna'))?.passwordHash).toBeDefined();
    });
    expect(await account()).toMatchObject({ hold: undefined, validSince: undefined });
    expect(await told(['codeIssued', 'activation'])).toEqual(['codeIssued anna@example.hu']);
    expect((await events()).at(-1)).toMatchObject({
      ...{ event: 'recovery.code-issued', accountId: before.id },
      detail: { by: 'operator', handing: 'letter' },
    });
    // A letter is not written over.
    expect(await kapu('reset', 'anna', '--letter', place.at('anna.html'))).toMatchObject({ code: 1, out: '' });
  });

  test('by mail: to the verified address alone, all are told, and one that is held gets none', async () => {
    await change({ noticeEmail: 'second@example.hu' });
    expect(await kapu('reset', 'anna', '--mail')).toMatchObject({ code: 0 });
    expect(await told(['codeIssued', 'activation'])).toEqual([
      'activation anna@example.hu',
      'codeIssued anna@example.hu',
      'codeIssued second@example.hu',
    ]);
    expect((await kapu('reset', 'bela', '--mail')).err).toContain('no verified address');
    await kapu('hold', 'anna');
    expect((await kapu('reset', 'anna', '--mail')).err).toContain('its mailbox counts for nothing');
    expect(await kapu('reset', 'anna', '--letter', place.at('anna.html'))).toMatchObject({ code: 0 });
  });

  test.each([[[]], [['--mail', '--letter', 'x']]])('is issued one way: %j', async (args) => {
    expect(await kapu('reset', 'anna', ...args)).toMatchObject({ code: 2, out: '' });
  });

  test('is for accounts that can be used', async () => {
    await kapu('disable', 'anna');
    expect((await kapu('reset', 'anna', '--mail')).err).toContain('the account is disabled');
    expect((await kapu('reset', 'nobody', '--mail')).err).toContain("there is no account 'nobody'");
  });
});

describe('methods', () => {
  const add = () =>
    change({
      add: [
        { method: 'passkey', id: 'one', name: 'Phone', data: { publicKey: 'not-to-be-shown' } },
        { method: 'passkey', id: 'two', name: 'Key', data: { publicKey: 'not-to-be-shown' } },
        { method: 'totp', id: 'app', data: { secret: 'not-to-be-shown' } },
      ],
    });

  test('are shown without what is secret', async () => {
    await add();
    await kapu('reset', 'anna', '--mail');
    const { out } = await kapu('methods', 'anna');
    expect(out).toMatch(/^METHOD +ID +NAME +SET UP +LAST USED\n/);
    expect(out).toMatch(/\npasskey +two +Key +20\d\d-/);
    expect(out).toMatch(/\nactivation +- +mail, until 20\d\d-\d\d-\d\d /);
    expect(out).toContain('e-mail address: a***@example.hu\n');
    expect(out).not.toMatch(/not-to-be-shown|argon2|hash/);
    await kapu('hold', 'anna');
    expect((await kapu('methods', 'anna')).out).toMatch(/held since 20.* without an end/);
  });

  test('are taken away, one or all, and the owner is told', async () => {
    await add();
    expect((await kapu('remove-method', 'anna', 'passkey', 'one')).out).toMatch(/^passkey of anna removed: 1\n/);
    expect((await account()).setUp).toContain('passkey');
    expect(await kapu('remove-method', 'anna', 'passkey', 'one')).toMatchObject({ code: 1, out: '' });
    expect((await kapu('remove-method', 'anna', 'passkey')).code).toBe(0);
    expect((await kapu('remove-method', 'anna', 'totp')).code).toBe(0);
    expect((await account()).setUp).toEqual(['password']);
    expect(await told(['methodRemoved'])).toEqual(Array(3).fill('methodRemoved anna@example.hu'));
    const written = (await events()).filter(({ event }) => event === 'method.removed-by-operator');
    expect(written.map(({ detail }) => detail?.method)).toEqual(['passkey', 'passkey', 'totp']);
    expect((await kapu('remove-method', 'anna', 'password')).err).toContain('a password is not taken away');
  });
});

test('sessions end with a method that was set up lately, where another one of it is left', async () => {
  const old = new Date(Date.now() - 73 * 3_600_000);
  const aged = await createSqliteRecords({ file: place.at('kapu.sqlite'), now: () => old });
  for (const id of ['mine', 'lost'])
    await aged.credentials.add((await account()).id, { method: 'passkey', id, data: {} });
  await aged.end();
  await change({ add: [{ method: 'passkey', id: 'young', data: {} }] });
  await kapu('remove-method', 'anna', 'passkey', 'lost');
  expect((await account()).validSince).toBeUndefined();
  expect((await kapu('remove-method', 'anna', 'passkey', 'young')).out).toContain('all sessions have ended');
  expect((await account()).validSince).toBeDefined();
});

describe('a desk check', () => {
  const held = { hold: { since: new Date(), until: new Date(Date.now() + 3_600_000) }, formerEmail: 'old@example.hu' };

  const letter = () => place.at(`letter-${Math.random()}.html`);
  const check = (operator: string, file = letter()) =>
    kapu('desk-check', 'anna', '--operator', operator, '--letter', file);

  test('ends the hold and all that a thief may have left, and hands a code over', async () => {
    const old = new Date(Date.now() - 73 * 3_600_000);
    const aged = await createSqliteRecords({ file: place.at('kapu.sqlite'), now: () => old });
    await aged.credentials.add((await account()).id, { method: 'passkey', id: 'mine', data: {} });
    await aged.end();
    const young = { add: [{ method: 'totp', id: '', data: {} }], noticeEmail: 'thief@example.com' };
    await change({ ...held, ...young, email: 'stolen@example.com', formerEmail: 'anna@example.hu' });
    await kapu('reset', 'anna', '--letter', letter());
    await told(['codeIssued']);
    const file = letter();
    expect((await check('Nagy Júlia', file)).out).toBe(
      `anna has been seen by 1: the account is no longer held
its password works no more: hand over the code in ${file}, with which its owner chooses one
set up too lately to be trusted, and removed: totp
set too lately to be trusted, and removed: the second address, t***@example.com
`,
    );
    const { email, hold, formerEmail, noticeEmail, validSince, setUp, id } = await account();
    expect({ email, hold, formerEmail, noticeEmail }).toEqual({ email: 'anna@example.hu' });
    expect(validSince).toBeDefined();
    expect([...setUp].sort()).toEqual(['activation', 'passkey']);
    await withRecords(async ({ accounts, credentials }) => {
      expect((await accounts.findForPassword('anna'))?.passwordHash).toBeUndefined();
      expect(await credentials.list(id, 'activation')).toMatchObject([{ data: { handing: 'letter' } }]);
    });
    expect(readFileSync(file, 'utf8')).toMatch(/<dd>(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}<\/dd>/);
    expect((await events()).slice(-2)).toMatchObject([
      { event: 'desk-check.recorded', detail: { by: 'operator', operator: 'Nagy Júlia' } },
      { event: 'recovery.code-issued', detail: { handing: 'letter' } },
    ]);
    expect(await told(['deskChecked'])).toEqual(['deskChecked anna@example.hu']);
    expect((await check('Nagy Júlia')).err).toContain('the account is not held');
  });

  test('by two different ones within a day, where it is set; one before the hold does not count', async () => {
    await place.change((settings) => {
      settings.recovery = { ...settings.recovery, deskChecks: 2 } as typeof settings.recovery;
    });
    await change(held);
    expect((await check('Nagy Júlia')).out).toContain('1 more operator');
    expect((await check('nagy júlia ')).out).toContain('1 more operator');
    await change({ hold: null });
    await change({ hold: { since: new Date(Date.now() + 1) } });
    expect((await check('Kis Pál')).out).toContain('1 more operator');
    expect((await account()).hold).toBeDefined();
    expect((await check('Nagy Júlia')).out).toContain('no longer held');
    expect((await account()).hold).toBeUndefined();
  });

  test('takes the owner away from a mailbox that others read, to another one or to none', async () => {
    await change(held);
    const to = (...args: string[]) =>
      kapu('desk-check', 'anna', '--operator', 'Nagy Júlia', '--letter', letter(), ...args);
    expect(await to('--email', 'mine@example.hu', '--without-email')).toMatchObject({ code: 2 });
    expect(await to('--email', 'mine')).toMatchObject({ code: 2 });
    expect((await to('--email', 'mine@example.hu')).out).toContain('from now on: m***@example.hu');
    const now = { email: 'mine@example.hu', emailVerified: true, formerEmail: undefined, hold: undefined };
    expect(await account()).toMatchObject(now);
    expect(await told(['deskChecked'])).toContain('deskChecked mine@example.hu');
    expect((await events()).at(-2)).toMatchObject({ event: 'desk-check.recorded', detail: { address: 'changed' } });
    await kapu('hold', 'anna');
    expect((await to('--without-email')).out).toContain('from now on: none');
    expect(await account()).toMatchObject({ email: undefined, emailVerified: false, hold: undefined });
    expect(await told(['deskChecked'])).toEqual(['deskChecked mine@example.hu']);
  });

  test('wants a name', async () => {
    await change(held);
    expect(await kapu('desk-check', 'anna', '--letter', letter())).toMatchObject({ code: 2 });
    expect(await kapu('desk-check', 'anna', '--operator', 'Nagy Júlia')).toMatchObject({ code: 2 });
    expect(await check('\n')).toMatchObject({ code: 2 });
    expect((await account()).hold).toBeDefined();
  });
});

test('an operator holds an account: sessions end, the address of before comes back', async () => {
  const until = new Date(Date.now() + 3_600_000);
  await change({ email: 'thief@example.hu', formerEmail: 'anna@example.hu', hold: { since: new Date(), until } });
  expect(await kapu('hold', 'anna')).toMatchObject({ code: 0 });
  const { email, hold, validSince } = await account();
  expect({ email, until: hold?.until }).toEqual({ email: 'anna@example.hu', until: undefined });
  expect(validSince).toBeDefined();
  expect((await events()).at(-1)).toMatchObject({ event: 'account.held', detail: { by: 'operator' } });
});

test('in production nobody but its owner knows a password (ASVS 6.4.6)', async () => {
  const { mode } = place.settings;
  expect(mode).toBe('demo');
  const { setPassword, addAccount } = await import('../../src/commands/account.ts');
  const effects = { mode: 'production' } as Parameters<typeof setPassword>[2];
  await expect(setPassword('anna', { generate: true }, effects)).rejects.toMatchObject({
    hint: expect.stringContaining('reset anna'),
  });
  await expect(addAccount('x', { locale: 'hu', password: true }, effects)).rejects.toMatchObject({
    hint: expect.stringContaining('--no-password'),
  });
});
