/** Opens the stores that the settings name. Beside compose.ts the only place that names implementations of stores. */

import type { Settings } from '../config/settings.ts';
import { createPostgresRecords } from './records/postgres.ts';
import type { Records } from './records/records.ts';
import { createSqliteRecords } from './records/sqlite.ts';
import { createMemoryState } from './state/memory.ts';
import { createRedisState } from './state/redis.ts';
import type { State } from './state/state.ts';

/** State, connected. Throws StateUnavailable, in words for the operator. */
export async function openState({ state }: Pick<Settings, 'state'>, now = () => new Date()): Promise<State> {
  return state.kind === 'memory' ? createMemoryState({ now }) : createRedisState(state);
}

/** Records, opened. Throws RecordsUnavailable, in words for the operator. */
export async function openRecords({ records }: Pick<Settings, 'records'>, now = () => new Date()): Promise<Records> {
  return records.kind === 'sqlite'
    ? createSqliteRecords({ ...records, now })
    : createPostgresRecords({ ...records, now });
}
