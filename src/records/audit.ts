/** The audit in SQL: entries are appended, each in its chain, and read, never changed. */

import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import { type Chained, chainInto, headIn, type Said, textOf } from './chain.ts';
import { prepared } from './prepared.ts';
import type { AuditEntry, ChainedEntry, Head, KeptEntry, Records } from './records.ts';
import type { Schema } from './schema.ts';
import { mended, sought } from './text.ts';

const longestDetail = 1000;

const said = ['at', 'event', 'reference', 'account_id', 'client_id', 'origin', 'detail'] as const;
const all = ['id', ...said, 'writer', 'number', 'link', 'hash'] as const;
const head = ['writer', 'number', 'at', 'hash'] as const;

type Kept = Selectable<Schema['audit']>;

/** Of a row, in the order in which they are written. */
const columns = [...said, 'writer', 'number', 'link', 'hash'] as const;

/** The audit of `db`; entries bring their own time. */
export function auditIn(db: Kysely<Schema>): Records['audit'] {
  const inserts = new Map<number, ReturnType<typeof insertOf>>();
  /** A statement of so many rows; chains come in few lengths. */
  const insertOf = (count: number) =>
    prepared(db, (...values: unknown[]) =>
      db.insertInto('audit').values(
        Array.from({ length: count }, (_, n) => {
          const own = values.slice(n * columns.length, (n + 1) * columns.length);
          return Object.fromEntries(columns.map((name, at) => [name, own[at]])) as never;
        }),
      ),
    );
  const chain = chainInto({
    async insert(rows: Chained[]) {
      const insert = inserts.get(rows.length) ?? insertOf(rows.length);
      inserts.set(rows.length, insert);
      await insert(...rows.flatMap((row) => columns.map((name) => row[name])));
    },
    newest: async () =>
      asHead(await db.selectFrom('audit').select(head).orderBy('id', 'desc').limit(1).executeTakeFirst()),
  });
  return {
    append: async (entry) => chain(saidBy(entry)),

    async list({ accountId, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(said)
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', sought(accountId!)))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(entryOf);
    },

    async recent({ accountId, event, before, since, until, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(all)
        .where('account_id', '=', sought(accountId))
        .$if(event !== undefined, (query) => query.where('event', '=', event!))
        .$if(before !== undefined, (query) => query.where('id', '<', before!))
        .$if(since !== undefined, (query) => query.where('at', '>=', since!.getTime()))
        .$if(until !== undefined, (query) => query.where('at', '<=', until!.getTime()))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(keptOf);
    },

    async clientsIn(accountId, event, limit) {
      const latest = db
        .selectFrom('audit')
        .select(['client_id', 'at'])
        .where('account_id', '=', sought(accountId))
        .where('event', '=', event)
        .where('client_id', 'is not', null)
        .orderBy('id', 'desc')
        .limit(limit);
      const rows = await db
        .selectFrom(latest.as('latest'))
        .select(({ fn }) => ['client_id', fn.min<number>('at').as('first'), fn.max<number>('at').as('last')])
        .groupBy('client_id')
        .orderBy('last', 'desc')
        .execute();
      return rows.map(({ client_id, first, last }) => ({
        clientId: client_id!,
        first: new Date(Number(first)),
        last: new Date(Number(last)),
      }));
    },

    async page({ after = 0, accountId, since, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(all)
        .where('id', '>', after)
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', sought(accountId!)))
        .$if(since !== undefined, (query) => query.where('at', '>=', since!.getTime()))
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(keptOf);
    },

    async chained({ after, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(all)
        .where('writer', 'is not', null)
        .where('number', 'is not', null)
        .$if(after !== undefined, (query) => {
          const { writer, number, id } = after!;
          return query.where(sql<SqlBool>`(writer, number, id) > (${writer}, ${number}, ${id})`);
        })
        .orderBy('writer')
        .orderBy('number')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(chainedOf);
    },

    async unchained({ after = 0, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(all)
        .where(({ eb, or }) => or([eb('writer', 'is', null), eb('number', 'is', null)]))
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ id: row.id, at: new Date(row.at), event: row.event, text: textOf(row) }));
    },

    async seen({ writer, number }) {
      const query = db.selectFrom('audit').select(head).where('writer', '=', writer).where('number', '=', number);
      return asHead(await query.limit(1).executeTakeFirst());
    },

    async heads({ after = '', below, limit }) {
      const heads: Head[] = [];
      for (let writer = after; heads.length < limit; ) {
        // From one chain to the next by the index, past all the entries between.
        const next = await db
          .selectFrom('audit')
          .select('writer')
          .where('writer', '>', writer)
          .orderBy('writer')
          .limit(1)
          .executeTakeFirst();
        if (!next) break;
        writer = next.writer!;
        const last = await db
          .selectFrom('audit')
          .select(head)
          .where('writer', '=', writer)
          .where('number', 'is not', null)
          .$if(below !== undefined, (query) => query.where('id', '<', below!))
          .orderBy('number', 'desc')
          .limit(1)
          .executeTakeFirst();
        const found = asHead(last);
        if (found) heads.push(found);
      }
      return heads;
    },

    async firstSince(at) {
      const query = db.selectFrom('audit').select('id').where('at', '>=', at.getTime()).orderBy('id').limit(1);
      return (await query.executeTakeFirst())?.id;
    },
  };
}

function saidBy(entry: AuditEntry): Said {
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

function entryOf(row: Pick<Kept, (typeof said)[number]>): AuditEntry {
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

function keptOf(row: Kept): KeptEntry {
  const { id, writer, number, hash, link } = row;
  const chain = writer === null ? undefined : { writer, number: number!, hash: hash!, link: link ?? undefined };
  return { id, ...entryOf(row), chain };
}

/** Whatever stands in the row: it may have been tampered with. */
function chainedOf(row: Kept): ChainedEntry {
  const link = row.link === null ? undefined : (headIn(row.link) ?? 'unreadable');
  const { id, event, writer, number, hash } = row;
  const at = new Date(row.at);
  return { id, event, at, writer: writer!, number: number ?? 0, hash: hash ?? '', link, text: textOf(row) };
}

function asHead(row: Pick<Kept, (typeof head)[number]> | undefined): Head | undefined {
  if (!row?.writer) return undefined;
  return { writer: row.writer, number: row.number ?? 0, at: new Date(row.at), hash: row.hash ?? '' };
}
