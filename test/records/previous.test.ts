/**
 * Version N-1 on schema N: the statements that released versions make (see previous/record.ts), asked word by word of a
 * database that has every migration of today. Each must be accepted and answer as it did, so that servers of both versions can
 * run beside each other while an upgrade is under way, and one can go back.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { closing } from '../support/closing.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import {
  type Asked,
  askPostgres,
  askSqlite,
  type Recording,
  recordPostgres,
  recordSqlite,
  type Statement,
} from './previous/record.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());
const atEnd = closing();

const folder = join(import.meta.dirname, 'previous');
const released = readdirSync(folder).filter((name) => name.endsWith('.json'));
const recordingOf = (file: string, engine: string): Recording =>
  JSON.parse(readFileSync(join(folder, file), 'utf8'))[engine];

/** An empty database with every migration of today. */
const engines: Record<string, () => Promise<Asked>> = {
  async PostgreSQL() {
    const url = await server.createDatabase();
    const records = await createPostgresRecords({ url, connections: 1, queryPatience: 5000 });
    await records.migrate();
    await records.end();
    const asked = await askPostgres(url);
    atEnd(() => asked.end());
    return asked;
  },
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'kapu-previous-'));
    atEnd(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'kapu.sqlite');
    const records = await createSqliteRecords({ file });
    await records.migrate();
    await records.end();
    const asked = askSqlite(file);
    atEnd(() => asked.end());
    return asked;
  },
};

/** Asks everything again; throws where an answer is another one. */
async function replay(database: Asked, statements: Statement[]): Promise<void> {
  for (const { sql, values, rows } of statements) {
    const answer = await database.ask(sql, values).catch((fault: Error) => {
      throw new Error(`${fault.message}, of: ${sql}`);
    });
    expect({ sql, rows: answer }).toEqual({ sql, rows });
  }
}

test('there is a released version to compare with', () => {
  expect(released.length).toBeGreaterThan(0);
});

describe.each(Object.keys(engines))('%s', (engine) => {
  test.each(released)('the queries of %s run on the schema of today, and answer the same', async (file) => {
    const { statements } = recordingOf(file, engine);
    expect(statements.length).toBeGreaterThan(40);
    await replay(await engines[engine]!(), statements);
  });

  test.each(released)('the migrations of %s are what they were', async (file) => {
    const then = recordingOf(file, engine).migrations;
    const now = engine === 'SQLite' ? await recordSqlite() : await recordPostgres(await server.createDatabase());
    expect(now.migrations).toMatchObject(then);
  });

  const expanding = [
    'alter table accounts add column added text',
    "alter table accounts add column added text not null default ''",
    'create table added (account_id text, at bigint)',
    'create index added on accounts (email)',
  ];
  test.each(expanding)('an upgrade may: %s', async (statement) => {
    const database = await engines[engine]!();
    await database.ask(statement, []);
    await replay(database, recordingOf(released.at(-1)!, engine).statements);
  });

  const contracting = [
    'alter table accounts drop column birth_name',
    'alter table credentials rename column data to secret',
    'alter table consents rename to allowed',
    'drop table alias_uses',
    'create unique index added on accounts (email)',
  ];
  test.each(contracting)('an upgrade that would break running servers is found: %s', async (statement) => {
    const database = await engines[engine]!();
    await database.ask(statement, []);
    const broken = replay(database, recordingOf(released.at(-1)!, engine).statements);
    await expect(broken).rejects.toThrow();
  });
});
