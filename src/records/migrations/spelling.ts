/** The two places where the databases spell the same column differently. */

import { type ColumnDefinitionBuilder, type Kysely, SqliteAdapter, sql } from 'kysely';

/** How the database behind `db` writes what the migrations need. */
export function spelling(db: Kysely<unknown>) {
  const sqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  return {
    /** Text compared byte by byte: the order of a list is the same everywhere, whatever language the database sorts by. */
    key: sqlite ? sql`text` : sql`text collate "C"`,
    /** A primary key that the database counts up. SQLite counts only in a column of exactly this type. */
    counter: sqlite ? ('integer' as const) : ('bigint' as const),
    counted: (column: ColumnDefinitionBuilder) =>
      sqlite ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity(),
  };
}
