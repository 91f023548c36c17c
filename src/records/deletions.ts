/** Accounts that their owners have given up, in SQL: of several processes one takes an account on, and one removes it. */

import type { Kysely } from 'kysely';
import type { Records } from './records.ts';
import type { Schema } from './schema.ts';
import { sought } from './text.ts';

/** The deletions that are due in `db`; `now` says which are. */
export function deletionsIn(db: Kysely<Schema>, now: () => Date): Records['deletions'] {
  return {
    async claim(lease) {
      const at = now().getTime();
      const row = await db
        .updateTable('accounts')
        .set({ delete_at: at + lease })
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('accounts').select('id').where('delete_at', '<=', at).orderBy('delete_at').limit(1),
        )
        // Whoever waited for another's claim finds that it is not due any more.
        .where('delete_at', '<=', at)
        .returning(['id', 'delete_at'])
        .executeTakeFirst();
      return row && { accountId: row.id, deleteAt: new Date(row.delete_at!) };
    },

    async remove({ accountId, deleteAt }) {
      const { numDeletedRows } = await db
        .deleteFrom('accounts')
        .where('id', '=', sought(accountId))
        .where('delete_at', '=', deleteAt.getTime())
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
