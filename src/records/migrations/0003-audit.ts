/**
 * The audit: the table that grows fastest, with several rows a sign-in. It is read newest first, in all (by the
 * primary key) or for one account; entries without an account stay out of that index. No foreign keys: what happened
 * stays written when an account or a client is gone.
 */

import type { Kysely, Migration } from 'kysely';
import { spelling } from './spelling.ts';

export const audit: Migration = {
  async up(db: Kysely<unknown>) {
    const { key, counter, counted } = spelling(db);
    await db.schema
      .createTable('audit')
      .addColumn('id', counter, counted)
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('reference', 'text')
      .addColumn('account_id', key)
      .addColumn('client_id', 'text')
      .addColumn('origin', 'text')
      .addColumn('detail', 'text')
      .execute();
    await db.schema
      .createIndex('audit_of_account')
      .on('audit')
      .columns(['account_id', 'id'])
      .where('account_id', 'is not', null)
      .execute();
  },
};
