/** Records in a SQLite file: the contract, and what is SQLite's own: files, locks, processes. */

import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { migrations } from '../../src/records/migrations/index.ts';
import { RecordsUnavailable } from '../../src/records/records.ts';
import { createSqliteRecords, fault } from '../../src/records/sqlite.ts';
import { recordsContract } from './contract.ts';

recordsContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kapu-records-'));
  const file = join(directory, 'kapu.sqlite');
  return {
    open: (now) => createSqliteRecords({ file, now }),
    async run(statement) {
      const database = new DatabaseSync(file);
      database.exec(statement);
      database.close();
    },
    remove: () => rm(directory, { recursive: true }),
  };
});

describe('records: SQLite itself', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kapu-records-'));
    file = join(directory, 'kapu.sqlite');
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('works in memory', async () => {
    const records = await createSqliteRecords({ file: ':memory:' });
    await records.migrate();
    const { id } = await records.accounts.add({ username: 'anna', locale: 'hu' });
    expect((await records.accounts.find(id))?.username).toBe('anna');
    await records.end();
  });

  test('keeps what it was given, in a file that no other user can read', async () => {
    const records = await createSqliteRecords({ file });
    await records.migrate();
    await records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash');
    for (const name of ['', '-wal', '-shm']) expect((await stat(file + name)).mode & 0o077).toBe(0);
    await records.end();
    const again = await createSqliteRecords({ file });
    expect((await again.accounts.findForPassword('anna'))?.passwordHash).toBe('hash');
    await again.end();
  });

  test('says what to do about a file that is no database, and leaves it as it is', async () => {
    const text = 'Dear diary, '.repeat(1000);
    await writeFile(file, text);
    await expect(createSqliteRecords({ file })).rejects.toThrow(RecordsUnavailable);
    await expect(createSqliteRecords({ file })).rejects.toThrow(/not a SQLite database: name another file/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('says what to do about a directory, and about a directory that is missing', async () => {
    await expect(createSqliteRecords({ file: directory })).rejects.toThrow(/it must be a file/);
    await expect(createSqliteRecords({ file: join(directory, 'none', 'kapu.sqlite') })).rejects.toThrow(
      /make it first/,
    );
  });

  test('says what to do about a file that it may not read, or may not write', async () => {
    await (await createSqliteRecords({ file })).end();
    await chmod(directory, 0o755);
    const asNobody = async (mode: number) => {
      await chmod(file, mode);
      const root = process.getuid?.() === 0; // whom no mode stops
      if (root) process.seteuid?.(65534);
      try {
        await createSqliteRecords({ file });
      } finally {
        if (root) process.seteuid?.(0);
      }
    };
    await expect(asNobody(0o000)).rejects.toThrow(/can read and write/);
    await expect(asNobody(0o444)).rejects.toThrow(RecordsUnavailable);
    await expect(asNobody(0o444)).rejects.toThrow(/read-only|read and write/);
  });

  test('a lock that another process keeps is RecordsUnavailable, in time; reading goes on beside it', async () => {
    const records = await createSqliteRecords({ file, lockPatience: 100 });
    await records.migrate();
    const holder = new DatabaseSync(file);
    holder.exec('begin immediate');
    const began = performance.now();
    await expect(records.clients.put('ado', {})).rejects.toThrow(RecordsUnavailable);
    await expect(records.accounts.add({ username: 'anna', locale: 'hu' })).rejects.toThrow(/locked by another process/);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await records.accounts.findByUsername('anna')).toBeUndefined();
    holder.exec('rollback');
    expect(await records.clients.put('ado', {})).toBe('added');
    holder.close();
    await records.end();
  });

  test('a full disk is RecordsUnavailable; a wrong statement is a fault as it is', () => {
    const database = new DatabaseSync(':memory:');
    database.exec('create table t (a text); pragma max_page_count = 2');
    const caught = (work: () => void): unknown => {
      try {
        return work();
      } catch (error) {
        return fault(error, file);
      }
    };
    const full = caught(() => database.prepare('insert into t values (?)').run('x'.repeat(1 << 20)));
    expect(full).toBeInstanceOf(RecordsUnavailable);
    expect(full).toMatchObject({ message: expect.stringMatching(/disk is full/), cause: { errcode: 13 } });
    const wrong = caught(() => database.prepare('select nonsense'));
    expect(wrong).not.toBeInstanceOf(RecordsUnavailable);
    expect(wrong).toMatchObject({ code: 'ERR_SQLITE_ERROR' });
    database.close();
  });

  test('several processes open, migrate and write one new file at once', async () => {
    const script = `
      import { createSqliteRecords } from '${new URL('../../src/records/sqlite.ts', import.meta.url)}';
      const [file, name] = process.argv.slice(1);
      const records = await createSqliteRecords({ file });
      const ran = await records.migrate();
      for (let n = 0; n < 20; n += 1) await records.accounts.add({ username: name + n, locale: 'hu' }, 'hash');
      const shared = await records.accounts.add({ username: 'shared', locale: 'hu' }).then(() => 1, () => 0);
      await records.end();
      console.log(JSON.stringify({ ran, shared }));`;
    const worker = (name: string) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, file, name]);
    const outputs = await Promise.all(['a', 'b', 'c', 'd'].map(worker));
    const results = outputs.map(({ stdout }) => JSON.parse(stdout));
    expect(results.flatMap(({ ran }) => ran).sort()).toEqual(Object.keys(migrations).sort());
    expect(results.reduce((sum, { shared }) => sum + shared, 0)).toBe(1);

    const records = await createSqliteRecords({ file });
    expect(await records.accounts.list({ limit: 1000 })).toHaveLength(81);
    await records.end();
  });
});
