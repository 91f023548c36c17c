/** From when on proofs and tokens of an account count: ending somebody's sessions everywhere is moving this moment. */

import type { Kysely, Migration } from 'kysely';

export const accountValidSince: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('accounts').addColumn('valid_since', 'bigint').execute();
  },
};
