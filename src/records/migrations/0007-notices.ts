/**
 * The outbox of notices (docs/decisions/020): what people are still to be told by mail. A row is written with what it is
 * about, and taken away when a mail server has taken the mail. The index holds what waits; what was given up has no due time.
 */

import type { Kysely, Migration } from 'kysely';
import { spelling } from './spelling.ts';

export const notices: Migration = {
  async up(db: Kysely<unknown>) {
    const { key } = spelling(db);
    await db.schema
      .createTable('notices')
      .addColumn('id', key, (column) => column.primaryKey().notNull())
      .addColumn('account_id', key, (column) => column.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('email', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('detail', 'text')
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('due_at', 'bigint')
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('failed_at', 'bigint')
      .addColumn('reason', 'text')
      .execute();
    await db.schema.createIndex('notices_due').on('notices').column('due_at').where('due_at', 'is not', null).execute();
    await db.schema.createIndex('notices_of_account').on('notices').column('account_id').execute();
  },
};
