/** An account as a row, and a row as an account. */

import { type Insertable, type Selectable, sql } from 'kysely';
import type { Account, AccountChange, NewAccount } from './records.ts';
import type { Schema } from './schema.ts';
import { keepable, requireFit, usernameKey } from './text.ts';

/** What is read of an account, beside `setUp`. */
export const accountColumns = [
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
  'notice_email_at',
  'delete_at',
  'signed_up',
] as const;

/** The methods that an account has credentials of, in one text. */
export const setUp = sql<string | null>`(
  select string_agg(method, ' ') from (select distinct method from credentials as own where own.account_id = accounts.id) as methods
)`.as('set_up');

/** The row of a new account. Throws TextRefused. */
export function accountRow(id: string, given: NewAccount, at: Date): Selectable<Schema['accounts']> {
  requireFit(given);
  return {
    id,
    username: given.username,
    username_key: usernameKey(given.username)!,
    email: given.email ?? null,
    email_verified: given.emailVerified ? 1 : 0,
    name: given.name ?? null,
    birth_name: given.birthName ?? null,
    birth_date: given.birthDate ?? null,
    locale: given.locale,
    status: 'active',
    created_at: at.getTime(),
    updated_at: at.getTime(),
    valid_since: null,
    held_since: null,
    held_until: null,
    former_email: null,
    notice_email: null,
    notice_email_at: null,
    delete_at: null,
    signed_up: given.signedUp ? 1 : null,
  };
}

const timeOf = (at: number | null): Date | undefined => (at === null ? undefined : new Date(at));

/** The columns that `change` writes at `at`. Throws TextRefused. */
export function columnsOf(change: AccountChange, at: Date): Partial<Insertable<Schema['accounts']>> {
  const text = (what: string, given: string | null | undefined) =>
    typeof given === 'string' ? keepable(what, given) : given;
  const { status, email, emailVerified, formerEmail, noticeEmail, hold, deleteAt } = change;
  const all = {
    status,
    email: text('the e-mail address', email),
    email_verified: emailVerified === undefined ? undefined : emailVerified ? 1 : 0,
    former_email: text('the former address', formerEmail),
    notice_email: text('the second address', noticeEmail),
    notice_email_at: noticeEmail ? at.getTime() : noticeEmail,
    held_since: hold === null ? null : hold?.since.getTime(),
    held_until: hold === null ? null : hold && (hold.until?.getTime() ?? null),
    delete_at: deleteAt === null ? null : deleteAt?.getTime(),
  } as const;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

type AccountRow = Omit<Selectable<Schema['accounts']>, 'username_key'> & { set_up: string | null };

/** The account that a row tells of. */
export function accountOf(row: AccountRow): Account {
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
    noticeEmailSince: row.notice_email === null ? undefined : timeOf(row.notice_email_at),
    deleteAt: timeOf(row.delete_at),
    signedUp: row.signed_up === 1 || undefined,
    setUp: row.set_up?.split(' ') ?? [],
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}
