/**
 * Browser sessions in their records. The cookie names the record and one of the ids that open it; the id changes at every
 * sign-in and step-up (ASVS 7.2.4). Several requests of one browser write at once: their authorizations and evidence
 * merge, an id once retired stays retired, and a closed record refuses writers; so a late request neither loses what
 * another added nor brings an ended session back.
 */

import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Fields } from '../state/state.ts';
import { hashed, unused } from './adapter.ts';
import type { SessionRecords } from './session-records.ts';

/** What an id's field says; the greater of two stays. */
const opens = '1';
const retired = '2';

/** Where a session object has its id; a symbol, so that it is no part of what is stored. */
const full = Symbol('session id');
type Identified = { uid: string; [full]?: string };

/** The uid in a session cookie. */
const uidIn = (id: string) => id.slice(0, Math.max(0, id.indexOf('.')));
/** The library's name for a session that ends with the browser, as all do here. */
const fixed = { transient: true };
const idField = (id: string) => `id:${hashed(id)}`;

/**
 * Makes the library's sessions go by ids that name their record: the uid, a dot, and 256 random bits.
 * Call it before the provider serves.
 */
export function nameRecordsInIds(provider: Provider): void {
  Object.defineProperty(provider.Session.prototype, 'jti', {
    get(this: Identified) {
      return this[full];
    },
    set(this: Identified, id: string | undefined) {
      this[full] = id === undefined || id.includes('.') ? id : `${this.uid}.${id}`;
    },
  });
}

/** The adapter of sessions. `isOver(payload)` tells whether a session has reached its greatest age. */
export function sessions(records: SessionRecords, isOver: (payload: AdapterPayload) => boolean): Adapter {
  const find = async (uid: string, isOpen: (fields: Fields) => boolean): Promise<AdapterPayload | undefined> => {
    const fields = await records.read(uid);
    const payload = fields && isOpen(fields) ? fromFields(uid, fields) : undefined;
    return payload && !isOver(payload) ? payload : undefined;
  };
  return {
    async upsert(id, payload, expiresIn) {
      if (isEmpty(payload)) return;
      const { base, greatest } = toFields(payload);
      const before = idBefore();
      const ids = { [idField(id)]: opens, ...(before !== undefined && { [idField(before)]: retired }) };
      await records.write(payload.uid!, base, { ...greatest, ...ids }, expiresIn!);
    },
    async find(id) {
      const payload = await find(uidIn(id), (fields) => fields[idField(id)] === opens);
      return payload && { ...payload, jti: id };
    },
    findByUid: (uid) => find(uid, () => true),
    async destroy(id) {
      // The library retires an old id by the same verb that ends a session; `upsert` has it retired with the new one.
      if (id !== idBefore()) await records.close(uidIn(id));
    },
    async revokeByGrantId() {},
    consume: () => unused('Session', 'consume'),
    findByUserCode: () => unused('Session', 'findByUserCode'),
  };
}

/** The id that this request's session had before it got a new one. */
function idBefore(): string | undefined {
  return (Provider.ctx?.oidc.session as { oldId?: string } | undefined)?.oldId;
}

/** A session of nobody, without a sign-out under way: not worth a record, nor a cookie that could replace a live one. */
export function isEmpty(session: { accountId?: string; state?: unknown }): boolean {
  return !session.accountId && !session.state;
}

/**
 * The payload as fields: one for each client's authorization and one for each proof, the rest in one. What every request
 * works out anew from the proofs (acr, amr, loginTs) is not kept, nor what the record's name says.
 */
function toFields(payload: AdapterPayload): { base: Fields; greatest: Fields } {
  const { iat, exp, uid, accountId, state, authorizations = {}, evidence = {} } = payload;
  const clients = Object.entries(authorizations).map(([clientId, { grantId, ...rest }]) => {
    const abridged = { ...rest, grantId: grantId?.startsWith(`${uid}.`) ? grantId.slice(uid!.length) : grantId };
    return [`client:${clientId}`, JSON.stringify(abridged)];
  });
  const proofs = Object.entries(evidence as object).map(([method, at]) => [`proof:${method}`, String(at)]);
  return {
    base: { session: JSON.stringify({ iat, exp, accountId, state }), ...Object.fromEntries(clients) },
    greatest: Object.fromEntries(proofs),
  };
}

function fromFields(uid: string, fields: Fields): AdapterPayload | undefined {
  if (!fields.session) return undefined;
  const under = (prefix: string) =>
    Object.entries(fields)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), JSON.parse(value)] as const);
  const authorizations = under('client:').map(([clientId, { grantId, ...rest }]) => {
    return [clientId, { ...rest, grantId: grantId?.startsWith('.') ? `${uid}${grantId}` : grantId }];
  });
  return {
    ...JSON.parse(fields.session),
    ...fixed,
    uid,
    ...(authorizations.length > 0 && { authorizations: Object.fromEntries(authorizations) }),
    evidence: Object.fromEntries(under('proof:')),
  };
}
