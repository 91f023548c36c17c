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

/** Told of each step that a store failed at, because it was away or too slow; of the audit apart from other records. */
export type Failed = (store: 'state' | 'records' | 'audit') => void;

/** `verbs`; `failed` is told when one finds its store away. */
function heard<Verbs extends object>(verbs: Verbs, failed: () => void): Verbs {
  const note = (fault: unknown): never => {
    if (fault instanceof StateUnavailable || fault instanceof RecordsUnavailable) failed();
    throw fault;
  };
  const each = ([name, verb]: [string, (...values: never[]) => Promise<unknown>]) => [
    name,
    (...values: never[]) => verb.apply(verbs, values).catch(note),
  ];
  return Object.fromEntries(Object.entries(verbs).map((one) => each(one as Parameters<typeof each>[0]))) as Verbs;
}

/** `state`, whose verbs keep to `patience`; finding out whether it is ready, and ending it, do not. */
export function patientState(state: State, patience: Patience, failed: Failed = () => {}): State {
  const late = (milliseconds: number) =>
    new StateUnavailable(`the stores took more than ${milliseconds} ms of one request`);
  const verbs = heard(patience.over(state, late), () => failed('state'));
  return { ...verbs, ready: () => state.ready(), end: () => state.end() };
}

/** `records`, whose verbs keep to `patience`; what operators do with all of them at once does not. */
export function patientRecords(records: Records, patience: Patience, failed: Failed = () => {}): Records {
  const late = (milliseconds: number) =>
    new RecordsUnavailable(`the stores took more than ${milliseconds} ms of one request`);
  const { accounts, credentials, clients, consents, aliases, audit, notices, deletions } = records;
  const patient = <Verbs extends object>(verbs: Verbs, store: 'records' | 'audit' = 'records') =>
    heard(patience.over(verbs, late), () => failed(store));
  return {
    ...records,
    accounts: patient(accounts),
    credentials: patient(credentials),
    clients: patient(clients),
    consents: patient(consents),
    aliases: patient(aliases),
    audit: patient(audit, 'audit'),
    notices: patient(notices),
    deletions: patient(deletions),
  };
}

/** Milliseconds that one step of the slower store may take. */
export function longestPatience({ state, records }: Pick<Settings, 'state' | 'records'>): number {
  const ofState = state.kind === 'redis' ? state.commandPatience : 0;
  return Math.max(ofState, records.kind === 'postgres' ? records.queryPatience : records.lockPatience);
}
