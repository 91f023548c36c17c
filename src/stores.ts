/** Opens the stores that the settings name: the only place that names their implementations. A driver is loaded when it is
 *  used: each takes some 20 MB of memory. */

import type { Settings } from '../config/settings.ts';
import type { Records } from './records/records.ts';
import { encryptState } from './state/encrypted.ts';
import type { State } from './state/state.ts';

/**
 * State, connected; what leaves this process is encrypted. `unreadable` hears the stored name of each value that did not open.
 * Throws StateUnavailable, in words for the operator.
 */
export async function openState(
  { state, secrets }: Pick<Settings, 'state' | 'secrets'>,
  now = () => new Date(),
  unreadable?: (name: string) => void,
): Promise<State> {
  if (state.kind === 'memory') return (await import('./state/memory.ts')).createMemoryState({ now });
  const redis = await (await import('./state/redis.ts')).createRedisState(state);
  return encryptState(redis, secrets.stateKeys, unreadable);
}

/** Records, opened. Throws RecordsUnavailable, in words for the operator. */
export async function openRecords({ records }: Pick<Settings, 'records'>, now = () => new Date()): Promise<Records> {
  if (records.kind === 'sqlite') return (await import('./records/sqlite.ts')).createSqliteRecords({ ...records, now });
  return (await import('./records/postgres.ts')).createPostgresRecords({ ...records, now });
}
