/**
 * Everything that records hold, as rows on their way out of a database or into one. The form is the same for SQLite and
 * PostgreSQL (texts, numbers, null), so that content moves between them. Memory is bounded by a batch, whatever the size.
 * This file knows tables, not files: `backup-file.ts` knows those.
 */

import { type Kysely, sql, type Transaction } from 'kysely';
import { insertMany, isSqlite } from './many-rows.ts';
import { executedIn, migrate, rebuild, upgrade } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { type Batch, type Content, ContentRefused, type Records, type Row } from './records.ts';
import type { Schema } from './schema.ts';

/** Every table with records, each behind those that it refers to. A test compares it with what the migrations make. */
export const tables = ['accounts', 'credentials', 'clients', 'consents', 'alias_uses', 'audit', 'notices'] as const;
type Table = (typeof tables)[number];

/** The one table whose rows a counter of the database numbers. */
const counted: Table = 'audit';

/** A batch ends at whichever comes first. */
const most = { rows: 500, characters: 1_000_000 };

/** What `db` holds at the moment when `work` begins to read; what is written meanwhile is not in it, and not held up. */
export async function read<Result>(db: Kysely<Schema>, work: (content: Content) => Promise<Result>): Promise<Result> {
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return transaction.execute(async (moment) => {
    const found = (await executedIn(moment)).at(-1);
    if (found !== lastKnown()) throw new ContentRefused('other-schema', `the database is at ${found ?? 'no schema'}`);
    return work({ schema: found, batches: batchesOf(moment) });
  });
}

async function* batchesOf(moment: Transaction<Schema>): AsyncGenerator<Batch> {
  for (const table of tables) {
    let batch: Batch | undefined;
    let characters = 0;
    for await (const row of moment.selectFrom(table).selectAll().stream(most.rows)) {
      const values = Object.values(row) as Row;
      batch ??= { table, columns: Object.keys(row), rows: [] };
      batch.rows.push(values);
      characters += values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
      if (batch.rows.length === most.rows || characters > most.characters) {
        yield batch;
        batch = undefined;
        characters = 0;
      }
    }
    if (batch) yield batch;
  }
}

/**
 * Puts `content` in the place of what `db` holds, all or nothing: after a fault the database holds what it held before.
 * Content of an older version goes into the tables of that version, which are then brought up to date; tells whether
 * tables had to be made anew for that, in which case rights given on the old ones are gone.
 * Throws ContentRefused: 'newer' than this code, 'not-empty' unless `replace`.
 */
export async function replace(
  db: Kysely<Schema>,
  { schema, batches }: Content,
  options: { replace: boolean },
): Promise<Awaited<ReturnType<Records['restore']>>> {
  if (!Object.hasOwn(migrations, schema)) throw new ContentRefused('newer', `the content is of schema ${schema}`);
  await migrate(db);
  return db.transaction().execute(async (transaction) => {
    await lock(transaction);
    const found = (await executedIn(transaction)).at(-1);
    if (found !== lastKnown()) throw new ContentRefused('other-schema', `the database is at ${found ?? 'no schema'}`);
    if (!options.replace) await requireEmpty(transaction);

    const rebuilt = found !== schema;
    if (rebuilt) await rebuild(transaction, tables.toReversed(), schema);
    else for (const table of tables.toReversed()) await transaction.deleteFrom(table).execute();

    const rows: Record<string, number> = {};
    for await (const batch of batches) {
      await add(transaction, batch);
      rows[batch.table] = (rows[batch.table] ?? 0) + batch.rows.length;
    }
    await countOn(transaction);
    if (rebuilt) await upgrade(transaction);
    return { rows, rebuilt };
  });
}

const lastKnown = () => Object.keys(migrations).sort().at(-1)!;

/** Nobody writes, nor begins to, until the transaction ends. A transaction that writes has all of SQLite's file anyway. */
async function lock(transaction: Transaction<Schema>): Promise<void> {
  if (isSqlite(transaction)) return;
  await sql`lock table ${sql.join(tables.map((table) => sql.table(table)))} in access exclusive mode`.execute(
    transaction,
  );
}

async function requireEmpty(transaction: Transaction<Schema>): Promise<void> {
  for (const table of tables) {
    const row = await transaction.selectFrom(table).select(sql.lit(1).as('one')).limit(1).executeTakeFirst();
    if (row) throw new ContentRefused('not-empty', `there are rows in ${table}`);
  }
}

/** PostgreSQL numbers audit entries itself, unless it is told that they have numbers. */
async function add(transaction: Transaction<Schema>, batch: Batch): Promise<void> {
  const numbered = batch.table === counted && !isSqlite(transaction);
  await insertMany(transaction, batch, { before: numbered ? 'overriding system value' : '' });
}

/** The next entry gets a number after the last. SQLite sees to it by itself. */
async function countOn(transaction: Transaction<Schema>): Promise<void> {
  if (isSqlite(transaction)) return;
  const name = sql.lit(counted);
  await sql`select setval(pg_get_serial_sequence(${name}, 'id'), coalesce(max(id), 1), max(id) is not null)
    from ${sql.table(counted)}`.execute(transaction);
}
