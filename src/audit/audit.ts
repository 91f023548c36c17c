/**
 * The audit: who did what, when, from where, written before the outcome is given. This file decides what an entry holds, and
 * that strangers cannot make it grow as they like; what is written is listed in events.ts, where it is kept is the records'
 * business. No password, code, token or mail address gets in.
 */

import { createHash } from 'node:crypto';
import type { Account, Records } from '../records/records.ts';
import type { State } from '../state/state.ts';
import { originOf } from '../throttle/origin.ts';
import type { Detail, EventName, OperatorsAct } from './events.ts';

/** The parts of a request that an entry names. */
export interface Source {
  ip: string;
  state: { reference?: string };
}

/** Those of `ctx`, for what goes on when the request has been answered: the whole of it is not kept that long. */
export const sourceOf = ({ ip, state: { reference } }: Source): Source => ({ ip, state: { reference } });

/** Whom and what an entry is about. `detail` is what the inventory says of the event. */
export type Subject<Event extends EventName> = {
  account?: Pick<Account, 'id'>;
  clientId?: string;
} & (keyof Detail<Event> extends never ? { detail?: undefined } : { detail: Detail<Event> });

export interface Audit {
  /** Writes an entry and resolves when it is kept; throws RecordsUnavailable, and then the outcome must not be given. */
  write<Event extends EventName>(source: Source, event: Event, subject: Subject<Event>): Promise<void>;
  /**
   * The same, for what anybody can repeat at will: an entry that was written within the last quarter of an hour, from the same
   * origin about the same account and client, is not written again. Throws StateUnavailable as well.
   */
  writeOnce<Event extends EventName>(source: Source, event: Event, subject: Subject<Event>): Promise<void>;
}

/** Seconds for which a repetition is not written. */
const quiet = 15 * 60;

/** The audit, kept in `records` and dated by `now`; `state` remembers what need not be written again. */
export function createAudit(
  records: Pick<Records['audit'], 'append'>,
  state: Pick<State, 'get' | 'put'>,
  now: () => Date,
): Audit {
  function entryOf({ ip, state: { reference } }: Source, event: EventName, subject: Subject<EventName>) {
    const { account, clientId } = subject;
    const detail = subject.detail as Record<string, string | number | boolean> | undefined;
    const name = event.replace('METHOD', String(detail?.method));
    return { at: now(), event: name, reference, accountId: account?.id, clientId, origin: originOf(ip), detail };
  }
  const write: Audit['write'] = (...entry) => records.append(entryOf(...(entry as Parameters<typeof entryOf>)));
  return {
    write,
    async writeOnce(...entry) {
      const { at: _, reference: __, ...same } = entryOf(...(entry as unknown as Parameters<typeof entryOf>));
      const key = `audit:${createHash('sha256').update(JSON.stringify(same)).digest('base64url').slice(0, 22)}`;
      if (await state.get(key)) return;
      // In this order: what could not be written is written the next time.
      await write(...entry);
      await state.put(key, '', quiet);
    },
  };
}

/**
 * Writes an act of an operator. Throws RecordsUnavailable; what has not been done yet must then not be done. Written first, but for
 * `client.added`, `client.changed` and `records.restored`, whose outcome is only known afterwards.
 */
export function actOf(
  { records, now }: { records: { audit: Pick<Records['audit'], 'append'> }; now: () => Date },
  event: OperatorsAct,
  about: { accountId?: string; clientId?: string; detail?: Record<string, string | number> } = {},
): Promise<void> {
  return records.audit.append({ ...about, at: now(), event, detail: { by: 'operator', ...about.detail } });
}
