/**
 * Browser sessions in State. A session is a record under its uid, which lasts as long as the session, and a pointer under
 * the hash of its id, which changes at every sign-in and step-up (ASVS 7.2.4). Several requests of one browser write at
 * once: their authorizations and evidence merge, a pointer once closed stays closed, and a closed record refuses
 * writers; so a late request neither loses what another added nor brings an ended session back.
 */

import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Fields, State } from '../state/state.ts';
import { keyOf, lifeOf, unused } from './adapter.ts';

/** How long, in seconds, closed pointers and records refuse late writers: longer than any request runs. */
const refusal = 300;

const record = (uid: string) => keyOf('Session', uid);
const pointer = (id: string) => keyOf('SessionId', id);

/**
 * The adapter of sessions. `isRotation(id)` tells whether `destroy(id)` retires an old id of a session that
 * goes on; the library calls the same verb for both. `isOver(payload)` tells whether a session has reached its greatest age.
 */
export function sessions(
  state: State,
  isRotation: (id: string) => boolean,
  isOver: (payload: AdapterPayload) => boolean,
): Adapter {
  const findByUid = async (uid: string): Promise<AdapterPayload | undefined> => {
    const fields = await state.fields(record(uid));
    const payload = fields && fromFields(fields);
    return payload && !isOver(payload) ? payload : undefined;
  };
  const uidOf = async (id: string) => (await state.fields(pointer(id)))?.uid;
  return {
    async upsert(id, payload, expiresIn) {
      if (isEmpty(payload)) return;
      const { base, greatest } = toFields(payload);
      await Promise.all([
        state.merge(pointer(id), { uid: payload.uid! }, {}, lifeOf(expiresIn!)),
        state.merge(record(payload.uid!), base, greatest, lifeOf(expiresIn!)),
      ]);
    },
    async find(id) {
      const uid = await uidOf(id);
      const payload = uid && (await findByUid(uid));
      return payload ? { ...payload, jti: id } : undefined;
    },
    findByUid,
    async destroy(id) {
      if (isRotation(id)) return state.close(pointer(id), refusal);
      const uid = await uidOf(id);
      await Promise.all([state.close(pointer(id), refusal), uid && state.close(record(uid), refusal)]);
    },
    async revokeByGrantId() {},
    consume: () => unused('Session', 'consume'),
    findByUserCode: () => unused('Session', 'findByUserCode'),
  };
}

/** A session of nobody, without a sign-out under way: not worth a record, nor a cookie that could replace a live one. */
export function isEmpty(session: { accountId?: string; state?: unknown }): boolean {
  return !session.accountId && !session.state;
}

/** The payload as fields: one for each client's authorization and one for each proof, the rest in one. */
function toFields(payload: AdapterPayload): { base: Fields; greatest: Fields } {
  const { jti: _, authorizations = {}, evidence = {}, ...rest } = payload;
  const prefixed = (prefix: string, entries: object, text: (value: unknown) => string): Fields =>
    Object.fromEntries(Object.entries(entries).map(([name, value]) => [`${prefix}${name}`, text(value)]));
  return {
    base: { session: JSON.stringify(rest), ...prefixed('client:', authorizations, JSON.stringify) },
    greatest: prefixed('proof:', evidence as object, String),
  };
}

function fromFields(fields: Fields): AdapterPayload | undefined {
  if (!fields.session) return undefined;
  const under = (prefix: string) =>
    Object.entries(fields)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), JSON.parse(value)]);
  const authorizations = Object.fromEntries(under('client:'));
  return {
    ...JSON.parse(fields.session),
    ...(Object.keys(authorizations).length > 0 && { authorizations }),
    evidence: Object.fromEntries(under('proof:')),
  };
}
