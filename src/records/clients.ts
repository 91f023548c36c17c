/** Clients in SQL, and what people consented to give them. */

import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Selectable } from 'kysely';
import type { ClientRecord, Records } from './records.ts';
import type { Schema } from './schema.ts';
import { keepableId, sought } from './text.ts';

const clientColumns = ['id', 'metadata', 'updated_at'] as const;

/** The clients of `db`; `now` dates what is written. */
export function clientsIn(db: Kysely<Schema>, now: () => Date): Records['clients'] {
  return {
    async put(id, metadata) {
      const row = { metadata: JSON.stringify(metadata), updated_at: now().getTime() };
      for (;;) {
        const added = await db
          .insertInto('clients')
          .values({ id: keepableId('the client id', id), ...row })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst();
        if (added.numInsertedOrUpdatedRows) return 'added';

        const found = await db.selectFrom('clients').select('metadata').where('id', '=', id).executeTakeFirst();
        if (found && isDeepStrictEqual(JSON.parse(found.metadata), JSON.parse(row.metadata))) return 'unchanged';

        const changed = await db.updateTable('clients').set(row).where('id', '=', id).executeTakeFirst();
        if (changed.numUpdatedRows) return 'changed';
        // Removed between these statements: add it.
      }
    },

    async find(id) {
      const row = await db.selectFrom('clients').select(clientColumns).where('id', '=', sought(id)).executeTakeFirst();
      return row && clientOf(row);
    },

    async list() {
      const rows = await db.selectFrom('clients').select(clientColumns).orderBy('id').execute();
      return rows.map(clientOf);
    },

    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom('clients').where('id', '=', sought(id)).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function clientOf(row: Selectable<Schema['clients']>): ClientRecord {
  return { id: row.id, metadata: JSON.parse(row.metadata), updatedAt: new Date(row.updated_at) };
}

/** The consents of `db`, dated by `now`: one row a scope. */
export function consentsIn(db: Kysely<Schema>, now: () => Date): Records['consents'] {
  return {
    async find(accountId, clientId) {
      const rows = await db
        .selectFrom('consents')
        .select(['scope', 'granted_at'])
        .where('account_id', '=', sought(accountId))
        .where('client_id', '=', sought(clientId))
        .orderBy('scope')
        .execute();
      if (rows.length === 0) return undefined;
      const grantedAt = new Date(Math.max(...rows.map(({ granted_at }) => granted_at)));
      return { accountId, clientId, scopes: rows.map(({ scope }) => scope), grantedAt };
    },

    async list(accountId) {
      const rows = await db
        .selectFrom('consents')
        .select(['client_id', 'scope', 'granted_at'])
        .where('account_id', '=', sought(accountId))
        .orderBy('client_id')
        .orderBy('scope')
        .execute();
      const byClient = Map.groupBy(rows, ({ client_id }) => client_id);
      return [...byClient].map(([clientId, own]) => ({
        accountId,
        clientId,
        scopes: own.map(({ scope }) => scope),
        grantedAt: new Date(Math.max(...own.map(({ granted_at }) => granted_at))),
      }));
    },

    async remove(accountId, clientId) {
      const { numDeletedRows } = await db
        .deleteFrom('consents')
        .where('account_id', '=', sought(accountId))
        .where('client_id', '=', sought(clientId))
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async allow(accountId, clientId, scopes) {
      if (scopes.length === 0) return;
      const granted = { account_id: accountId, client_id: clientId, granted_at: now().getTime() };
      // Sorted, so that two writers lock the rows they share in the same order and neither waits for ever.
      const rows = [...new Set(scopes)].sort().map((scope) => ({ ...granted, scope: keepableId('the scope', scope) }));
      await db
        .insertInto('consents')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['account_id', 'client_id', 'scope'])
            .doUpdateSet(({ ref }) => ({ granted_at: ref('excluded.granted_at') })),
        )
        .execute();
    },
  };
}
