/** The account that an operator names. */

import type { Account, Records } from '../records/records.ts';
import { Refused } from './command.ts';

/** The account of that user name. Throws Refused where there is none. */
export async function existing(
  username: string,
  { records }: { records: { accounts: Pick<Records['accounts'], 'findByUsername'> } },
): Promise<Account> {
  const account = await records.accounts.findByUsername(username);
  if (!account) throw new Refused(`there is no account '${username}'`, 'see `kapu account list`');
  return account;
}
