/**
 * Records in PostgreSQL, by pg. This file knows how connections are made, limited and given up; it knows no table.
 *
 * `queryPatience` bounds each step from asking for a connection to the last answer, transactions as a whole: a server that
 * hangs costs no caller more. A connection that did not answer is never used again. The server is told the same bounds,
 * so that it stops working for callers that have left. What is in the url (sslmode, application_name) goes before.
 */

import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';
import { Cursor } from './postgres-cursor.ts';
import { type Records, RecordsUnavailable } from './records.ts';
import type { Schema } from './schema.ts';
import { sqlRecords } from './sql.ts';

export interface PostgresOptions {
  /** postgres://user:password@host:port/database?sslmode=verify-full */
  url: string;
  /** Connections at once, at most. */
  connections: number;
  /** Milliseconds. */
  queryPatience: number;
  /** Seconds after which a connection that nobody uses is closed. */
  idle?: number;
  now?: () => Date;
}

/** How long, in milliseconds, a migration waits for a table that others use; while it waits, they wait behind it. */
const migrationLockPatience = 5000;

/** Prepares connections, and makes none yet. Throws RecordsUnavailable where `url` cannot be used. */
export async function createPostgresRecords({
  url,
  connections,
  queryPatience,
  idle = 60,
  now = () => new Date(),
}: PostgresOptions): Promise<Records> {
  const sockets = new Set<Socket>();
  const common: pg.PoolConfig = {
    connectionString: url,
    application_name: 'kapu',
    connectionTimeoutMillis: queryPatience,
    keepAlive: true,
    types: numbers(),
    stream: () => tracked(sockets),
  };
  checked(common);

  const pool = open({
    ...common,
    max: connections,
    idleTimeoutMillis: idle * 1000,
    statement_timeout: queryPatience,
    idle_in_transaction_session_timeout: queryPatience,
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: bounded(pool, queryPatience) }) });

  return sqlRecords(
    {
      db,
      async writable() {
        // A standby answers every question and refuses every sign-in, which begins with an entry in the audit.
        const { rows } = await sql<{
          on: boolean;
        }>`select current_setting('transaction_read_only') = 'off' as on`.execute(db);
        return rows[0]!.on;
      },
      // An index on a large table, or a backup, takes longer than any query may: a connection without these bounds.
      async patiently(work) {
        const patient = open({ ...common, max: 1, lock_timeout: migrationLockPatience });
        try {
          const dialect = new PostgresDialect({ pool: bounded(patient), cursor: Cursor });
          return await work(new Kysely<Schema>({ dialect }));
        } finally {
          await patient.end();
        }
      },
      async end() {
        if (!pool.ending) await pool.end();
        // A server that hangs never answers the farewell: its sockets must not keep the process alive.
        for (const socket of sockets) socket.unref();
      },
    },
    now,
  );
}

/** Reads `config` as pg will for each connection, to refuse a broken url now and not at the first query. */
function checked(config: pg.PoolConfig): void {
  try {
    new pg.Client(config);
  } catch (cause) {
    throw new RecordsUnavailable(`records.url cannot be used: ${(cause as Error).message}.`, { cause });
  }
}

/** BIGINT as numbers: ours are times and counters, far below 2^53. */
function numbers(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  return types;
}

function tracked(sockets: Set<Socket>): Socket {
  const socket = new Socket();
  sockets.add(socket);
  return socket.once('close', () => sockets.delete(socket));
}

function open(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  // A connection may break while nobody or somebody uses it. Both events would end the process unheard; the pool drops
  // the connection by itself, and whoever used it learns it from the query.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** The pool as Kysely wants it, with bounds in time, named statements and our faults. */
function bounded(pool: pg.Pool, patience?: number): PostgresPool {
  return {
    async connect() {
      const deadline = patience && performance.now() + patience;
      try {
        return borrowed(await pool.connect(), deadline);
      } catch (error) {
        throw fault(error);
      }
    },
    end: () => pool.end(),
  };
}

/** One connection for one step. After a fault that leaves it in an unknown state it answers nothing and is not given back. */
function borrowed(client: pg.PoolClient, deadline?: number): PostgresPoolClient {
  let broken: Error | undefined;
  const query = async (text: string, values: readonly unknown[]) => {
    if (broken) throw broken;
    try {
      return await client.query({
        text,
        values: [...values],
        ...(values.length > 0 && { name: nameOf(text) }),
        ...(deadline !== undefined && { query_timeout: Math.max(1, deadline - performance.now()) }),
      });
    } catch (error) {
      const known = fault(error);
      if (!(error instanceof pg.DatabaseError && error.severity === 'ERROR')) broken = known;
      throw known;
    }
  };
  const queryOrCursor = (text: string | Cursor<unknown>, values: readonly unknown[] = []) =>
    text instanceof Cursor ? text.on(query) : query(text, values);
  return {
    query: queryOrCursor as unknown as PostgresPoolClient['query'],
    // A connection inside a transaction that nobody finished is of no use to the next.
    release: () => client.release(broken ?? client.getTransactionStatus() !== 'I'),
  };
}

const names = new Map<string, string>();

/** The name of a prepared statement: the same for the same text, so that each connection prepares it once. */
function nameOf(text: string): string {
  const known = names.get(text) ?? `kapu_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  names.set(text, known);
  return known;
}

/** SQLSTATE classes and codes (PostgreSQL, appendix A) that are trouble with the server, not with the statement. */
const troubles = [
  '08', // connection
  '25006', // read-only, as a standby is
  '25P03', // idle in a transaction for too long
  '28', // wrong name or password
  '3D', // no such database
  '40', // serialization failure, deadlock
  '42501', // no permission
  '53', // disk full, out of memory, too many connections
  '55P03', // lock not available
  '57', // cancelled, out of time, shutting down, starting up
  '58', // system error
  'XX', // data damaged
];

/** RecordsUnavailable for trouble with the server or the way to it; every other fault as it is. */
function fault(error: unknown): Error {
  const trouble =
    error instanceof pg.DatabaseError
      ? troubles.some((code) => error.code?.startsWith(code))
      : (error as Error).name !== 'TypeError';
  if (!trouble) return error as Error;
  const { message, code } = error as NodeJS.ErrnoException;
  return new RecordsUnavailable(`The records database does not serve: ${message || code}`, { cause: error });
}
