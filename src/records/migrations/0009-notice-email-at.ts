/** When a second address for notices was set: a stop takes away what is younger than a hold lasts (docs/decisions/023). */

import type { Kysely, Migration } from 'kysely';

export const noticeEmailAt: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('accounts').addColumn('notice_email_at', 'bigint').execute();
  },
};
