/** Opens the stores that the settings name: the only place that names their implementations. A driver is loaded when it is
 *  used: each takes some 20 MB of memory. */

import type { Settings } from '../config/settings.ts';
import type { Patience } from './patience.ts';
import { type Records, RecordsUnavailable } from './records/records.ts';
import { encryptState } from './state/encrypted.ts';
import { type State, StateUnavailable } from './state/state.ts';

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

/** `state`, whose verbs keep to `patience`; finding out whether it is ready, and ending it, do not. */
export function patientState(state: State, patience: Patience): State {
  const late = (milliseconds: number) =>
    new StateUnavailable(`the stores took more than ${milliseconds} ms of one request`);
  return { ...patience.over(state, late), ready: () => state.ready(), end: () => state.end() };
}

/** `records`, whose verbs keep to `patience`; what operators do with all of them at once does not. */
export function patientRecords(records: Records, patience: Patience): Records {
  const late = (milliseconds: number) =>
    new RecordsUnavailable(`the stores took more than ${milliseconds} ms of one request`);
  const { accounts, clients, consents, aliases, audit } = records;
  return {
    ...records,
    accounts: patience.over(accounts, late),
    clients: patience.over(clients, late),
    consents: patience.over(consents, late),
    aliases: patience.over(aliases, late),
    audit: patience.over(audit, late),
  };
}

/** Milliseconds that one step of the slower store may take. */
export function longestPatience({ state, records }: Pick<Settings, 'state' | 'records'>): number {
  const ofState = state.kind === 'redis' ? state.commandPatience : 0;
  return Math.max(ofState, records.kind === 'postgres' ? records.queryPatience : records.lockPatience);
}
