/** Records in PostgreSQL: the contract, and what is a server's own: it can be away, hang, refuse, come back. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrations } from '../../src/records/migrations/index.ts';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import { type Records, RecordsUnavailable } from '../../src/records/records.ts';
import { eventually } from '../support/eventually.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { recordsContract } from './contract.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

async function run(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

recordsContract('PostgreSQL', async () => {
  const url = await server.createDatabase();
  return {
    open: (now) => createPostgresRecords({ url, connections: 5, queryPatience: 5000, now }),
    run: async (statement) => void (await run(url, statement)),
    remove: async () => {},
  };
});

describe('records: PostgreSQL itself', () => {
  const queryPatience = 1000;
  /** What a busy machine may add. */
  const slack = 4000;
  let url: string;
  let records: Records;

  beforeEach(async () => {
    url = await server.createDatabase();
    records = await createPostgresRecords({ url, connections: 3, queryPatience });
    await records.migrate();
    await records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash');
  });
  afterEach(() => records.end());

  const find = () => records.accounts.findForPassword('anna');
  const recovered = () => eventually('records answer again', () => records.ready());
  /** How long, in milliseconds, `work` takes to end in RecordsUnavailable. */
  const unavailable = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await expect(work()).rejects.toThrow(RecordsUnavailable);
    return performance.now() - began;
  };

  test('a server that is down is RecordsUnavailable at once; when it is back, all goes on by itself', async () => {
    await server.down();
    expect(await unavailable(find)).toBeLessThan(queryPatience + slack);
    expect(await unavailable(() => records.accounts.add({ username: 'john', locale: 'en' }))).toBeLessThan(
      queryPatience + slack,
    );
    await unavailable(() => records.migrate());
    await unavailable(() => records.schema());
    expect(await records.ready()).toBe(false);
    await server.restart();
    await recovered();
    expect((await find())?.passwordHash).toBe('hash');
  });

  test('a restart between two calls is not seen', async () => {
    await Promise.all([find(), find(), find()]);
    await server.restart();
    await recovered();
    const found = await Promise.all([find(), find(), find(), find()]);
    expect(found.map((one) => one?.passwordHash)).toEqual(['hash', 'hash', 'hash', 'hash']);
  });

  test('a server that hangs is RecordsUnavailable within queryPatience, however many ask', async () => {
    await Promise.all([find(), find(), find()]);
    server.pause();
    try {
      const add = () => records.accounts.add({ username: 'john', locale: 'en' }, 'hash');
      const calls = [find, find, find, add, find, add, find, find];
      const took = await Promise.all(calls.map(unavailable));
      expect(Math.max(...took)).toBeLessThan(queryPatience + slack);
      // New connections hang as well.
      expect(await unavailable(find)).toBeLessThan(queryPatience + slack);
      expect(await records.ready()).toBe(false);
    } finally {
      server.resume();
    }
    await recovered();
    expect((await find())?.passwordHash).toBe('hash');
    const others = await Promise.all([find(), find(), find()]);
    expect(others.every((one) => one?.passwordHash === 'hash')).toBe(true);
  });

  test('a transaction that hangs half-way is bounded as a whole, and its connection is not used again', async () => {
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin; lock table credentials in access exclusive mode');
    const took = await unavailable(() => records.accounts.add({ username: 'john', locale: 'en' }, 'hash'));
    expect(took).toBeLessThan(queryPatience + slack);
    await holder.query('rollback');
    await holder.end();
    expect(await records.accounts.findByUsername('john')).toBeUndefined();
    await records.accounts.add({ username: 'john', locale: 'en' }, 'hash');
  });

  test('ends while the server hangs, and lets the process go', async () => {
    const script = `
      import { createPostgresRecords } from '${new URL('../../src/records/postgres.ts', import.meta.url)}';
      const records = await createPostgresRecords({ url: process.argv[1], connections: 3, queryPatience: 500 });
      await Promise.all([records.ready(), records.ready()]);
      process.stdout.write('ready');
      process.stdin.once('data', async () => {
        process.stdin.destroy();
        records.ready();
        await records.end();
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, url], { stdio: 'pipe' });
    const exited = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      server.pause();
      child.stdin.write('end');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      expect(await exited).toEqual([0, null]);
      clearTimeout(timer);
    } finally {
      server.resume();
      child.kill('SIGKILL');
    }
  });

  test('a connection that leads nowhere costs one call and is replaced', async () => {
    const paths = new Set<Socket>();
    const proxy = createServer((near) => {
      const far = connect(Number(new URL(url).port), '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const end of [near, far]) paths.add(end.on('error', () => {}));
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const through = url.replace(/:\d+\//, `:${(proxy.address() as AddressInfo).port}/`);
    const one = await createPostgresRecords({ url: through, connections: 1, queryPatience });
    expect(await one.ready()).toBe(true);

    for (const end of paths) end.unpipe().pause(); // as a firewall does that has forgotten them
    await unavailable(() => one.accounts.add({ username: 'john', locale: 'en' }, 'hash'));
    expect((await one.accounts.findForPassword('anna'))?.passwordHash).toBe('hash');

    await one.end();
    for (const end of paths) end.destroy();
    proxy.close();
  });

  test('a server that dies under a query is RecordsUnavailable, and the process lives on', async () => {
    const holder = new pg.Client({ connectionString: url });
    holder.on('error', () => {});
    await holder.connect();
    await holder.query('begin; lock table accounts in access exclusive mode');
    const patient = await createPostgresRecords({ url, connections: 3, queryPatience: 10_000 });
    const ask = () => patient.accounts.findByUsername('anna');
    const waiting = Promise.all([ask, ask].map(unavailable));
    const blocked =
      "select 1 from pg_stat_activity where application_name = 'kapu' and datname = current_database() and wait_event_type = 'Lock'";
    await eventually('both queries wait', async () => (await run(url, blocked)).rowCount === 2);
    await server.down();
    await waiting;
    await server.restart();
    await eventually('records answer again', () => patient.ready());
    expect((await ask())?.username).toBe('anna');
    await patient.end();
  });

  test('a connection ended under a query is RecordsUnavailable once, and replaced', async () => {
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin; lock table accounts in access exclusive mode');
    const patient = await createPostgresRecords({ url, connections: 1, queryPatience: 10_000 });
    const ask = () => patient.accounts.findByUsername('anna');
    const waiting = unavailable(ask);
    const victim =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kapu' and datname = current_database() and wait_event_type = 'Lock'";
    await eventually('the connection is ended', async () => (await run(url, victim)).rowCount === 1);
    await waiting;
    await holder.query('rollback');
    await holder.end();
    expect((await ask())?.username).toBe('anna');
    await patient.end();
  });

  test('a read-only server, a missing database and a refused connection are RecordsUnavailable', async () => {
    await run(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`);
    const standby = await createPostgresRecords({ url, connections: 1, queryPatience });
    expect((await standby.accounts.findForPassword('anna'))?.passwordHash).toBe('hash');
    await unavailable(() => standby.accounts.add({ username: 'john', locale: 'en' }));
    await standby.end();

    for (const wrong of [
      url.replace(/\/test_/, '/none_'),
      url.replace(/:\d+\//, ':1/'),
      `${url}?sslmode=verify-full`,
    ]) {
      const other = await createPostgresRecords({ url: wrong, connections: 1, queryPatience });
      await unavailable(() => other.schema());
      await other.end();
    }
    await expect(createPostgresRecords({ url: 'postgres://a:b@:x', connections: 1, queryPatience })).rejects.toThrow(
      /records.url cannot be used/,
    );
  });

  test('uses as many connections as it may, under its name', async () => {
    await Promise.all(Array.from({ length: 30 }, find));
    const { rows } = await run(
      url,
      "select pid from pg_stat_activity where application_name = 'kapu' and datname = current_database()",
    );
    expect(rows.length).toBe(3);
  });

  test('a sign-in is one query, by index alone', async () => {
    await records.end();
    records = await createPostgresRecords({ url, connections: 1, queryPatience });
    await find();
    // What the only connection was asked last is the whole sign-in, when it names both tables.
    const asked = await run(
      url,
      "select query from pg_stat_activity where application_name = 'kapu' and datname = current_database()",
    );
    const { query } = asked.rows[0];
    const results = await run(
      url,
      `set enable_seqscan = off; set plan_cache_mode = force_generic_plan;
       prepare sign_in as ${query}; explain execute sign_in ('password', '', 'anna')`,
    );
    const plan = (results as unknown as pg.QueryResult[])
      .at(-1)!
      .rows.map((row) => row['QUERY PLAN'])
      .join('\n');
    expect(plan).toMatch(/accounts_username_key_key/);
    expect(plan).toMatch(/credentials_key/);
    expect(plan).not.toMatch(/Seq Scan/);
  });

  test('a statement is prepared once a connection, and used from then on', async () => {
    // Who asks from within the connection sees what is prepared on it.
    await run(
      url,
      `create table seen (statement text, uses bigint);
       create function look() returns trigger language plpgsql as $$ begin
         insert into seen select statement, generic_plans + custom_plans from pg_prepared_statements; return new;
       end $$;
       create trigger look after insert on audit execute function look()`,
    );
    const one = await createPostgresRecords({ url, connections: 1, queryPatience });
    for (let n = 0; n < 7; n++) await one.accounts.findForPassword(`somebody-${n}`);
    for (let n = 0; n < 3; n++) await one.clients.find(`client-${n}`);
    await one.accounts.add({ username: 'john', locale: 'en' }, 'hash');
    await one.audit.append({ at: new Date(), event: 'last' });
    await one.end();
    const { rows } = await run(url, 'select * from seen order by uses desc, statement');
    expect(rows.map(({ statement, uses }) => [/^\w+ .*?"(\w+)"/.exec(statement)?.[1], Number(uses)])).toEqual([
      ['accounts', 7],
      ['id', 3],
      ['accounts', 1],
      ['audit', 1],
      ['credentials', 1],
      // The newest entry, which the first one of a chain links to.
      ['writer', 1],
    ]);
  });

  test('a migration beside it changes no statement that is prepared', async () => {
    await find();
    await run(
      url,
      'alter table accounts add column added_later text; alter table credentials add column added_later text',
    );
    expect((await find())?.passwordHash).toBe('hash');
    await records.accounts.add({ username: 'john', locale: 'en' }, 'hash');
  });

  test('processes that migrate at once wait for each other, longer than queries may take', async () => {
    const fresh = await server.createDatabase();
    await run(fresh, 'create table blocker (a text)');
    const several = await Promise.all(
      Array.from({ length: 4 }, () => createPostgresRecords({ url: fresh, connections: 2, queryPatience })),
    );
    const lock = new pg.Client({ connectionString: fresh });
    await lock.connect();
    await lock.query('select pg_advisory_lock(3853314791062309107)'); // Kysely's: another process is migrating
    let done = false;
    const migrating = Promise.all(several.map((one) => one.migrate())).finally(() => {
      done = true;
    });
    const began = performance.now();
    await eventually('queries would have given up', () => performance.now() - began > queryPatience * 2);
    expect(done).toBe(false);
    await lock.end();
    expect((await migrating).flat().sort()).toEqual(Object.keys(migrations).sort());
    await Promise.all(several.map((one) => one.end()));
  });
});
