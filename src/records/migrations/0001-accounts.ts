/**
 * Accounts and their credentials.
 *
 * Built for ten million accounts. Sign-in asks by `username_key`, every later request by `id`: one unique index each,
 * and a list walks `username_key` from where the page before ended, without counting. Credentials are only ever asked
 * of one account, so their primary key starts with it: it finds them, allows one password each (whose id is empty),
 * and serves the foreign key. E-mail addresses are not asked by, and not indexed.
 */

import type { Kysely, Migration } from 'kysely';
import { spelling } from './spelling.ts';

export const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    const { key } = spelling(db);
    await db.schema
      .createTable('accounts')
      .addColumn('id', key, (column) => column.primaryKey().notNull())
      .addColumn('username', 'text', (column) => column.notNull())
      .addColumn('username_key', key, (column) => column.notNull().unique())
      .addColumn('email', 'text')
      .addColumn('email_verified', 'integer', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('birth_name', 'text')
      .addColumn('birth_date', 'text')
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('credentials')
      .addColumn('account_id', key, (column) => column.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('method', key, (column) => column.notNull())
      .addColumn('id', key, (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('credentials_key', ['account_id', 'method', 'id'])
      .execute();
  },
};
