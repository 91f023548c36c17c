/**
 * Brings a database to the schema that this code needs, and tells how far it is. Which database it is, and how two
 * processes that migrate at once wait for each other, is the dialect's.
 */

import { type Kysely, Migrator, type Transaction } from 'kysely';
import { migrations } from './migrations/index.ts';
import type { Records } from './records.ts';
import type { Schema } from './schema.ts';

const needed = Object.keys(migrations).sort();

/** The names of the migrations that have run in `db`, in their order. */
export async function executedIn(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
  const rows = await db.selectFrom('kysely_migration').select('name').execute();
  return rows.map(({ name }) => name).sort();
}

/**
 * How the schema stands: 'ahead' has migrations that this code does not know, which is how the version before sees a
 * database that the next one has migrated.
 */
export async function schemaOf(db: Kysely<Schema>): ReturnType<Records['schema']> {
  const found = await executedIn(db);
  const state = () => {
    if (found.length === 0) return 'empty';
    if (found.some((name) => !needed.includes(name))) return 'ahead';
    return found.length < needed.length ? 'behind' : 'current';
  };
  return { state: state(), found: found.at(-1), needed: needed.at(-1)! };
}

/** Runs what has not run yet, all or nothing; a database that is ahead is left as it is. Returns the names it ran. */
export async function migrate(db: Kysely<Schema>): Promise<string[]> {
  const found = await executedIn(db);
  if (needed.every((name) => found.includes(name))) return [];

  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw error;
  return results?.map(({ migrationName }) => migrationName) ?? [];
}

/** Drops `tables`, which is all of them, and makes those of the migration `last`, inside a transaction of the caller's. */
export async function rebuild(
  transaction: Transaction<Schema>,
  tables: readonly string[],
  last: string,
): Promise<void> {
  for (const table of tables) await transaction.schema.dropTable(table).execute();
  await transaction.deleteFrom('kysely_migration').execute();
  await run(transaction, needed.slice(0, needed.indexOf(last) + 1));
}

/** Runs what has not run yet, inside a transaction of the caller's. */
export async function upgrade(transaction: Transaction<Schema>): Promise<void> {
  const found = await executedIn(transaction);
  await run(
    transaction,
    needed.filter((name) => !found.includes(name)),
  );
}

/** As Kysely's Migrator does, which cannot be had inside a transaction. */
async function run(transaction: Transaction<Schema>, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await migrations[name]!.up(transaction);
    await transaction.insertInto('kysely_migration').values({ name, timestamp: new Date().toISOString() }).execute();
  }
}
