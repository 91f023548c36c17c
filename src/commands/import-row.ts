/** One row of an import: what account it describes, and whether one that is there already may have come of it. */

import { z } from 'zod';
import type { Handing } from '../../interactions/activate/code.ts';
import type { Account, NewAccount } from '../records/records.ts';
import { checkAccount } from './new-account.ts';
import type { Read } from './rows.ts';

export const columns = [
  'username',
  'email',
  'emailVerified',
  'name',
  'birthName',
  'birthDate',
  'locale',
  'address',
] as const;

/** `username` is cut, and empty where the row has none. */
export interface RefusedRow {
  line: number;
  username: string;
  reason: string;
}

export interface Described {
  account: NewAccount;
  /** The lines below the name on a letter. */
  address: string[];
}

const text = z.string('this is no text');
const yes = ['true', 'yes', '1'];
const rowSchema = z.strictObject({
  username: text.trim(),
  email: text.trim().optional(),
  emailVerified: z.union([z.boolean(), z.enum([...yes, 'false', 'no', '0'])]).optional(),
  name: text.trim().optional(),
  birthName: text.trim().optional(),
  birthDate: text.trim().optional(),
  locale: text.trim().optional(),
  address: text.optional(),
});

/** What a row describes, or why it cannot be. `locale`: of rows that name none; `activation`: how owners get their codes. */
export function describedBy(
  read: Read,
  { locale, activation }: { locale: string; activation?: Handing },
): Described | Omit<RefusedRow, 'line'> {
  if ('problem' in read) return { username: '', reason: read.problem };
  const named = typeof read.row.username === 'string' ? read.row.username.slice(0, 255) : '';
  const refused = (reason: string) => ({ username: named, reason });
  const parsed = rowSchema.safeParse(read.row);
  if (!parsed.success) {
    const { path, code } = parsed.error.issues[0]!;
    if (path[0] === 'emailVerified') return refused('emailVerified is neither true nor false');
    return refused(`${String(path[0])} ${code === 'invalid_type' && !named ? 'is missing or no text' : 'is no text'}`);
  }
  const { address = '', emailVerified = false, ...row } = parsed.data;
  // As it comes of a file in another encoding.
  if (Object.values(parsed.data).some((value) => String(value).includes('\ufffd')))
    return refused('there is a character that is not UTF-8');
  const given = {
    ...row,
    locale: row.locale ?? locale,
    emailVerified: emailVerified === true || yes.includes(String(emailVerified)),
  };
  const checked = checkAccount(given);
  if (checked.outcome === 'refused') return refused(checked.problem);
  if (activation === 'mail' && !checked.account.emailVerified)
    return refused('there is no verified address that a code could be mailed to');
  const lines = address
    .split(/\r?\n|\|/)
    .map((line) => line.trim())
    .filter(Boolean);
  if (lines.length > 6 || lines.some((line) => line.length > 80))
    return refused('the address has more than 6 lines, or one of more than 80 characters');
  return { account: checked.account, address: lines };
}

/**
 * Why an account is not the one that the row is of; undefined where it may be. What people can change themselves is compared only
 * while they have not; and who has made their account may have said anything.
 */
export function whyAnother(row: NewAccount, other: NewAccount & Partial<Account>): string | undefined {
  if (other.signedUp) return 'the user name is taken by an account that somebody has made themselves';
  const untouched = other.createdAt?.getTime() === other.updatedAt?.getTime();
  const compared = ['name', 'birthName', 'birthDate', ...(untouched ? (['email'] as const) : [])] as const;
  const words = { name: 'name', birthName: 'birth name', birthDate: 'birth date', email: 'e-mail address' };
  const found = compared.find((part) => row[part] !== other[part]);
  return found && `the user name is taken by an account with another ${words[found]}`;
}
