/** The audit in SQL: entries are appended and read, never changed. */

import type { Insertable, Kysely, Selectable } from 'kysely';
import type { AuditEntry, Records } from './records.ts';
import type { Schema } from './schema.ts';
import { mended, sought } from './text.ts';

const longestDetail = 1000;

/** The audit of `db`; entries bring their own time. */
export function auditIn(db: Kysely<Schema>): Records['audit'] {
  return {
    async append(entry) {
      await db.insertInto('audit').values(auditRow(entry)).execute();
    },

    async list({ accountId, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(['at', 'event', 'reference', 'account_id', 'client_id', 'origin', 'detail'])
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', sought(accountId!)))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(auditEntryOf);
    },
  };
}

function auditRow(entry: AuditEntry): Insertable<Schema['audit']> {
  const optional = (text: string | undefined) => (text === undefined ? null : mended(text));
  return {
    at: entry.at.getTime(),
    event: mended(entry.event),
    reference: optional(entry.reference),
    account_id: optional(entry.accountId),
    client_id: optional(entry.clientId),
    origin: optional(entry.origin),
    detail: entry.detail ? JSON.stringify(entry.detail, cut) : null,
  };
}

/** As JSON.stringify calls it for each value: texts are cut like all others. */
function cut(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? mended(value, longestDetail) : value;
}

function auditEntryOf(row: Omit<Selectable<Schema['audit']>, 'id'>): AuditEntry {
  return {
    at: new Date(row.at),
    event: row.event,
    reference: row.reference ?? undefined,
    accountId: row.account_id ?? undefined,
    clientId: row.client_id ?? undefined,
    origin: row.origin ?? undefined,
    detail: row.detail === null ? undefined : JSON.parse(row.detail),
  };
}
