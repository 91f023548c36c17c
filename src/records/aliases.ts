/** Retired spellings of levels in SQL: who still used which. */

import type { Kysely } from 'kysely';
import type { Records } from './records.ts';
import type { Schema } from './schema.ts';
import { keepableId } from './text.ts';

/** The uses of retired spellings in `db`, dated by `now`. */
export function aliasesIn(db: Kysely<Schema>, now: () => Date): Records['aliases'] {
  return {
    async used(clientId, alias) {
      await db
        .insertInto('alias_uses')
        .values({ client_id: clientId, alias: keepableId('the alias', alias), used_at: now().getTime() })
        .onConflict((conflict) =>
          conflict.columns(['client_id', 'alias']).doUpdateSet(({ ref }) => ({ used_at: ref('excluded.used_at') })),
        )
        .execute();
    },

    async list() {
      const rows = await db
        .selectFrom('alias_uses')
        .select(['client_id', 'alias', 'used_at'])
        .orderBy('client_id')
        .orderBy('alias')
        .execute();
      return rows.map((row) => ({ clientId: row.client_id, alias: row.alias, usedAt: new Date(row.used_at) }));
    },
  };
}
