/** What people prove who they are with, in SQL. What must be decided once, a use or a removal, is decided by one statement. */

import type { Insertable, Kysely, Selectable } from 'kysely';
import { addNotice } from './notices.ts';
import type { Credential, NewCredential, NewNotice, Records } from './records.ts';
import type { Schema } from './schema.ts';
import { keepable, keepableId, keepableName, sought } from './text.ts';

const columns = ['method', 'id', 'data', 'label', 'created_at', 'used_at'] as const;

/** The credentials of `db`; `now` dates what is written. */
export function credentialsIn(db: Kysely<Schema>, now: () => Date): Records['credentials'] {
  /** Runs `change` and writes `notice` with it, in one transaction. */
  function told(id: string, notice: NewNotice | undefined, change: (to: Kysely<Schema>) => Promise<boolean>) {
    return db.transaction().execute(async (transaction) => {
      const changed = await change(transaction);
      if (changed && notice) await addNotice(transaction, id, notice, now());
      return changed;
    });
  }

  return {
    async list(accountId, method) {
      const rows = await db
        .selectFrom('credentials')
        .select(columns)
        .where('account_id', '=', sought(accountId))
        .$if(method !== undefined, (query) => query.where('method', '=', sought(method!)))
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(credentialOf);
    },

    async owner(method, id) {
      const row = await db
        .selectFrom('credentials')
        .select(columns)
        .select('account_id')
        .where('method', '=', sought(method))
        .where('id', '=', sought(id))
        .where('id', '<>', '')
        .executeTakeFirst();
      return row && { accountId: row.account_id, credential: credentialOf(row) };
    },

    add: (accountId, credential, notice) =>
      told(accountId, notice, async (to) => {
        const known = await to
          .selectFrom('accounts')
          .select('id')
          .where('id', '=', sought(accountId))
          .executeTakeFirst();
        if (!known) return false;
        const added = await to
          .insertInto('credentials')
          .values(credentialRow(known.id, credential, now()))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
      }),

    async use(accountId, previous, data) {
      const at = now().getTime();
      const { numUpdatedRows } = await db
        .updateTable('credentials')
        .set({ data: JSON.stringify(data), used_at: at, updated_at: at })
        .where('account_id', '=', sought(accountId))
        .where('method', '=', sought(previous.method))
        .where('id', '=', sought(previous.id))
        .where('data', '=', JSON.stringify(previous.data))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async rename(accountId, method, id, name) {
      const { numUpdatedRows } = await db
        .updateTable('credentials')
        .set({ label: keepableName(name), updated_at: now().getTime() })
        .where('account_id', '=', sought(accountId))
        .where('method', '=', sought(method))
        .where('id', '=', sought(id))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    remove: (accountId, method, id, notice) =>
      told(accountId, notice, async (to) => {
        const { numDeletedRows } = await to
          .deleteFrom('credentials')
          .where('account_id', '=', sought(accountId))
          .where('method', '=', sought(method))
          .where('id', '=', sought(id))
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),
  };
}

/** The row of a new credential. Throws TextRefused. */
export function credentialRow(
  accountId: string,
  { method, id, data, name }: NewCredential,
  at: Date,
): Insertable<Schema['credentials']> {
  return {
    account_id: accountId,
    method: keepableId('the method', method),
    id: keepable('the id', id, 255),
    data: JSON.stringify(data),
    label: name === undefined ? null : keepableName(name),
    created_at: at.getTime(),
    updated_at: at.getTime(),
    used_at: null,
  };
}

function credentialOf(row: Pick<Selectable<Schema['credentials']>, (typeof columns)[number]>): Credential {
  return {
    method: row.method,
    id: row.id,
    data: JSON.parse(row.data),
    name: row.label ?? undefined,
    createdAt: new Date(row.created_at),
    usedAt: row.used_at === null ? undefined : new Date(row.used_at),
  };
}
