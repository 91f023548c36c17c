/** What `inspectPostgres` finds, on real servers that have each of the faults. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import { inspectPostgres } from '../../src/records/postgres-inspect.ts';
import { RecordsUnavailable } from '../../src/records/records.ts';
import { selfSigned } from '../support/certificate.ts';
import { closing } from '../support/closing.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { roleStatements } from './roles.ts';

const atEnd = closing();
/** As a server in production is set. */
const sound = { fsync: 'on', full_page_writes: 'on' };
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ settings: sound });
}, 60_000);
afterAll(() => server.stop());

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const as = (url: string, role: string) => url.replace('kapu@', `${role}@`);
const look = (url: string, connections = 10) => inspectPostgres({ url, connections, queryPatience: 1000 });
/** Outcome and text, of those that are not in order. */
const doubts = async (url: string, connections?: number) =>
  (await look(url, connections))
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ outcome, text }) => `${outcome} ${text}`);

async function migrated(url: string): Promise<void> {
  const records = await createPostgresRecords({ url, connections: 1, queryPatience: 5000 });
  await records.migrate();
  await records.end();
}

describe('roles, laid out as docs/operating.md says', () => {
  let url: string;
  beforeAll(async () => {
    url = await server.createDatabase();
    const [before, after] = roleStatements(new URL(url).pathname.slice(1));
    await run(url, before);
    await migrated(as(url, 'kapu_owner'));
    await run(as(url, 'kapu_owner'), after);
  });

  test("the server's role is in order, and can do all that a server does, and no more", async () => {
    expect(await look(as(url, 'kapu_server'))).toEqual([
      { outcome: 'ok', text: expect.stringMatching(/^PostgreSQL \d+\S* answers, without TLS$/) },
      { outcome: 'ok', text: 'kapu_server may add to the audit and not change it' },
    ]);
    const records = await createPostgresRecords({ url: as(url, 'kapu_server'), connections: 1, queryPatience: 1000 });
    atEnd(() => records.end());
    const { id } = await records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash');
    await records.accounts.setPassword(id, 'another');
    await records.clients.put('tax', {});
    await records.consents.allow(id, 'tax', ['openid']);
    await records.aliases.used('tax', 'ukp');
    await records.clients.remove('tax');
    await records.audit.append({ at: new Date(), event: 'first' });
    expect(await records.audit.list({ limit: 10 })).toHaveLength(1);
    expect((await records.schema()).state).toBe('current');
    expect(await records.ready()).toBe(true);

    for (const statement of [
      "update audit set event = 'never'",
      'delete from audit',
      'truncate audit',
      'drop table audit',
      'alter table audit rename to other',
      'create table mine (a text)',
      'grant update on audit to kapu_server',
    ]) {
      const refused = await run(as(url, 'kapu_server'), statement).then(
        () => 'done',
        (fault: Error) => fault.message,
      );
      // GRANT without the right to is a warning and does nothing.
      expect(`${statement}: ${refused}`).toMatch(/permission denied|must be owner|^grant.*(done|no privileges)/);
    }
    expect(await records.audit.list({ limit: 10 })).toHaveLength(1);
  });

  test('tables of later migrations are given to the server by themselves', async () => {
    await run(as(url, 'kapu_owner'), 'create table later (a text)');
    await run(as(url, 'kapu_server'), "insert into later values ('a'); update later set a = 'b'; delete from later");
  });

  test('who owns the audit, may change it or is a superuser is told', async () => {
    expect(await doubts(as(url, 'kapu_owner'))).toEqual([
      'warn kapu_owner owns the audit: who takes over a server can change what it has written',
    ]);
    expect(await doubts(url)).toEqual([expect.stringMatching(/^warn kapu is a superuser/)]);
    await run(url, 'grant update on audit to kapu_server');
    expect(await doubts(as(url, 'kapu_server'))).toEqual([
      expect.stringMatching(/^warn kapu_server may UPDATE in audit/),
    ]);
    await run(url, 'revoke update on audit from kapu_server');
  });

  test('rights that are missing are named', async () => {
    await run(url, 'revoke update, delete on accounts from kapu_server; revoke insert on audit from kapu_server');
    expect(await doubts(as(url, 'kapu_server'))).toEqual([
      'fail kapu_server may not UPDATE, DELETE in accounts',
      'fail kapu_server may not INSERT in audit',
    ]);
    await run(url, 'grant update, delete on accounts to kapu_server; grant insert on audit to kapu_server');
  });
});

test('an empty database has no rights to look at', async () => {
  expect(await doubts(await server.createDatabase())).toEqual([]);
});

test('a database that may only be read, or keeps other text, or has few connections', async () => {
  const url = await server.createDatabase();
  const name = new URL(url).pathname.slice(1);
  expect(await doubts(url, 98)).toEqual([
    expect.stringMatching(/^fail allows 97 connections, one process may want 98$/),
  ]);
  expect(await doubts(url, 60)).toEqual([expect.stringMatching(/^warn allows 97 connections: too few for two/)]);
  await run(url, `alter database ${name} set default_transaction_read_only = on`);
  expect(await doubts(url)).toEqual(['fail is read-only: nobody can sign in']);
  await run(server.url, "create database latin template template0 encoding 'LATIN2' locale 'C'");
  expect(await doubts(server.url.replace(/postgres$/, 'latin'))).toEqual([
    'fail keeps text as LATIN2: not every name fits',
  ]);
});

test('settings that lose what was written', async () => {
  const careless = await startPostgres({ settings: { synchronous_commit: 'off', full_page_writes: 'on' } });
  atEnd(careless.stop);
  expect(await doubts(careless.url)).toEqual([
    'fail fsync off: a power cut damages the database',
    expect.stringMatching(/^warn synchronous_commit is off/),
  ]);
});

test('over TLS it says so; a certificate that does not fit, and a server that is away, are faults', async () => {
  const { key, cert } = selfSigned('localhost');
  const secure = await startPostgres({ settings: sound, tls: { key, cert } });
  atEnd(secure.stop);
  const [summary] = await look(`${secure.url}?sslmode=no-verify`);
  expect(summary).toEqual({ outcome: 'ok', text: expect.stringMatching(/^PostgreSQL \S+ answers, over TLSv1\.[23]$/) });
  await expect(look(`${secure.url}?sslmode=verify-full`)).rejects.toThrow(RecordsUnavailable);
  await secure.down();
  await expect(look(secure.url)).rejects.toThrow(/does not serve: connect ECONNREFUSED/);
});
