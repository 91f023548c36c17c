/**
 * Records in a SQLite file: the embedded default, by Node's own node:sqlite. This file knows how SQLite is opened, locked
 * and fails; it knows no table.
 *
 * Several processes may use one file (the CLI beside a running server). Readers never wait for others; writers take turns.
 * Who waits asks again and again instead of letting SQLite wait (busy_timeout): node:sqlite has no asynchronous calls, and
 * the whole process would stand still. In WAL mode with synchronous=NORMAL a crash of the process loses nothing, and
 * a power cut never damages the file but may lose the last moments before it; who cannot accept that uses PostgreSQL.
 */

import { closeSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
  type TransactionSettings,
} from 'kysely';
import { type Records, RecordsUnavailable } from './records.ts';
import type { Schema } from './schema.ts';
import { sqlRecords } from './sql.ts';

export interface SqliteOptions {
  /** The file, made when it is missing (readable by its owner alone); ':memory:' for one that ends with the process. */
  file: string;
  /** How long, in milliseconds, a writer waits for another process. */
  lockPatience?: number;
  now?: () => Date;
}

/** Opens the file. Throws RecordsUnavailable, whose message says what to do, where it cannot be a database of ours. */
export async function createSqliteRecords({
  file,
  lockPatience = 1000,
  now = () => new Date(),
}: SqliteOptions): Promise<Records> {
  const database = await open(file === ':memory:' ? file : resolve(file), lockPatience);
  const db = new Kysely<Schema>({ dialect: dialect(database, file, lockPatience) });
  return sqlRecords(
    {
      db,
      // To begin to write takes the lock that writing takes, and is refused where the file is read-only.
      writable: () => db.transaction().execute(async () => true),
      async patiently(work) {
        // A restore changes every page of every index, in no order: what does not fit into the cache is written again and again.
        database.exec('pragma cache_size = -262144');
        try {
          return await work(db);
        } finally {
          if (database.isOpen) database.exec('pragma cache_size = -2000');
        }
      },
      async end() {
        // A connection is given out when the work before has finished; what waits behind finds the database closed.
        if (database.isOpen) await db.connection().execute(async () => void (database.isOpen && database.close()));
      },
    },
    now,
  );
}

async function open(path: string, lockPatience: number): Promise<DatabaseSync> {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') make(path);
    const opened = new DatabaseSync(path, { enableForeignKeyConstraints: true });
    database = opened;
    await patiently(lockPatience, () => opened.exec('pragma journal_mode = wal; pragma synchronous = normal'));
    return opened;
  } catch (error) {
    database?.close();
    throw fault(error, path);
  }
}

/** Tries `work` until no other process is in its way, or for `patience` milliseconds. What finds the file locked has done nothing. */
async function patiently<Result>(patience: number, work: () => Result | Promise<Result>): Promise<Result> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error;
      await pause(5);
    }
  }
}

function isLocked(error: unknown): boolean {
  const { errcode, cause } = error as { errcode?: number; cause?: unknown };
  return errcode === undefined ? cause !== undefined && isLocked(cause) : (errcode & 0xff) === busy;
}

/** Makes the file when there is none, so that no other user can read it: it will hold password hashes. */
function make(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function dialect(database: DatabaseSync, file: string, lockPatience: number): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new Driver(database, file, lockPatience),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely runs migrations in one transaction where it may; in SQLite that transaction is their lock as well. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class Driver extends SqliteDriver {
  readonly #database: DatabaseSync;
  readonly #lockPatience: number;

  constructor(database: DatabaseSync, file: string, lockPatience: number) {
    super({ database: preparing(database, file) });
    this.#database = database;
    this.#lockPatience = lockPatience;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: (query) => patiently(this.#lockPatience, () => connection.executeQuery(query)),
      streamQuery: (query) => connection.streamQuery(query),
    };
  }

  /**
   * Takes the write lock at once: a transaction that reads first could not get it later, however long it waited. One that
   * only reads needs none, and sees the moment of its first statement throughout.
   */
  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  /** SQLite has rolled back by itself after some faults, such as a full disk. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await super.rollbackTransaction(connection);
  }
}

/** The part of a database that Kysely's driver wants. Each text is prepared once: there are as many as queries here. */
function preparing(database: DatabaseSync, file: string): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw fault(error, file);
    }
  };
  return {
    close: () => database.close(),
    prepare: (text) =>
      attempt(() => {
        const known = prepared.get(text);
        if (known) return known;
        const statement = database.prepare(text);
        const made: SqliteStatement = {
          reader: statement.columns().length > 0,
          all: (values) => attempt(() => statement.all(...(values as Parameter[]))),
          run: (values) => attempt(() => statement.run(...(values as Parameter[]))),
          *iterate(values) {
            try {
              yield* statement.iterate(...(values as Parameter[]));
            } catch (error) {
              throw fault(error, file);
            }
          },
        };
        prepared.set(text, made);
        return made;
      }),
  };
}
type Parameter = string | number | null;

const busy = 5;

/** SQLite's primary result codes (sqlite.org/rescode.html) that are trouble with the file, and what to do about each. */
const troubles: Record<number, string> = {
  3: 'may not be used: check who owns it',
  [busy]: 'is locked by another process: try again, or end what holds it',
  6: 'is locked: try again',
  7: 'needs more memory than there is',
  8: 'is read-only: let the user that Kapu runs as write the file and its directory',
  10: 'cannot be read or written: check the disk',
  11: 'is damaged: restore it from a backup',
  13: 'cannot grow: the disk is full',
  14: 'cannot be opened: it must be a file that the user that Kapu runs as can read and write, in a directory that it can write',
  15: 'is locked: try again',
  26: 'is not a SQLite database: name another file in records.file, or move this one away',
};

/** RecordsUnavailable for trouble with the file; every other fault as it is. Exported for its test. */
export function fault(error: unknown, file: string): unknown {
  const { code, errcode } = error as { code?: string; errcode?: number };
  const trouble = (what: string) => new RecordsUnavailable(`The records file ${file} ${what}.`, { cause: error });

  if (code === 'ERR_SQLITE_ERROR' && errcode !== undefined) {
    const known = troubles[errcode & 0xff];
    return known ? trouble(known) : error;
  }
  if (code === 'ERR_INVALID_STATE') return trouble('is closed');
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return trouble('cannot be made: its directory does not exist, make it first');
  return (error as NodeJS.ErrnoException).syscall ? trouble(troubles[14]!) : error;
}
