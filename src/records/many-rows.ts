/**
 * Many rows at once. Statements are put together as text, because Kysely's builder takes longer over some thousand values than the
 * database does, and come in few sizes, because PostgreSQL prepares each once and keeps it.
 */

import { CompiledQuery, type Kysely, SqliteAdapter } from 'kysely';
import type { Batch } from './records.ts';
import type { Schema } from './schema.ts';

/** 256 rows of 20 columns stay below what one statement may carry (SQLite: 32,766 values). */
const most = 256;

/** What stands in the statement before `values`, and behind them. */
interface Clauses {
  before?: string;
  behind?: string;
}

/** Inserts the rows of `batch` by `to`, a transaction; gives what the clause behind them returns. */
export async function insertMany<Returned>(
  to: Kysely<Schema>,
  { table, columns, rows }: Batch,
  { before = '', behind = '' }: Clauses = {},
): Promise<Returned[]> {
  const sqlite = isSqlite(to);
  const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const head = `insert into ${name(table)} (${columns.map(name).join()}) ${before} values`;
  const returned: Returned[] = [];
  for (let from = 0; from < rows.length; ) {
    const some = rows.slice(from, from + powerOfTwo(Math.min(most, rows.length - from)));
    const places = some.map((row, n) => `(${row.map((_, m) => (sqlite ? '?' : `$${n * row.length + m + 1}`)).join()})`);
    const query = CompiledQuery.raw(`${head} ${places.join()} ${behind}`, some.flat());
    returned.push(...((await to.executeQuery(query)).rows as Returned[]));
    from += some.length;
  }
  return returned;
}

/** Whether `db` is SQLite's: what it says in one way, PostgreSQL says in another. */
export const isSqlite = (db: Kysely<Schema>) => db.getExecutor().adapter instanceof SqliteAdapter;

/** The greatest that is no greater than `number`, from 1 on. */
const powerOfTwo = (number: number) => 2 ** (31 - Math.clz32(number));
