import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { settingsSchema } from '../../config/settings.ts';
import { noticeKinds } from '../../interactions/notices/texts.ts';
import {
  type AccountEffects,
  type AddOptions,
  addAccount,
  setPassword,
  showAccount,
} from '../../src/commands/account.ts';
import { createNewPasswords } from '../../src/passwords/rules.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { makePlace, type Place } from './run.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace(1);
});
afterAll(() => place.remove());

test('before the tables are made, the hint makes them', async () => {
  expect(await place.process(['account', 'list'])).toEqual({
    code: 1,
    out: '',
    err: 'kapu: the database is empty\n  hint: make its tables: `kapu migrate`\n',
  });
  const first = await place.kapu(['migrate']);
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/^ran \d{4}-/);
  expect((await place.kapu(['migrate'])).out).toMatch(/^nothing to do: the database is at \d{4}-/);
});

describe('an account', () => {
  test('is added with its password from standard input', async () => {
    const args = ['account', 'add', 'anna', '--email', 'anna@example.hu', '--email-verified', '--name', 'Kiss Anna'];
    const added = await place.process([...args, '--birth-date', '1985-04-12'], 'correct horse\n');
    expect(added).toEqual({
      code: 0,
      out: expect.stringMatching(/^account anna added\nstrength: [0-4] of 4, some 10\^\d+ guesses\n$/),
      err: '',
    });
    const { out } = await place.kapu(['account', 'show', 'ANNA']);
    expect(JSON.parse(out)).toMatchObject({
      username: 'anna',
      email: 'anna@example.hu',
      emailVerified: true,
      birthDate: '1985-04-12',
      status: 'active',
      locale: 'hu',
    });
    expect(out).not.toContain('argon2');
  });

  test('is not added twice', async () => {
    const again = await place.kapu(['account', 'add', 'Anna'], 'correct horse\n');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toBe("kapu: there is an account 'Anna' already\n  hint: see it: `kapu account show Anna`\n");
  });

  test('gets a made-up password on demand, or none', async () => {
    const { out } = await place.kapu(['account', 'add', 'bela', '--generate', '--locale', 'en']);
    expect(out).toMatch(/^account bela added\npassword: [2-9a-z]{5}(-[2-9a-z]{5}){3}\n$/);
    const { out: without } = await place.kapu(['account', 'add', 'cili', '--no-password']);
    expect(without).toBe('account cili added, without a password\n');
  });

  test('is disabled, enabled, listed', async () => {
    expect((await place.kapu(['account', 'disable', 'bela'])).out).toBe('account bela is disabled\n');
    const { out } = await place.kapu(['account', 'list']);
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4).join('|'))).toEqual([
      'USERNAME|STATUS|LOCALE|E-MAIL',
      'anna|active|hu|anna@example.hu',
      'bela|disabled|en|-',
      'cili|active|hu|-',
      '',
    ]);
    expect((await place.kapu(['account', 'enable', 'bela'])).out).toBe('account bela is active\n');
  });

  test('is signed out everywhere', async () => {
    expect((await place.kapu(['account', 'end-sessions', 'anna'])).out).toBe(
      'sessions of anna ended\nanna will be told by mail\n',
    );
    const { out } = await place.kapu(['account', 'show', 'anna']);
    expect(JSON.parse(out).validSince).toMatch(/^20\d\d-/);
    expect(await place.kapu(['account', 'end-sessions', 'nobody'])).toMatchObject({ code: 1 });
  });

  test('gets another password, and the audit knows', async () => {
    expect(await place.kapu(['account', 'set-password', 'anna'], 'battery staple')).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^password of anna set\nstrength: [34] of 4, some 10\^\d+ guesses\nanna will be told by mail\n$/,
      ),
      err: '',
    });
    const records = await createSqliteRecords({ file: place.at('kapu.sqlite') });
    const entries = await records.audit.list({ limit: 20 });
    // In the order of what happened; nobody without a confirmed address is told of anything.
    const claim = () => records.notices.claim({ kinds: noticeKinds, lease: 60_000 });
    const waiting = [await claim(), await claim(), await claim()];
    await records.end();
    expect(waiting.map((notice) => notice?.kind)).toEqual(['sessionsEnded', 'passwordSet', undefined]);
    expect(waiting[1]).toMatchObject({ email: 'anna@example.hu', locale: 'hu', detail: {} });
    expect(entries.map(({ event }) => event)).toEqual([
      'password.set',
      'account.sessions-ended',
      'account.enabled',
      'account.disabled',
      'account.added',
      'account.added',
      'account.added',
    ]);
    expect(JSON.stringify(entries)).not.toContain('staple');
  });
});

