/** What an operator may say of a new account, checked the same way for one and for a million of them. */

import { isAddress } from '../mail/address.ts';
import { type NewAccount, unfit } from '../records/records.ts';

/** As it was given: nothing is checked yet. */
export interface Given {
  username: string;
  email?: string;
  emailVerified?: boolean;
  name?: string;
  birthName?: string;
  birthDate?: string;
  locale: string;
}

/** `problem` holds nothing of what was given. */
export type Checked = { outcome: 'fit'; account: NewAccount } | { outcome: 'refused'; problem: string; hint: string };

const hints = {
  'this is not an e-mail address': "write it alone: 'anna@example.hu'",
  'there is no address to be verified': 'give the address as well',
  'this is not a date': "write it as '1985-04-12'",
  'there is no such language here': "use 'hu' or 'en'",
};

/** The account that `given` describes, if there can be one. */
export function checkAccount({ emailVerified = false, locale, ...given }: Given): Checked {
  const refused = (problem: keyof typeof hints): Checked => ({ outcome: 'refused', problem, hint: hints[problem] });
  if (given.email !== undefined && !isAddress(given.email)) return refused('this is not an e-mail address');
  if (emailVerified && given.email === undefined) return refused('there is no address to be verified');
  if (given.birthDate !== undefined && !isDay(given.birthDate)) return refused('this is not a date');
  if (locale !== 'hu' && locale !== 'en') return refused('there is no such language here');
  const account: NewAccount = { ...given, emailVerified, locale };
  const problem = unfit(account);
  return problem === undefined ? { outcome: 'fit', account } : { outcome: 'refused', problem, hint: 'change it' };
}

/** A day of the calendar, as YYYY-MM-DD. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
