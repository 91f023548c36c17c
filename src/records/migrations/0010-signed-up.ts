/**
 * Which accounts people have made themselves: no import takes one of those for the account that a register has of somebody. Those of
 * before are taken for an operator's: no released version had another way.
 */

import type { Kysely, Migration } from 'kysely';

export const signedUp: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('accounts').addColumn('signed_up', 'integer').execute();
  },
};
