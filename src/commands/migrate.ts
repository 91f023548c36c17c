/** `kapu migrate`: brings the database to the schema that this version needs. */

import type { Records } from '../records/records.ts';
import type { Terminal } from './command.ts';

/** Runs what is missing, and says what it ran. Running it twice, or twice at once, is harmless. */
export async function migrate(records: Pick<Records, 'migrate' | 'schema'>, terminal: Terminal): Promise<void> {
  const ran = await records.migrate();
  for (const name of ran) terminal.out(`ran ${name}`);
  const { state, found } = await records.schema();
  if (ran.length === 0) terminal.out(`nothing to do: the database is at ${found}`);
  if (state === 'ahead') terminal.err('the database is ahead of this version, which can run beside the newer one');
}
