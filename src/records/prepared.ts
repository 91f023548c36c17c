/**
 * Queries that are put together once. Kysely takes several times as long to build the text of a query as SQLite takes to answer it; what
 * every sign-in asks keeps its text, and gets new values.
 */

import { type Compilable, CompiledQuery, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * A query of `values` as `build` puts it together: build sees a mark in the place of each value, and must lay each into the query as a
 * value and nothing else. Gives its rows.
 */
export function prepared<Values extends readonly unknown[], Row>(
  db: Kysely<Schema>,
  build: (...marks: Values) => Compilable<Row>,
): (...values: Values) => Promise<Row[]> {
  let known: { text: string; parameters: readonly unknown[] } | undefined;
  return async (...values) => {
    if (!known) {
      const marks = values.map((_, n) => new Mark(n));
      const { sql, parameters } = build(...(marks as unknown as Values)).compile();
      known = { text: sql, parameters };
    }
    const filled = known.parameters.map((each) => (each instanceof Mark ? values[each.at] : each));
    return (await db.executeQuery<Row>(CompiledQuery.raw(known.text, filled) as CompiledQuery<Row>)).rows;
  };
}

/** Stands for a value while a query is built. */
class Mark {
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }
}
