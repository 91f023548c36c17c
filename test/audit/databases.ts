/** An audit in each kind of database, with a way past it for whoever tampers. */

import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import type { Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import type { PostgresServer } from '../support/postgres.ts';

export interface TestDatabase {
  /** Opens it, as a process of its own does. */
  open(): Promise<Records>;
  /** Runs a statement past Records. */
  run(statement: string): Promise<Record<string, unknown>[]>;
}

let made = 0;

/** An empty SQLite file; `atEnd` removes it. */
export function sqliteDatabase(atEnd: (work: () => Promise<void>) => void): TestDatabase & { file: string } {
  const file = join(tmpdir(), `kapu-audit-${process.pid}-${made++}.sqlite`);
  atEnd(async () => {
    for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true });
  });
  return {
    file,
    open: () => createSqliteRecords({ file }),
    async run(statement) {
      const database = new DatabaseSync(file);
      const rows = database.prepare(statement).all();
      database.close();
      return rows as Record<string, unknown>[];
    },
  };
}

/** An empty database of `server`. */
export async function postgresDatabase(server: PostgresServer): Promise<TestDatabase & { url: string }> {
  const url = await server.createDatabase();
  return {
    url,
    open: () => createPostgresRecords({ url, connections: 3, queryPatience: 2000 }),
    async run(statement) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(statement)).rows;
      } finally {
        await client.end();
      }
    },
  };
}
