/** Which client still used which retired spelling of a level, and when last. A few rows in all: one a client and alias. */

import type { Kysely, Migration } from 'kysely';
import { spelling } from './spelling.ts';

export const aliasUses: Migration = {
  async up(db: Kysely<unknown>) {
    const { key } = spelling(db);
    await db.schema
      .createTable('alias_uses')
      .addColumn('client_id', key, (column) => column.notNull().references('clients.id').onDelete('cascade'))
      .addColumn('alias', key, (column) => column.notNull())
      .addColumn('used_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('alias_uses_key', ['client_id', 'alias'])
      .execute();
  },
};
