/** `kapu account import`: rows checked one by one, what was refused told, broken off and run again to the same end. */

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { demoSecrets } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { createActivationCodes } from '../../interactions/activate/code.ts';
import { lettersIn } from '../../interactions/activate/letters.ts';
import { codeOf } from '../../interactions/printed-code.ts';
import { importAccounts } from '../../src/commands/import.ts';
import type { Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createVault } from '../../src/vault.ts';
import { eventually } from '../support/eventually.ts';
import { seen } from '../support/secrets.ts';
import { makePlace, type Place } from './run.ts';

let place: Place;
beforeEach(async () => {
  place = await makePlace(1);
  await place.kapu(['migrate']);
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
const read = (name: string) => readFileSync(place.at(name), 'utf8');
const kapu = (...args: string[]) => place.kapu(['account', 'import', ...args]);

const head = 'username,email,email_verified,name,birth-date,Locale';
const good = [
  'kiss.anna,anna@example.hu,true,"Kiss ""Panni"" Anna",1985-04-12,hu',
  'john,john@example.hu,1,"Smith, John",,en',
  'csaba,,,Csaba,,',
];

describe('CSV', () => {
  test('each row becomes an account, as it says', async () => {
    await place.file('people.csv', `\ufeff${[head, ...good].join('\r\n')}\r\n`);
    expect(await kapu(place.at('people.csv'))).toEqual({
      code: 0,
      out: 'of the rows were 3 added, 0 known already and passed over, 0 refused\n',
      err: '',
    });
    const [csaba, john, anna] = await withRecords((records) => records.accounts.list({ limit: 10 }));
    expect(anna).toMatchObject({
      ...{ username: 'kiss.anna', email: 'anna@example.hu', emailVerified: true, name: 'Kiss "Panni" Anna' },
      ...{ birthDate: '1985-04-12', locale: 'hu', status: 'active', setUp: [] },
    });
    expect(john).toMatchObject({ name: 'Smith, John', birthDate: undefined, locale: 'en' });
    expect(csaba).toMatchObject({ username: 'csaba', email: undefined, emailVerified: false, locale: 'hu' });
  });

  test('what is wrong with a row is told by its line, and the others are added', async () => {
    const bad = [
      'kiss.anna,other@example.hu,true,Nagy Anna,1985-04-12,hu',
      'dora,not an address,,Dora,,',
      'dora,,yes,Dora,,',
      'dora,,maybe,Dora,,',
      'dora,d@example.hu,,Dora,1985-02-30,',
      'dora,d@example.hu,,Dora,,de',
      ',d@example.hu,,Dora,,',
      'do\u0007ra,d@example.hu,,Dora,,',
      'dora,d@example.hu',
      '=cmd(),d@example.hu,,D\ufffdra,,',
    ];
    await place.file('people.csv', [head, ...good, ...bad, 'eva,e@example.hu,,Éva,,'].join('\n'));
    const report = place.at('refused.csv');
    const ran = await kapu(place.at('people.csv'), '--report', report);
    expect(ran).toMatchObject({
      code: 1,
      out: 'of the rows were 4 added, 0 known already and passed over, 10 refused\n',
    });
    expect(read('refused.csv').split('\r\n')).toEqual([
      'line,username,reason',
      expect.stringMatching(/^"13","","there are not as many cells as in the head"$/),
      '"6","dora","this is not an e-mail address"',
      '"7","dora","there is no address to be verified"',
      '"8","dora","emailVerified is neither true nor false"',
      '"9","dora","this is not a date"',
      '"10","dora","there is no such language here"',
      expect.stringMatching(/^"11","","username is missing or no text"$/),
      expect.stringMatching(/^"12","do.ra","a user name is 1 to 255 characters long, without control characters"$/),
      '"14","\'=cmd()","there is a character that is not UTF-8"',
      '"5","kiss.anna","the user name is taken by an account with another name"',
      '',
    ]);
    expect(statSync(report).mode & 0o777).toBe(0o600);
    // A report is not written over.
    expect(await kapu(place.at('people.csv'), '--report', report)).toMatchObject({ code: 1, out: '' });
  });

  test.each([
    ['no head', 'anna,a@example.hu\n', 'column 1 is none that an account has'],
    ['another column', 'username,salary\nanna,1\n', 'column 2 is none that an account has'],
    ['a column twice', 'username,name,Name\n', 'a column is there twice'],
    ['no user names', 'name\nAnna\n', "there is no column 'username'"],
    ['semicolons', 'username;name\nanna;Anna\n', 'the columns are not separated by commas'],
  ])('a file with %s is refused', async (_what, content, problem) => {
    await place.file('people.csv', content);
    const { code, err } = await kapu(place.at('people.csv'));
    expect([code, err.split('\n')[0]]).toEqual([1, `kapu: ${problem}`]);
  });

  test('a quote that is left open swallows no more than a row', async () => {
    await place.file('people.csv', `username,name\nanna,"Anna\n${'béla,Béla\n'.repeat(20_000)}`);
    const { code } = await kapu(place.at('people.csv'));
    expect(code).toBe(1);
    expect(await withRecords((records) => records.accounts.findByUsername('anna'))).toBeUndefined();
  });

  test('a file of rows that are none is given up, after some thousands and not at its end', async () => {
    await place.file('people.csv', `username,name\nanna,Anna\n${'a,b,c\n'.repeat(40_000)}béla,Béla\n`);
    const ran = await kapu(place.at('people.csv'), '--report', place.at('refused.csv'));
    expect([ran.code, ran.err.split('\n')[0]]).toEqual([1, 'kapu: 10000 rows in a row are none']);
    expect(read('refused.csv').split('\r\n').length).toBeGreaterThan(9_000);
    expect(await withRecords((records) => records.accounts.findByUsername('béla'))).toBeUndefined();
  });

  test('names command no terminal: what is refused and what is listed', async () => {
    const rows = ['\u001b]0;owned\u0007\u001b[2Jx,A', '"a\u0007\nline 9: b",A', 'ok\u202egnp,Bob\u202exyz'];
    await place.file('people.csv', ['username,name', ...rows].join('\n'));
    const file = place.at('people.csv');
    const said = [
      await place.process(['account', 'import', file]),
      await place.process(['account', 'list']),
      await place.process(['account', 'show', '\u001b[2Jx']),
    ];
    const shown = said.map(({ out, err }) => out + err).join('');
    expect(shown).toContain("line 2 ']0;owned [2Jx'");
    expect(shown).toContain("'a line 9: b'");
    expect(shown).toContain('ok\ufffdgnp');
    expect(shown).toMatch(/no account '\ufffd\[2Jx'/);
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });

  test('semicolons, where it is said', async () => {
    await place.file('people.csv', 'username;name\nanna;Kiss, Anna\n');
    expect(await kapu(place.at('people.csv'), '--separator', ';')).toMatchObject({ code: 0 });
    expect(await withRecords((records) => records.accounts.findByUsername('anna'))).toMatchObject({
      name: 'Kiss, Anna',
    });
  });
});

describe('lines of JSON', () => {
  test('each is a row; what is none is told by its line', async () => {
    const lines = [
      '{"username":"anna","email":"anna@example.hu","emailVerified":true,"name":"Kiss Anna"}',
      '',
      '{"username":"béla","salary":1}',
      '["cili"]',
      'dora',
      '{"username":1}',
      '{"__proto__":{"x":1},"username":"eva"}',
      `{"username":"${'x'.repeat(100_000)}"}`,
      '{"username":"zoli"}',
    ];
    await place.file('people.jsonl', lines.join('\n'));
    const ran = await kapu(place.at('people.jsonl'));
    expect(ran).toMatchObject({ code: 1, out: expect.stringMatching(/^of the rows were 2 added, .* 6 refused\n$/) });
    expect(ran.err.split('\n').filter(Boolean)).toEqual([
      'line 3: there is a member that is none of username, email, emailVerified, name, birthName, birthDate, locale, address',
      'line 4: this is no JSON object',
      'line 5: this is no JSON',
      'line 6: username is missing or no text',
      expect.stringMatching(/^line 7: there is a member/),
      'line 8: this line is too long',
    ]);
  });

  test('from standard input, where its format is said', async () => {
    const typed = (args: string[]) => place.process(['account', 'import', '-', ...args], '{"username":"anna"}\n');
    expect(await typed([])).toMatchObject({ code: 2, out: '' });
    expect(await typed(['--format', 'jsonl'])).toMatchObject({ code: 0 });
    expect(await withRecords((records) => records.accounts.findByUsername('anna'))).toBeDefined();
  });
});

test('who has signed up under a user name and a name of the file is another person, and is not passed over', async () => {
  const [row, other] = ['kiss.anna,Kiss Anna,anna@example.hu,true', 'john,John,,'];
  await place.file('people.csv', ['username,name,email,emailVerified', row, other].join('\n'));
  await withRecords(async ({ accounts }) => {
    const account = { username: 'kiss.anna', name: 'Kiss Anna', email: 'eve@demo.example', locale: 'hu' } as const;
    const id = randomUUID();
    await accounts.addMany([{ id, account: { ...account, emailVerified: true, signedUp: true }, passwordHash: 'x' }]);
    // What is not compared any more once somebody has changed something themselves.
    await accounts.change(id, { noticeEmail: 'eve2@demo.example' });
  });
  for (const added of [1, 0]) {
    const ran = await kapu(place.at('people.csv'), '--activation', 'letter', '--letters', place.at('letters'));
    expect(ran).toMatchObject({
      code: 1,
      out: `of the rows were ${added} added, ${1 - added} known already and passed over, 1 refused\n`,
      err: expect.stringContaining('taken by an account that somebody has made themselves'),
    });
  }
  expect([...lettersOf('letters').keys()]).toEqual(['john']);
});

test('a dry run says what would be, and changes nothing', async () => {
  await place.file('people.csv', [head, ...good, 'x,y,,,,'].join('\n'));
  expect(await kapu(place.at('people.csv'), '--dry-run')).toMatchObject({
    code: 1,
    out: 'nothing was changed; of the rows would be 3 added, 0 known already and passed over, 1 refused\n',
  });
  await withRecords(async (records) => {
    expect(await records.accounts.list({ limit: 10 })).toEqual([]);
    expect(await records.audit.list({ limit: 10 })).toEqual([]);
  });
});

test('the audit has each run, with what it did and the file that it was', async () => {
  await place.file('people.csv', [head, ...good].join('\n'));
  await kapu(place.at('people.csv'));
  await kapu(place.at('people.csv'));
  const entries = (await withRecords((records) => records.audit.list({ limit: 10 }))).reverse();
  expect(entries.map(({ event }) => event)).toEqual(
    Array(2).fill(['accounts.import-started', 'accounts.imported']).flat(),
  );
  const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(entries[1]!.detail).toEqual({ by: 'operator', added: 3, known: 0, refused: 0, sha256 });
  expect(entries[3]!.detail).toEqual({ ...entries[1]!.detail, added: 0, known: 3 });
  expect(JSON.stringify(entries)).not.toContain('anna');
});

const codes = createActivationCodes({ keys: demoSecrets.credentialKeys, life: 1000, now: () => new Date() });

/** The codes of all letters in a folder, by user name. */
function lettersOf(folder: string): Map<string, string> {
  const files = readdirSync(place.at(folder)).filter((name) => name.endsWith('.html'));
  const pairs = files.flatMap((name) =>
    [...read(`${folder}/${name}`).matchAll(/<dd>([^<]+)<\/dd>\s*<dt>[^<]+<\/dt><dd>([^<]+)<\/dd>/g)].map(
      ([, username, code]) => [username!, codeOf(code!)!] as const,
    ),
  );
  expect(new Set(pairs.map(([username]) => username)).size).toBe(pairs.length);
  for (const [, code] of pairs) seen.add('recovery code', code);
  return new Map(pairs);
}

describe('activation codes', () => {
  test('by letter: one for each account, which opens it and stands nowhere else', async () => {
    const rows = ['username,name,address,locale', 'anna,"<b>Anna</b>","Fő utca 1.\n1011 Budapest",hu', 'john,John,,en'];
    await place.file('people.csv', rows.join('\n'));
    expect(await kapu(place.at('people.csv'), '--activation', 'letter')).toMatchObject({ code: 2 });
    const args = ['--activation', 'letter', '--letters', place.at('letters')];
    expect(await kapu(place.at('people.csv'), ...args)).toMatchObject({ code: 0 });
    const [file, ...others] = readdirSync(place.at('letters'));
    expect([file, others]).toEqual([
      expect.stringMatching(/^letters-20\d\d-\d\d-\d\d-[0-9a-f]{8}-00000001\.html$/),
      [],
    ]);
    const html = read(`letters/${file}`);
    expect(html).toContain('&lt;b&gt;Anna&lt;/b&gt;\n<br>Fő utca 1.\n<br>1011 Budapest');
    expect(html).toContain('Destroy this letter');
    expect(statSync(place.at(`letters/${file}`)).mode & 0o777).toBe(0o600);
    const letters = lettersOf('letters');
    await withRecords(async (records) => {
      const dump = JSON.stringify(await records.audit.list({ limit: 100 }));
      for (const [username, code] of letters) {
        const account = (await records.accounts.findByUsername(username))!;
        const [kept, ...others] = await records.credentials.list(account.id);
        expect(others).toEqual([]);
        expect(codes.read(account, kept!, code)).toBe('letter');
        expect(codes.read({ ...account, id: 'another' }, kept!, code)).toBeUndefined();
        expect(JSON.stringify(kept) + dump).not.toContain(code);
      }
      expect(letters.size).toBe(2);
      expect(await records.notices.oldest()).toBeUndefined();
    });
    // Another run into the same folder, which begins at line 1 as well, takes nothing away.
    await place.file('more.csv', ['username,name', 'zoltan,Zoltán'].join('\n'));
    expect(await kapu(place.at('more.csv'), ...args)).toMatchObject({ code: 0 });
    expect(readdirSync(place.at('letters'))).toHaveLength(2);
    expect(read(`letters/${file}`)).toBe(html);
    expect([...lettersOf('letters').keys()]).toContain('zoltan');
  });

  test('by mail: sealed in the outbox, for those whose address is verified', async () => {
    await place.file('people.csv', [head, ...good].join('\n'));
    const ran = await kapu(place.at('people.csv'), '--activation', 'mail');
    expect(ran).toMatchObject({
      code: 1,
      out: 'of the rows were 2 added, 0 known already and passed over, 1 refused\n',
    });
    await withRecords(async (records) => {
      const notice = (await records.notices.claim({ kinds: ['activation'], lease: 1000 }))!;
      const { accountId, detail } = notice;
      const { text } = (await createVault(demoSecrets.credentialKeys).open(detail.code!, `activation ${accountId}`))!;
      const [kept] = await records.credentials.list(accountId, 'activation');
      const account = (await records.accounts.find(accountId))!;
      expect(codes.read(account, kept!, text)).toBe('mail');
      // It is good for the address that it went to.
      expect(codes.read({ ...account, email: 'other@demo.example' }, kept!, text)).toBeUndefined();
      expect(JSON.stringify(notice)).not.toContain(text);
    });
  });
});

describe('broken off', () => {
  const people = Array.from({ length: 1200 }, (_, n) => `person-${n},Person ${n}`);

  /** Runs the import with records that end it before or after the second lot is added, or after what nobody has taken meanwhile is. */
  async function brokenOff(when: 'before' | 'after' | 'after a part of'): Promise<void> {
    const settings = settingsSchema.parse(place.settings);
    await withRecords(async (records) => {
      let lots = 0;
      const addMany: Records['accounts']['addMany'] = async (arrivals) => {
        lots += 1;
        if (lots === 2 && when === 'before') throw new Error('killed');
        if (lots === 2 && when === 'after a part of')
          await records.accounts.add({ username: 'person-300', name: 'Person 300', locale: 'hu' });
        const added = await records.accounts.addMany(arrivals);
        if (lots === 2) throw new Error('killed');
        return added;
      };
      const letterFacts = { deployment: settings.deployment, startAt: 'x', life: 1000, now: () => new Date() };
      const effects = {
        records: { ...records, accounts: { ...records.accounts, addMany } },
        codes,
        vault: createVault(demoSecrets.credentialKeys),
        letters: await lettersIn(place.at('letters'), letterFacts),
        report: async () => {},
        terminal: { out: () => {}, err: () => {}, read: async () => '' },
        now: () => new Date(),
      };
      const source = (async function* () {
        yield read('people.csv');
      })();
      const options = { format: 'csv', separator: ',', locale: 'hu', activation: 'letter' } as const;
      await expect(importAccounts(source, options, effects)).rejects.toThrow('killed');
    });
  }

  test.each(['before', 'after', 'after a part of'] as const)(
    '%s a lot is kept: run again with one row more, each has one letter, and it opens',
    async (when) => {
      await place.file('people.csv', ['username,name', ...people].join('\n'));
      await brokenOff(when);
      await place.file('people.csv', ['username,name', ...people.toSpliced(400, 0, 'late,Late')].join('\n'));
      const known = when === 'before' ? 256 : 512;
      const args = ['--activation', 'letter', '--letters', place.at('letters')];
      const ran = await kapu(place.at('people.csv'), ...args);
      expect(ran).toMatchObject({
        code: 0,
        out: `of the rows were ${1201 - known} added, ${known} known already and passed over, 0 refused\n`,
      });
      const letters = lettersOf('letters');
      expect(letters.size).toBe(people.length + (when === 'after a part of' ? 0 : 1));
      // Of a lot that was not added the letters open nothing.
      const unfinished = readdirSync(place.at('letters')).filter((name) => !name.endsWith('.html'));
      expect(unfinished.map((name) => ran.err.includes(name))).toEqual(when === 'before' ? [true] : []);
      await withRecords(async (records) => {
        for (const n of [0, 255, 256, 511, 512, 1199]) {
          const { id } = (await records.accounts.findByUsername(`person-${n}`))!;
          const [kept] = await records.credentials.list(id);
          expect([n, codes.read({ id }, kept!, letters.get(`person-${n}`)!)]).toEqual([n, 'letter']);
        }
      });
    },
  );

  test('by SIGKILL, and run again: every account, once', async () => {
    const many = Array.from({ length: 30_000 }, (_, n) => `{"username":"person-${n}","name":"Person ${n}"}`);
    await place.file('people.jsonl', many.join('\n'));
    const child = place.start(['account', 'import', place.at('people.jsonl')]);
    const count = () => withRecords(async (records) => (await records.accounts.list({ limit: 40_000 })).length);
    await eventually('some accounts', async () => (await count()) > 1000);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const before = await count();
    expect(before).toBeLessThan(many.length);
    expect(before % 256).toBe(0);
    expect((await kapu(place.at('people.jsonl'))).out).toBe(
      `of the rows were ${many.length - before} added, ${before} known already and passed over, 0 refused\n`,
    );
    expect(await count()).toBe(many.length);
  }, 60_000);
});
