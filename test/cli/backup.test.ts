/** `kapu backup` and `kapu restore`, as an operator types them, on both databases. */

import { createHash } from 'node:crypto';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { closing } from '../support/closing.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { makePlace, type Place } from './run.ts';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop());
const atEnd = closing();

async function place(kind: string): Promise<Place> {
  const made = await makePlace(1);
  atEnd(made.remove);
  if (kind === 'PostgreSQL') {
    const url = await postgres.createDatabase();
    await made.change((settings) => {
      settings.records = { kind: 'postgres', url, connections: 2, queryPatience: 1000 };
    });
  }
  return made;
}

const secret = 'a password of anna';
const refusal = (why: string, hint: string) => ({ code: 1, out: '', err: `kapu: ${why}\n  hint: ${hint}\n` });

describe.each([
  ['SQLite', 'PostgreSQL'],
  ['PostgreSQL', 'SQLite'],
])('from %s to %s', (from, to) => {
  let one: Place;
  let other: Place;
  let file: string;
  beforeEach(async () => {
    one = await place(from);
    other = await place(to);
    file = one.at('records.backup');
    await one.kapu(['migrate']);
    await one.kapu(['account', 'add', 'anna', '--email', 'anna@demo.example'], secret);
    await one.kapu(['account', 'add', 'bela', '--no-password']);
  });

  test('what was backed up is restored, and both stand in the audit', async () => {
    const taken = await one.process(['backup', file]);
    expect(taken).toMatchObject({ code: 0, err: expect.stringContaining('keep it encrypted') });
    expect(taken.out).toContain(`${file}: 2 accounts, 1 credentials, 3 audit; schema `);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(gunzipSync(await readFile(file)).toString()).not.toContain(secret);

    const restored = await other.process(['restore', file]);
    expect(restored).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^restored 2 accounts, 1 credentials, 3 audit, as of /),
    });
    const shown = ['account', 'show', 'anna'];
    expect((await other.kapu(shown)).out).toBe((await one.kapu(shown)).out);

    // The second has one row more: what has happened to it since.
    const again = await other.kapu(['backup', other.at('again')]);
    expect(again.out).toContain('2 accounts, 1 credentials, 5 audit');
    const events = gunzipSync(await readFile(other.at('again'))).toString();
    expect(events).toMatch(/records\.backup.*\n.*records\.restored.*sha256.*\n.*records\.backup/);
    const credentials = (text: string) => text.split('\n').filter((line) => line.includes('argon2'));
    expect(credentials(events)).toEqual(credentials(gunzipSync(await readFile(file)).toString()));
  }, 60_000);

  test('neither takes the place of what is there, unless told to', async () => {
    await one.kapu(['backup', file]);
    expect(await one.kapu(['backup', file])).toEqual(
      refusal(`'${file}' is there already`, 'name another file, or move that one away'),
    );
    await other.kapu(['migrate']);
    await other.kapu(['account', 'add', 'john', '--no-password']);
    expect(await other.kapu(['restore', file])).toEqual(
      refusal(
        'the database is not empty: there are rows in accounts',
        'restore into another database, or add --replace to lose what is in this one',
      ),
    );
    expect((await other.kapu(['account', 'list'])).out).toMatch(/john/);
    expect((await other.kapu(['restore', file, '--replace'])).code).toBe(0);
    expect((await other.kapu(['account', 'list'])).out).not.toMatch(/john/);
    expect((await other.kapu(['account', 'list'])).out).toMatch(/anna/);
  });

  test('a file that is not whole, was changed, is of a later version or is not there is refused, with what to do', async () => {
    await one.kapu(['backup', file]);
    const whole = await readFile(file);
    const refused = async () => {
      const { code, out, err } = await other.kapu(['restore', file]);
      expect([code, out]).toEqual([1, '']);
      return err;
    };
    await truncate(file, whole.length - 100);
    expect(await refused()).toBe(
      `kapu: '${file}' cannot be restored: it ends too early\n  hint: take another backup; nothing was changed\n`,
    );
    const text = gunzipSync(whole).toString();
    await writeFile(file, gzipSync(text.replace('anna', 'anne')));
    expect(await refused()).toMatch(/it is not as it was written: its checksum differs\n {2}hint: take another backup/);
    await writeFile(file, laterThan(text));
    expect(await refused()).toMatch(
      /content is of schema 9999-later\n {2}hint: restore it with the version of Kapu that made it/,
    );
    await writeFile(file, 'Dear diary');
    expect(await refused()).toMatch(/cannot be restored/);
    file = one.at('none');
    expect(await refused()).toMatch(/cannot be read \(ENOENT\)\n {2}hint: check its path/);
    expect((await other.kapu(['migrate'])).out).toMatch(/^ran 0001-accounts/);
  });
});

/** The backup as a later version would write it, whole and with a checksum that fits. */
function laterThan(text: string): Buffer {
  const lines = text
    .replace(/"schema":"[^"]+"/, '"schema":"9999-later"')
    .trimEnd()
    .split('\n');
  const last = JSON.parse(lines.pop()!);
  const body = `${lines.join('\n')}\n`;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return gzipSync(`${body}${JSON.stringify({ ...last, sha256 })}\n`);
}

test('a backup that cannot be written says why, and leaves nothing', async () => {
  const one = await place('SQLite');
  expect((await one.kapu(['backup', one.at('x')])).err).toBe(
    'kapu: the database is empty\n  hint: make its tables: `kapu migrate`\n',
  );
  await one.kapu(['migrate']);
  expect(await one.kapu(['backup', one.at('none/x')])).toEqual(
    refusal(`'${one.at('none/x')}' cannot be written (ENOENT)`, 'check its path and its permissions'),
  );
});