describe('refused, with a hint', () => {
  /** The command with `typed` on standard input, in this process. */
  async function refusal(command: (effects: AccountEffects) => Promise<void>, typed = ''): Promise<string> {
    const records = await createSqliteRecords({ file: place.at('kapu.sqlite') });
    const lines: string[] = [];
    const terminal = { out: (line: string) => void lines.push(line), err: () => {}, read: async () => typed };
    const passwords = { hash: async () => ({ outcome: 'busy', retryAfter: 1 }) as const };
    const settings = settingsSchema.parse(place.settings);
    const newPasswords = createNewPasswords(settings);
    const { notices, mode } = settings;
    try {
      await command({ records, passwords, newPasswords, notices, mode, terminal, now: () => new Date() });
      return 'done';
    } catch (fault) {
      expect(fault).toMatchObject({ hint: expect.stringMatching(/\S/) });
      return (fault as Error).message;
    } finally {
      await records.end();
      expect(lines).toEqual([]);
    }
  }

  test('an account that is not there', async () => {
    expect(await refusal((effects) => showAccount('nobody', effects))).toBe("there is no account 'nobody'");
  });

  test.each([
    ['no password was given', ''],
    ['no password was given', '\n'],
    ['the password is too short', 'kqzjxvw\n'],
    ['there is more than one line on standard input', 'correct horse\nbattery staple\n'],
    ['the password is too long', 'x'.repeat(2000)],
    ['too many passwords are being hashed', 'correct horse'],
  ])('%s', async (problem, typed) => {
    expect(await refusal((effects) => setPassword('anna', {}, effects), typed)).toBe(problem);
  });

  test('an account, while the audit cannot be written: there is none', async () => {
    const append = () => Promise.reject(Object.assign(new Error('the audit is away'), { hint: 'wait' }));
    const add = (effects: AccountEffects) => {
      const records = { ...effects.records, audit: { ...effects.records.audit, append } };
      return addAccount('dora', { locale: 'hu', password: false }, { ...effects, records });
    };
    expect(await refusal(add)).toBe('the audit is away');
    expect(await refusal((effects) => showAccount('dora', effects))).toBe("there is no account 'dora'");
  });

  test.each<[Partial<AddOptions>, string]>([
    [{ email: 'Dora <d@example.hu>' }, 'this is not an e-mail address'],
    [{ email: 'd@example.hu\r\nBcc: x@example.hu' }, 'this is not an e-mail address'],
    [{ birthDate: '1985-02-30' }, 'this is not a date'],
    [{ locale: 'de' }, 'there is no such language here'],
    [{ emailVerified: true }, 'there is no address to be verified'],
  ])('an account with %j', async (options, problem) => {
    const add = (effects: AccountEffects) => addAccount('dora', { locale: 'hu', password: false, ...options }, effects);
    expect(await refusal(add)).toBe(problem);
  });

  test.each([
    ['Dragon1!', 'the password is a common one, or close to one', /several words/],
    ['asdfghjkl', 'the password is a common one, or close to one', /several words/],
    ['xyxyxyxyxyxyxy', 'the password repeats itself, or runs along the keyboard', /several words/],
    [
      'Kiss-Ánna-85',
      'the password is little more than the user name and the e-mail address and the name',
      /8 other characters/,
    ],
    ['1985. 04. 12.', 'the password is little more than the birth date', /8 other characters/],
    ['jelsz\ufffd az enyém', 'the password has characters that cannot be read', /UTF-8/],
    ['a1', 'the password is too short', /at least 8 characters/],
    [
      'anna',
      'the password is too short; the password is a common one, or close to one; the password is little more than the user name and the e-mail address and the name',
      /at least 8 characters; .*several words.*; .*8 other/,
    ],
  ])('%s for a password, and what to change', async (password, problem, change) => {
    const set = await place.kapu(['account', 'set-password', 'anna'], password);
    expect(set).toMatchObject({ code: 1, out: '' });
    const [said, hint] = set.err.split('\n  hint: ');
    expect(said).toBe(`kapu: ${problem}`);
    expect(hint).toMatch(change);
    expect(hint).toMatch(/; or add --generate\n$/);
  });

  test('a password that is refused makes no account', async () => {
    const dora = ['dora', '--birth-date', '1990-01-31'];
    expect(await place.kapu(['account', 'add', ...dora], '1990-01-31-dora')).toMatchObject({ code: 1 });
    expect(await place.kapu(['account', 'show', 'dora'])).toMatchObject({ code: 1 });
  });

  test('a user name that cannot be one', async () => {
    const { code, err } = await place.kapu(['account', 'add', 'do\u0007ra', '--generate']);
    expect(code).toBe(1);
    expect(err).toMatch(/^kapu: a user name is .*\n {2}hint: .*\n$/);
  });

  test.each([
    [['account', 'set-password', 'anna', 'hunter2hunter2']],
    [['account', 'set-password', 'anna', '--password', 'hunter2hunter2']],
    [['account', 'add', 'dora', '--password=hunter2hunter2']],
  ])('a password is no argument: %j', async (args) => {
    const { code, err } = await place.kapu(args);
    expect(code).toBe(2);
    expect(err).toMatch(/^kapu: /);
    expect(err).not.toContain('hunter2');
  });
});
