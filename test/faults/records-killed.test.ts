/** SIGKILL in the middle of writing records, of Kapu's process or of the database: what is there is whole, or not there. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const atEnd = closing();

async function newPlace(): Promise<Place> {
  const place = await makePlace(1);
  atEnd(place.remove);
  return place;
}

/** Runs `kapu` in a process of its own, with a password on its standard input. */
function begin(
  place: Place,
  args: string[],
): { child: ChildProcess; ended: Promise<unknown[]>; said: Promise<string> } {
  const child = place.start(args);
  child.stdin!.end('a password of anna');
  return { child, ended: once(child, 'close'), said: text(child.stderr!) };
}

/** A file with a backup of an account, and many entries of the audit before it. */
async function aBackup(entries: number): Promise<string> {
  const place = await newPlace();
  async function* batches() {
    for (let from = 0; from < entries; from += 500) {
      const rows = Array.from({ length: 500 }, (_, n) => [from + n + 1, 0, `event.${from + n}`]);
      yield { table: 'audit', columns: ['id', 'at', 'event'], rows };
    }
  }
  const records = await createSqliteRecords({ file: place.at('kapu.sqlite') });
  const { needed } = await records.schema();
  await records.restore({ schema: needed, batches: batches() }, { replace: false });
  await records.end();
  expect((await place.kapu(['account', 'add', 'bela'], 'a password of bela')).code).toBe(0);
  expect((await place.kapu(['backup', place.at('backup')])).code).toBe(0);
  return place.at('backup');
}

describe('PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  let place: Place;
  let url: string;
  beforeEach(async () => {
    place = await newPlace();
    url = await postgres.createDatabase();
    await place.change((settings) => {
      settings.records = { kind: 'postgres', url, connections: 2, queryPatience: 1000 };
    });
    await place.kapu(['migrate']);
  });

  async function run(statement: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client.query(statement).finally(() => client.end());
  }
  /** Whoever inserts into `table` stands still before the row is written. */
  const stopAt = (table: string) =>
    run(`create function stop() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
      create trigger stop before insert on ${table} for each row execute function stop()`);
  const goOn = () => run('drop function stop() cascade');
  const standing = (table: string) =>
    eventually(`somebody inserts into ${table}`, async () => {
      const asked = `select 1 from pg_stat_activity where wait_event = 'PgSleep' and query ilike 'insert into "${table}"%'`;
      return (await run(asked)).rowCount === 1;
    });
  const alone = () =>
    eventually('no connection of it is left', async () => {
      const others = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      return (await run(others)).rowCount === 0;
    });

  test('Kapu is killed between an account and its password: there is neither', async () => {
    await stopAt('credentials');
    const { child, ended } = begin(place, ['account', 'add', 'anna']);
    await standing('credentials');
    child.kill('SIGKILL');
    await ended;
    await alone();
    await goOn();
    expect((await place.kapu(['account', 'list'])).out).not.toMatch(/anna/);
    expect(await place.kapu(['account', 'add', 'anna'], 'a password of anna')).toMatchObject({ code: 0 });
  });

  test('PostgreSQL is killed between them: who adds it is told, and there is neither', async () => {
    await stopAt('credentials');
    const { ended, said } = begin(place, ['account', 'add', 'anna']);
    await standing('credentials');
    await postgres.kill();
    expect(await ended).toEqual([1, null]);
    expect(await said).toMatch(/^kapu: The records database does not serve: .*\n {2}hint: /);
    await postgres.restart();
    await goOn();
    expect((await place.kapu(['account', 'list'])).out).not.toMatch(/anna/);
    expect(await place.kapu(['account', 'add', 'anna'], 'a password of anna')).toMatchObject({ code: 0 });
  });

  test.each(['Kapu', 'PostgreSQL'])('%s is killed in the middle of a restore: the database is empty', async (who) => {
    const file = await aBackup(2000);
    await stopAt('audit');
    const { child, ended } = begin(place, ['restore', file]);
    await standing('audit');
    if (who === 'Kapu') {
      child.kill('SIGKILL');
      // The server finds out when it next wants to answer; here it would after the trigger's minute.
      await run("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'");
    } else await postgres.kill();
    await ended;
    if (who !== 'Kapu') await postgres.restart();
    await alone();
    await goOn();
    const records = await createPostgresRecords({ url, connections: 1, queryPatience: 1000 });
    atEnd(() => records.end());
    expect(await records.accounts.list({ limit: 10 })).toEqual([]);
    expect(await records.audit.list({ limit: 10 })).toEqual([]);
    expect(await place.kapu(['restore', file])).toMatchObject({ code: 0 });
    expect(await records.accounts.findForPassword('bela')).toMatchObject({
      passwordHash: expect.stringContaining('argon2'),
    });
  });
});

describe('SQLite', () => {
  test('Kapu is killed while it adds accounts: each that is there has its password', async () => {
    const place = await newPlace();
    const file = place.at('kapu.sqlite');
    const script = `
      import { createSqliteRecords } from '${new URL('../../src/records/sqlite.ts', import.meta.url)}';
      const records = await createSqliteRecords({ file: process.argv[2] });
      await records.migrate();
      for (let n = 0; ; n++) {
        await records.accounts.add({ username: process.argv[3] + n, locale: 'hu' }, 'hash of it');
        console.log(n);
      }`;
    await place.file('adding.mjs', script);
    let acknowledged = 0;
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [place.at('adding.mjs'), file, `round-${round}-`]);
      let lines = 0;
      child.stdout.on('data', (said: Buffer) => {
        lines += String(said).split('\n').length - 1;
      });
      await eventually('some are added', () => lines > round * 3);
      child.kill('SIGKILL');
      await once(child, 'close');
      acknowledged += lines;
    }
    const records = await createSqliteRecords({ file });
    atEnd(() => records.end());
    const accounts = await records.accounts.list({ limit: 100_000 });
    expect(accounts.length).toBeGreaterThanOrEqual(acknowledged);
    for (const { username } of accounts)
      expect(await records.accounts.findForPassword(username)).toMatchObject({ passwordHash: 'hash of it' });
  });

  test('Kapu is killed in the middle of a restore: the database is empty, and can be restored into', async () => {
    const file = await aBackup(2000);
    const place = await newPlace();
    await place.kapu(['migrate']);
    const direct = new DatabaseSync(place.at('kapu.sqlite'));
    atEnd(() => direct.close());
    // A thousand million steps of counting, between two rows.
    const counting = 'select count(*) from audit a, audit b, audit c';
    direct.exec(`create trigger stop before insert on audit when new.id = 1400 begin ${counting}; end`);
    const { child, ended } = begin(place, ['restore', file]);
    await eventually('it writes, and nobody else may', () => {
      try {
        direct.exec('begin immediate; rollback');
        return false;
      } catch {
        return true;
      }
    });
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    direct.exec('drop trigger stop');
    const records = await createSqliteRecords({ file: place.at('kapu.sqlite') });
    atEnd(() => records.end());
    expect(await records.audit.list({ limit: 10 })).toEqual([]);
    expect(await place.kapu(['restore', file])).toMatchObject({ code: 0 });
    expect(await records.accounts.findForPassword('bela')).toMatchObject({
      passwordHash: expect.stringContaining('argon2'),
    });
  });
});
