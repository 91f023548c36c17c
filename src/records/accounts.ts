/**
 * Accounts and their password hashes in SQL. What must be decided once (a free user name, a hash that is still the one
 * that was read) is decided by one statement, not by reading first.
 */

import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { accountColumns, accountOf, accountRow, columnsOf, setUp } from './account-row.ts';
import { credentialRow } from './credentials.ts';
import { insertMany, isSqlite } from './many-rows.ts';
import { addNotice, addressesOf, noticeRow } from './notices.ts';
import { prepared } from './prepared.ts';
import {
  type Arrival,
  activation,
  type Batch,
  type NewCredential,
  type NewNotice,
  type Records,
  type Row,
  UsernameTaken,
} from './records.ts';
import type { Schema } from './schema.ts';
import { sought, usernameKey } from './text.ts';

/** The accounts of `db`; `now` dates what is written. */
export function accountsIn(db: Kysely<Schema>, now: () => Date): Records['accounts'] {
  const account = db.selectFrom('accounts').select(accountColumns).select(setUp);
  const byId = prepared(db, (id: string) => account.where('accounts.id', '=', id));
  const forPassword = prepared(db, (key: string) =>
    account
      .leftJoin('credentials', (join) =>
        join
          .onRef('credentials.account_id', '=', 'accounts.id')
          .on('credentials.method', '=', 'password')
          .on('credentials.id', '=', ''),
      )
      .select('credentials.data')
      .where('username_key', '=', key),
  );

  /** Sets or replaces it, of an account that there is. */
  async function writePassword(to: Kysely<Schema>, id: string, hash: string, at: Date): Promise<void> {
    await to
      .insertInto('credentials')
      .values(credentialRow(id, passwordOf(hash), at))
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'method', 'id']).doUpdateSet(({ ref }) => ({
          data: ref('excluded.data'),
          updated_at: ref('excluded.updated_at'),
        })),
      )
      .execute();
  }

  /** Codes to choose a password with are for the password and the sessions of when they were issued. */
  async function takeCodes(from: Kysely<Schema>, id: string): Promise<void> {
    const codes = from.deleteFrom('credentials').where('account_id', '=', sought(id)).where('method', '=', activation);
    await codes.execute();
  }

  const changeOne: Records['accounts']['change'] = (id, change, { notices = [], seen, provided } = {}) => {
    const made = db.transaction().execute(async (transaction) => {
      const at = now();
      // Whoever is let in again later begins anew (ASVS 7.4.2).
      const ends = change.endSessions || change.status === 'disabled';
      const hold = seen?.hold;
      const left = notices.some(({ toLeft }) => toLeft) ? await addressesOf(transaction, id, at) : [];
      const changed = await transaction
        .updateTable('accounts')
        .set({
          ...columnsOf(change, at),
          updated_at: at.getTime(),
          ...(ends && { valid_since: at.getTime() }),
        })
        .where('id', '=', sought(id))
        .$if(seen !== undefined, (query) =>
          query
            .where('email', 'is not distinct from', seen!.email ?? null)
            .where('former_email', 'is not distinct from', seen!.formerEmail ?? null)
            .where('notice_email', 'is not distinct from', seen!.noticeEmail ?? null)
            .where('delete_at', 'is not distinct from', seen!.deleteAt?.getTime() ?? null)
            .where('status', '=', seen!.status)
            .where('valid_since', 'is not distinct from', seen!.validSince?.getTime() ?? null)
            .where('held_since', 'is not distinct from', hold?.since.getTime() ?? null)
            .where('held_until', 'is not distinct from', hold?.until?.getTime() ?? null),
        )
        .executeTakeFirst();
      if (!changed.numUpdatedRows) return false;
      // After the account was written, so that whoever else changes it waits.
      if (provided) {
        const has = transaction.selectFrom('credentials').select(['method', 'id']).where('account_id', '=', id);
        if (!provided(await has.execute())) throw new Gone();
      }
      if (change.passwordHash !== undefined) await writePassword(transaction, id, change.passwordHash, at);
      const own = transaction.deleteFrom('credentials').where('account_id', '=', id);
      if (change.uses) {
        const { method, id: which, data } = change.uses;
        const one = own.where('method', '=', method).where('id', '=', which).where('data', '=', JSON.stringify(data));
        if (!(await one.executeTakeFirst()).numDeletedRows) throw new Gone();
      }
      if (change.passwordHash !== undefined || ends) await takeCodes(transaction, id);
      if (change.clear?.length) await own.where('method', 'in', change.clear).execute();
      if (change.clearSince?.methods.length) {
        const { methods, since } = change.clearSince;
        await own.where('method', 'in', methods).where('created_at', '>=', since.getTime()).execute();
      }
      const added = change.add?.map((credential) => credentialRow(id, credential, at)) ?? [];
      if (added.length > 0) await transaction.insertInto('credentials').values(added).execute();
      for (const notice of notices) await addNotice(transaction, id, notice, at, left);
      return true;
    });
    return made.catch((fault) => {
      if (fault instanceof Gone) return false;
      throw fault;
    });
  };

  const toldOf = (notice: NewNotice | undefined) => ({ notices: notice ? [notice] : [] });

  return {
    async add(given, passwordHash) {
      const row = accountRow(randomUUID(), given, now());
      return db.transaction().execute(async (transaction) => {
        const added = await transaction
          .insertInto('accounts')
          .values(row)
          .onConflict((conflict) => conflict.column('username_key').doNothing())
          .executeTakeFirst();
        if (!added.numInsertedOrUpdatedRows) throw new UsernameTaken('the user name is taken');
        if (passwordHash !== undefined) {
          const password = credentialRow(row.id, passwordOf(passwordHash), new Date(row.created_at));
          await transaction.insertInto('credentials').values(password).execute();
        }
        return accountOf({ ...row, set_up: passwordHash === undefined ? null : 'password' });
      });
    },

    async addMany(arrivals) {
      const at = now();
      const theirs = (arrival: Arrival) => ({ arrival, row: accountRow(arrival.id, arrival.account, at) });
      // In one order, so that two who add the same ones at once do not wait for each other.
      const all = arrivals.map(theirs).sort((one, other) => (one.row.username_key < other.row.username_key ? -1 : 1));
      return db.transaction().execute(async (transaction) => {
        const free = { behind: 'on conflict (username_key) do nothing returning id' };
        const returned = await insertMany<{ id: string }>(
          transaction,
          batchOf(
            'accounts',
            all.map(({ row }) => row),
          ),
          free,
        );
        const added = new Set(returned.map(({ id }) => id));
        const now = all.map(({ arrival }) => arrival).filter(({ id }) => added.has(id));
        const credentials = now.flatMap(({ id, credentials = [], passwordHash }) =>
          [...credentials, ...(passwordHash === undefined ? [] : [passwordOf(passwordHash)])].map((one) =>
            credentialRow(id, one, at),
          ),
        );
        await insertMany(transaction, batchOf('credentials', credentials));
        const notices = now.flatMap(({ id, account: { email, emailVerified, locale }, notice }) =>
          notice && email !== undefined && emailVerified ? noticeRow(notice, { accountId: id, email, locale }, at) : [],
        );
        await insertMany(transaction, batchOf('notices', notices));
        return added;
      });
    },

    async find(id) {
      const [row] = await byId(sought(id));
      return row && accountOf(row);
    },

    async findMany(usernames) {
      const keys = usernames.flatMap((username) => usernameKey(username) ?? []);
      // One value, so that there is one statement to prepare.
      const among = isSqlite(db)
        ? sql<string>`(select value from json_each(${JSON.stringify(keys)}))`
        : sql<string>`(select unnest(${keys}::text[]))`;
      const rows = await account.where('username_key', 'in', among).execute();
      return rows.map(accountOf);
    },

    async findForPassword(username) {
      const [row] = await forPassword(usernameKey(username) ?? '');
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

    setStatus: (id, status, notice) => changeOne(id, { status }, toldOf(notice)),
    endSessions: (id, notice) => changeOne(id, { endSessions: true }, toldOf(notice)),
    setPassword: (id, hash, notice) => changeOne(id, { passwordHash: hash, endSessions: true }, toldOf(notice)),
    change: changeOne,

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

/** A password as the credential that it is. */
const passwordOf = (hash: string): NewCredential => ({ method: 'password', id: '', data: { hash } });
const passwordData = (hash: string): string => JSON.stringify(passwordOf(hash).data);

/** What a change stands on is not there: all of it is taken back. */
class Gone extends Error {}

/** Rows with the same columns as a batch. */
function batchOf(table: string, rows: readonly object[]): Batch {
  return { table, columns: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row) as Row) };
}
