/**
 * Clients, and what people consented to. A removed client takes its consents along, so that another one registered
 * under the same id starts without them; the second index is for that. It holds one value a client, which both
 * databases store compactly.
 */

import type { Kysely, Migration } from 'kysely';
import { spelling } from './spelling.ts';

export const clients: Migration = {
  async up(db: Kysely<unknown>) {
    const { key } = spelling(db);
    await db.schema
      .createTable('clients')
      .addColumn('id', key, (column) => column.primaryKey().notNull())
      .addColumn('metadata', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('consents')
      .addColumn('account_id', key, (column) => column.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('client_id', key, (column) => column.notNull().references('clients.id').onDelete('cascade'))
      .addColumn('scope', key, (column) => column.notNull())
      .addColumn('granted_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('consents_key', ['account_id', 'client_id', 'scope'])
      .execute();
    await db.schema.createIndex('consents_of_client').on('consents').column('client_id').execute();
  },
};
