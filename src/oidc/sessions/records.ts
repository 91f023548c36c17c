/**
 * The records that browser sessions are kept in, one a session, under its uid. Whatever lives and dies with a session is a
 * field of its record: what the library keeps, each client's authorization and grant, each proof, the ids that open it. So
 * one read fetches all of it, one write saves it, and closing the record ends all of it at once.
 * This file knows nothing of what the fields mean.
 */

import Provider from 'oidc-provider';
import type { Fields, State } from '../../state/state.ts';
import { keyOf, lifeOf } from '../stored/adapter.ts';

/** How long, in seconds, a closed record refuses late writers: longer than any request runs. */
const refusal = 300;

export interface SessionRecords {
  /** The fields of a session's record; undefined when it has ended. One request reads it once. */
  read(uid: string): Promise<Fields | undefined>;
  /** Adds to what the session of this request is saved with. */
  join(fields: Fields, greatest: Fields): void;
  /** Writes fields and what has been joined; `greatest` as State.merge has it. Nothing is written once the record is closed. */
  write(uid: string, fields: Fields, greatest: Fields, ttl: number): Promise<void>;
  /** Moves fields of a session on that must not be undone, and nothing else; `ttl` is the session's. */
  revoke(uid: string, greatest: Fields, ttl: number): Promise<void>;
  /** Ends the session and all that lives with it. */
  close(uid: string): Promise<void>;
}

/** What one request of the library has read, and what it is going to write. */
interface Request {
  read: Map<string, Fields | undefined>;
  joined: { fields: Fields; greatest: Fields };
}

/** Session records in `state`. */
export function createSessionRecords(state: State): SessionRecords {
  const key = (uid: string) => keyOf('Session', uid);
  const requests = new WeakMap<object, Request>();

  /** Outside of the library's requests there is none. */
  function request(): Request | undefined {
    const ctx = Provider.ctx;
    if (!ctx) return undefined;
    const known = requests.get(ctx) ?? { read: new Map(), joined: { fields: {}, greatest: {} } };
    requests.set(ctx, known);
    return known;
  }

  return {
    async read(uid) {
      const read = request()?.read;
      if (read?.has(uid)) return read.get(uid);
      const fields = await state.fields(key(uid));
      read?.set(uid, fields);
      return fields;
    },
    join(fields, greatest) {
      const joined = request()?.joined;
      if (!joined) throw new Error('there is no request whose session this could be saved with');
      Object.assign(joined.fields, fields);
      Object.assign(joined.greatest, greatest);
    },
    async write(uid, fields, greatest, ttl) {
      const joined = request()?.joined;
      await state.merge(key(uid), { ...fields, ...joined?.fields }, { ...greatest, ...joined?.greatest }, lifeOf(ttl));
    },
    async revoke(uid, greatest, ttl) {
      await state.merge(key(uid), {}, greatest, lifeOf(ttl), 'hold');
    },
    close: (uid) => state.close(key(uid), refusal),
  };
}
