/**
 * What people keep right themselves (docs/decisions/023): how long the mailbox alone counts for nothing, the address before a
 * change, a second address for notices, when an account that was given up is removed; and of each credential the name that its
 * owner gave it and its last use. An index finds a credential that names nobody, such as a passkey.
 */

import type { Kysely, Migration } from 'kysely';

export const myAccount: Migration = {
  async up(db: Kysely<unknown>) {
    const add = async (table: string, type: 'bigint' | 'text', ...columns: string[]) => {
      // SQLite adds one column a statement.
      for (const column of columns) await db.schema.alterTable(table).addColumn(column, type).execute();
    };
    await add('accounts', 'bigint', 'held_since', 'held_until', 'delete_at');
    await add('accounts', 'text', 'former_email', 'notice_email');
    // Not `name`: queries of the version before name a column of accounts by that alone.
    await add('credentials', 'text', 'label');
    await add('credentials', 'bigint', 'used_at');
    const byId = db.schema.createIndex('credentials_by_id').on('credentials').columns(['method', 'id']);
    await byId.where('id', '<>', '').execute();
    const toDelete = db.schema.createIndex('accounts_to_delete').on('accounts').column('delete_at');
    await toDelete.where('delete_at', 'is not', null).execute();
  },
};
