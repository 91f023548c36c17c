/**
 * The outbox of notices in SQL. Who is to be told, and where, is read from the account in the statement that writes the notice;
 * who sends it is decided in the statement that claims it.
 */

import { randomUUID } from 'node:crypto';
import { type Insertable, type Kysely, sql } from 'kysely';
import { isSqlite } from './many-rows.ts';
import type { Locale, NewNotice, Notice, Records } from './records.ts';
import type { Schema } from './schema.ts';
import { mended, sought } from './text.ts';

/** The notices of `db`; `now` dates them, and says which are due. */
export function noticesIn(db: Kysely<Schema>, now: () => Date): Records['notices'] {
  const sqlite = isSqlite(db);
  const found = ({ numUpdatedRows }: { numUpdatedRows: bigint }) => numUpdatedRows > 0n;
  return {
    add: (accountId, notice) =>
      db.transaction().execute((transaction) => addNotice(transaction, accountId, notice, now())),

    async claim({ kinds, lease }) {
      const at = now().getTime();
      const row = await db
        .with('due', (from) =>
          from
            .selectFrom('notices')
            .select('id')
            .where('due_at', '<=', at)
            .where('kind', 'in', kinds)
            .orderBy('due_at')
            .limit(1)
            // SQLite has one writer at a time.
            .$if(!sqlite, (query) => query.forUpdate().skipLocked()),
        )
        .updateTable('notices')
        .set(({ eb }) => ({ due_at: at + lease, tries: eb('tries', '+', 1) }))
        .where('id', 'in', ({ selectFrom }) => selectFrom('due').select('due.id'))
        .returning(['id', 'account_id', 'kind', 'email', 'locale', 'detail', 'at', 'tries'])
        .executeTakeFirst();
      return row && noticeOf(row);
    },

    async sent(id) {
      const { numDeletedRows } = await db.deleteFrom('notices').where('id', '=', sought(id)).executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async retry(id, at) {
      const due = db.updateTable('notices').set({ due_at: at.getTime() }).where('id', '=', sought(id));
      return found(await due.where('due_at', 'is not', null).executeTakeFirst());
    },

    async failed(id, reason) {
      // What it was to say is of no use any more.
      const given = { due_at: null, failed_at: now().getTime(), reason: mended(reason), detail: null };
      const waiting = db.updateTable('notices').set(given).where('id', '=', sought(id)).where('due_at', 'is not', null);
      return found(await waiting.executeTakeFirst());
    },

    async oldest(kinds) {
      const waiting = db.selectFrom('notices').select(({ fn }) => fn.min('at').as('at'));
      const { at } = await waiting
        .where('due_at', 'is not', null)
        .$if(kinds !== undefined, (query) => query.where('kind', 'in', kinds!))
        .executeTakeFirstOrThrow();
      return at === null ? undefined : new Date(at);
    },

    async purge(before) {
      const { numDeletedRows } = await db
        .deleteFrom('notices')
        .where('failed_at', '<', before.getTime())
        .where('due_at', 'is', null)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/**
 * Adds `notice` by `to`, a transaction perhaps, once for each confirmed address of the account, and where it is `toLeft` of those that
 * were in `left` before. False where it has none.
 */
export async function addNotice(
  to: Kysely<Schema>,
  accountId: string,
  notice: NewNotice,
  now: Date,
  left: readonly Addressed[] = [],
): Promise<boolean> {
  let added = false;
  if (notice.toLeft) {
    const kept = (await addressesOf(to, accountId, now)).map(({ email }) => email);
    const gone = left.filter(({ email }) => !kept.includes(email)).map((each) => noticeRow(notice, each, now));
    if (gone.length > 0) await to.insertInto('notices').values(gone).execute();
    added = gone.length > 0;
  }
  for (const address of notice.toFirst ? addresses.slice(0, 1) : addresses)
    added = (await addNoticeTo(to, address, accountId, notice, now)) || added;
  return added;
}

/** Where an account's addresses stand, in the order in which the same one in two counts. */
const addresses = ['email', 'notice_email', 'former_email'] as const;
type Address = (typeof addresses)[number];

type Addressed = Pick<Notice, 'accountId' | 'email' | 'locale'>;

/** The confirmed addresses of an account, each once: where notices of it go at `now`. */
export async function addressesOf(to: Kysely<Schema>, accountId: string, now: Date): Promise<Addressed[]> {
  const at = (address: Address) =>
    confirmed(to, address, accountId, now).select(({ ref }) => [
      'accounts.id as accountId',
      ref(address).$notNull().as('email'),
      'locale',
    ]);
  const rows = await at('email').unionAll(at('notice_email')).unionAll(at('former_email')).execute();
  return rows.map((each) => ({ ...each, locale: each.locale as Locale }));
}

/** Adds `notice` for one of the account's addresses. */
async function addNoticeTo(
  to: Kysely<Schema>,
  address: Address,
  accountId: string,
  { kind, detail, onlyAfter }: NewNotice,
  now: Date,
): Promise<boolean> {
  const at = now.getTime();
  const { numInsertedOrUpdatedRows } = await to
    .insertInto('notices')
    .columns(['id', 'account_id', 'kind', 'email', 'locale', 'detail', 'at', 'due_at', 'tries'])
    .expression(
      confirmed(to, address, accountId, now)
        .select(({ val, cast, ref }) => [
          val(randomUUID()).as('id'),
          'accounts.id as account_id',
          val(kind).as('kind'),
          ref(address).$notNull().as('email'),
          'locale',
          val(detailOf(detail)).as('detail'),
          cast<number>(val(at), 'bigint').as('at'),
          cast<number>(val(at), 'bigint').as('due_at'),
          sql.lit(0).as('tries'),
        ])
        .$if(onlyAfter !== undefined, (query) =>
          query.where(({ exists, selectFrom }) =>
            exists(
              selectFrom('audit')
                .select(sql.lit(1).as('one'))
                .whereRef('audit.account_id', '=', 'accounts.id')
                .where('audit.event', '=', onlyAfter!),
            ),
          ),
        ),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The account, if notices of it go to this one of its addresses at `now`, and to none before it that is the same. */
function confirmed(db: Kysely<Schema>, address: Address, accountId: string, now: Date) {
  return (
    db
      .selectFrom('accounts')
      .where('accounts.id', '=', sought(accountId))
      .where(address, 'is not', null)
      // The others are kept only once they are confirmed.
      .$if(address === 'email', (query) => query.where('email_verified', '=', 1))
      .$if(address !== 'email', (query) =>
        query.where(({ or, eb }) =>
          or([eb(address, 'is distinct from', eb.ref('email')), eb('email_verified', '=', 0)]),
        ),
      )
      .$if(address === 'former_email', (query) =>
        query
          .where('former_email', 'is distinct from', ({ ref }) => ref('notice_email'))
          // It is of before a hold; once that has passed it is nobody's.
          .where(({ eb, or }) =>
            or([eb('held_since', 'is', null), eb('held_until', 'is', null), eb('held_until', '>', now.getTime())]),
          ),
      )
  );
}

/** The row of a notice for an account that is being added. */
export function noticeRow(
  { kind, detail }: NewNotice,
  { accountId, email, locale }: Pick<Notice, 'accountId' | 'email' | 'locale'>,
  now: Date,
): Insertable<Schema['notices']> {
  const at = now.getTime();
  return {
    ...{ id: randomUUID(), account_id: accountId, kind, email, locale },
    ...{ detail: detailOf(detail), at, due_at: at, tries: 0 },
  };
}

const detailOf = (detail: NewNotice['detail']) => (detail ? JSON.stringify(detail, mendedValue) : null);

/** As JSON.stringify calls it for each value. */
function mendedValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? mended(value) : value;
}

function noticeOf(row: {
  id: string;
  account_id: string;
  kind: string;
  email: string;
  locale: string;
  detail: string | null;
  at: number;
  tries: number;
}): Notice {
  const { id, kind, email, tries } = row;
  return {
    ...{ id, kind, email, tries, accountId: row.account_id, locale: row.locale as Locale, at: new Date(row.at) },
    detail: row.detail === null ? {} : JSON.parse(row.detail),
  };
}
