/**
 * Chains over the audit (docs/decisions/012): each process that writes has one, and an entry's hash stands on the entry
 * before it. Entries of before, and of a version that runs beside this one, have none. No number is in a chain twice.
 */

import type { Kysely, Migration } from 'kysely';
import { spelling } from './spelling.ts';

export const auditChains: Migration = {
  async up(db: Kysely<unknown>) {
    const { key } = spelling(db);
    await db.schema.alterTable('audit').addColumn('writer', key).execute();
    await db.schema.alterTable('audit').addColumn('number', 'bigint').execute();
    await db.schema.alterTable('audit').addColumn('link', 'text').execute();
    await db.schema.alterTable('audit').addColumn('hash', 'text').execute();
    await db.schema
      .createIndex('audit_in_chains')
      .unique()
      .on('audit')
      .columns(['writer', 'number'])
      .where('writer', 'is not', null)
      .execute();
  },
};
