/**
 * Accounts and their password hashes in SQL. What must be decided once (a free user name, a hash that is still the one
 * that was read) is decided by one statement, not by reading first.
 */

import { randomUUID } from 'node:crypto';
import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { credentialRow } from './credentials.ts';
import { addNotice } from './notices.ts';
import {
  type Account,
  type AccountChange,
  type NewAccount,
  type NewNotice,
  type Records,
  TextRefused,
  UsernameTaken,
} from './records.ts';
import type { Schema } from './schema.ts';
import { keepable, sought, usernameKey } from './text.ts';

const accountColumns = [
  'accounts.id',
  'username',
  'email',
  'email_verified',
  'name',
  'birth_name',
  'birth_date',
  'locale',
  'status',
  'accounts.created_at',
  'accounts.updated_at',
  'valid_since',
  'held_since',
  'held_until',
  'former_email',
  'notice_email',
  'delete_at',
] as const;

/** The methods that an account has credentials of, in one text. */
const setUp = sql<string | null>`(
  select string_agg(method, ' ') from (select distinct method from credentials as own where own.account_id = accounts.id) as methods
)`.as('set_up');

/** The accounts of `db`; `now` dates what is written. */
export function accountsIn(db: Kysely<Schema>, now: () => Date): Records['accounts'] {
  const account = db.selectFrom('accounts').select(accountColumns).select(setUp);
  const touched = () => ({ updated_at: now().getTime() });
  const endsSessions = () => ({ valid_since: now().getTime() });

  /** False when there is no such account. */
  async function writePassword(to: Kysely<Schema>, id: string, hash: string): Promise<boolean> {
    const at = now().getTime();
    const { numInsertedOrUpdatedRows } = await to
      .insertInto('credentials')
      .columns(['account_id', 'method', 'id', 'data', 'created_at', 'updated_at'])
      .expression((from) =>
        from
          .selectFrom('accounts')
          .select(({ val, cast }) => [
            'accounts.id as account_id',
            sql.lit('password').as('method'),
            sql.lit('').as('id'),
            val(passwordData(hash)).as('data'),
            cast<number>(val(at), 'bigint').as('created_at'),
            cast<number>(val(at), 'bigint').as('updated_at'),
          ])
          .where('accounts.id', '=', sought(id)),
      )
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'method', 'id']).doUpdateSet(({ ref }) => ({
          data: ref('excluded.data'),
          updated_at: ref('excluded.updated_at'),
        })),
      )
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /** Runs `change`, and writes `notice` with it, in one transaction. */
  function told(id: string, notice: NewNotice | undefined, change: (to: Kysely<Schema>) => Promise<boolean>) {
    if (!notice) return change(db);
    return db.transaction().execute(async (transaction) => {
      const changed = await change(transaction);
      if (changed) await addNotice(transaction, id, notice, now());
      return changed;
    });
  }

  return {
    async add(given, passwordHash) {
      const row = newAccount(given, now());
      return db.transaction().execute(async (transaction) => {
        const added = await transaction
          .insertInto('accounts')
          .values(row)
          .onConflict((conflict) => conflict.column('username_key').doNothing())
          .executeTakeFirst();
        if (!added.numInsertedOrUpdatedRows) throw new UsernameTaken('the user name is taken');
        if (passwordHash !== undefined) {
          const credential = { account_id: row.id, method: 'password', id: '', data: passwordData(passwordHash) };
          const at = row.created_at;
          await transaction
            .insertInto('credentials')
            .values({ ...credential, created_at: at, updated_at: at })
            .execute();
        }
        return accountOf({ ...row, set_up: passwordHash === undefined ? null : 'password' });
      });
    },

    async find(id) {
      const row = await account.where('accounts.id', '=', sought(id)).executeTakeFirst();
      return row && accountOf(row);
    },

    async findForPassword(username) {
      const row = await account
        .leftJoin('credentials', (join) =>
          join
            .onRef('credentials.account_id', '=', 'accounts.id')
            .on('credentials.method', '=', 'password')
            .on('credentials.id', '=', ''),
        )
        .select('credentials.data')
        .where('username_key', '=', usernameKey(username) ?? '')
        .executeTakeFirst();
      if (!row) return undefined;
      return { account: accountOf(row), passwordHash: row.data === null ? undefined : JSON.parse(row.data).hash };
    },

    async findByUsername(username) {
      const row = await account.where('username_key', '=', usernameKey(username) ?? '').executeTakeFirst();
      return row && accountOf(row);
    },

    async list({ limit, after }) {
      const rows = await account
        .where('username_key', '>', after === undefined ? '' : (usernameKey(after) ?? ''))
        .orderBy('username_key')
        .limit(limit)
        .execute();
      return rows.map(accountOf);
    },

    setStatus: (id, status, notice) =>
      told(id, notice, async (to) => {
        const { numUpdatedRows } = await to
          .updateTable('accounts')
          // Whoever is let in again later begins anew (ASVS 7.4.2).
          .set({ status, ...touched(), ...(status === 'disabled' && endsSessions()) })
          .where('id', '=', sought(id))
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),

    endSessions: (id, notice) =>
      told(id, notice, async (to) => {
        const { numUpdatedRows } = await to
          .updateTable('accounts')
          .set({ ...touched(), ...endsSessions() })
          .where('id', '=', sought(id))
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),

    setPassword: (id, hash, notice) =>
      db.transaction().execute(async (transaction) => {
        await transaction.updateTable('accounts').set(endsSessions()).where('id', '=', sought(id)).execute();
        const set = await writePassword(transaction, id, hash);
        if (set && notice) await addNotice(transaction, id, notice, now());
        return set;
      }),

    change: (id, change, { notices = [], seen } = {}) =>
      db.transaction().execute(async (transaction) => {
        const at = now();
        const hold = seen?.hold;
        const changed = await transaction
          .updateTable('accounts')
          .set({ ...columnsOf(change), ...touched(), ...(change.endSessions && endsSessions()) })
          .where('id', '=', sought(id))
          .$if(seen !== undefined, (query) =>
            query
              .where('email', 'is not distinct from', seen!.email ?? null)
              .where('held_since', 'is not distinct from', hold?.since.getTime() ?? null)
              .where('held_until', 'is not distinct from', hold?.until?.getTime() ?? null),
          )
          .executeTakeFirst();
        if (!changed.numUpdatedRows) return false;
        if (change.passwordHash !== undefined) await writePassword(transaction, id, change.passwordHash);
        const own = transaction.deleteFrom('credentials').where('account_id', '=', id);
        if (change.clear?.length) await own.where('method', 'in', change.clear).execute();
        const added = change.add?.map((credential) => credentialRow(id, credential, at)) ?? [];
        if (added.length > 0) await transaction.insertInto('credentials').values(added).execute();
        for (const notice of notices) await addNotice(transaction, id, notice, at);
        return true;
      }),

    async rehashPassword(id, previous, hash) {
      const { numUpdatedRows } = await db
        .updateTable('credentials')
        .set({ data: passwordData(hash), updated_at: now().getTime() })
        .where('account_id', '=', sought(id))
        .where('method', '=', 'password')
        .where('id', '=', '')
        .where('data', '=', passwordData(previous))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

const passwordData = (hash: string): string => JSON.stringify({ hash });

function newAccount(given: NewAccount, at: Date): Selectable<Schema['accounts']> {
  const key = usernameKey(given.username);
  if (key === undefined) {
    throw new TextRefused('a user name is 1 to 255 characters long, without control characters');
  }
  const optional = (what: string, text: string | undefined) => (text === undefined ? null : keepable(what, text));
  return {
    id: randomUUID(),
    username: given.username,
    username_key: key,
    email: optional('the e-mail address', given.email),
    email_verified: given.emailVerified ? 1 : 0,
    name: optional('the name', given.name),
    birth_name: optional('the birth name', given.birthName),
    birth_date: optional('the birth date', given.birthDate),
    locale: given.locale,
    status: 'active',
    created_at: at.getTime(),
    updated_at: at.getTime(),
    valid_since: null,
    held_since: null,
    held_until: null,
    former_email: null,
    notice_email: null,
    delete_at: null,
  };
}

const timeOf = (at: number | null): Date | undefined => (at === null ? undefined : new Date(at));

/** The columns that `change` writes. Throws TextRefused. */
function columnsOf(change: AccountChange): Partial<Insertable<Schema['accounts']>> {
  const text = (what: string, given: string | null | undefined) =>
    typeof given === 'string' ? keepable(what, given) : given;
  const { email, emailVerified, formerEmail, noticeEmail, hold, deleteAt } = change;
  const all = {
    email: text('the e-mail address', email),
    email_verified: emailVerified === undefined ? undefined : emailVerified ? 1 : 0,
    former_email: text('the former address', formerEmail),
    notice_email: text('the second address', noticeEmail),
    held_since: hold === null ? null : hold?.since.getTime(),
    held_until: hold === null ? null : hold && (hold.until?.getTime() ?? null),
    delete_at: deleteAt === null ? null : deleteAt?.getTime(),
  } as const;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

type AccountRow = Omit<Selectable<Schema['accounts']>, 'username_key'> & { set_up: string | null };

function accountOf(row: AccountRow): Account {
  return {
    id: row.id,
    username: row.username,
    email: row.email ?? undefined,
    emailVerified: row.email_verified === 1,
    name: row.name ?? undefined,
    birthName: row.birth_name ?? undefined,
    birthDate: row.birth_date ?? undefined,
    locale: row.locale as Account['locale'],
    status: row.status as Account['status'],
    validSince: timeOf(row.valid_since),
    hold: row.held_since === null ? undefined : { since: new Date(row.held_since), until: timeOf(row.held_until) },
    formerEmail: row.former_email ?? undefined,
    noticeEmail: row.notice_email ?? undefined,
    deleteAt: timeOf(row.delete_at),
    setUp: row.set_up?.split(' ') ?? [],
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}
