/** The demo's people outside the demo: accounts whose password everyone knows. ASVS 6.3.2: no default accounts. */

import { demoDomain, demoPeople } from '../../config/demo.ts';
import type { Records } from '../records/records.ts';

/** The user names of the demo's people who can sign in with these records. */
export async function demoPeopleIn(records: Pick<Records, 'accounts'>): Promise<string[]> {
  const accounts = await Promise.all(demoPeople.map(({ username }) => records.accounts.findByUsername(username)));
  return accounts.flatMap((account, index) => {
    const person = demoPeople[index]!;
    // Someone else may be called Anna: the rest of what the demo says of her tells.
    const isThem = account?.email?.endsWith(`@${demoDomain}`) || account?.birthName === person.birthName;
    return account?.status === 'active' && isThem ? [account.username] : [];
  });
}
