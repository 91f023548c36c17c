/**
 * Browser sessions in their records. The cookie names the record and one of the ids that open it; the id changes at every
 * sign-in and step-up (ASVS 7.2.4). Several requests of one browser write at once: their authorizations and evidence
 * merge, an id once retired stays retired, because its number only grows, and a closed record refuses writers; so a late request neither loses what
 * another added nor brings an ended session back.
 */

import { createHmac } from 'node:crypto';
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider';
import { isSameText } from '../../same-text.ts';
import type { Fields } from '../../state/state.ts';
import { unused } from '../stored/adapter.ts';
import { keepFields } from '../stored/kept-fields.ts';
import type { SessionRecords } from './records.ts';

/**
 * What an id is made of: the record's name, a number that grows with each new id, and what only who knows the record's key can work
 * out of the two. So two requests that renew an id at once come to the same one, and old ones leave nothing behind.
 */
interface Identified {
  uid: string;
  /** A random text of the session's own, never shown. */
  key?: string;
  /** Which id the session is at. */
  turn?: number;
  [full]?: string;
}

/** Where a session object has its id; a symbol, so that it is no part of what is stored. */
const full = Symbol('session id');
/** Characters of a key: 132 random bits. */
const keyLength = 22;

function idOf({ uid, key = '', turn = 1 }: Identified): string {
  return `${uid}.${turn}.${createHmac('sha256', key).update(`${uid}.${turn}`).digest('base64url')}`;
}

/** The uid in a session cookie. */
const uidIn = (id: string) => id.slice(0, Math.max(0, id.indexOf('.')));
/** The library's name for a session that ends with the browser, as all do here. */
const fixed = { transient: true };

/**
 * Makes the library's sessions go by ids that name their record, and keep what they are made of. Call it before the provider
 * serves.
 */
export function nameRecordsInIds(provider: Provider): void {
  keepFields(provider.Session, 'key', 'turn');
  Object.defineProperty(provider.Session.prototype, 'jti', {
    get(this: Identified) {
      return this[full];
    },
    // The library gives a session a random text wherever it is to have a new id; the adapter gives it the id that it has.
    set(this: Identified, id: string | undefined) {
      if (id !== undefined && !id.includes('.')) {
        this.key ??= id.slice(0, keyLength);
        this.turn = (this.turn ?? 0) + 1;
      }
      this[full] = id === undefined || id.includes('.') ? id : idOf(this);
    },
  });
}

/** The adapter of sessions. `isOver(payload)` tells whether a session has reached its greatest age. */
export function sessions(records: SessionRecords, isOver: (payload: AdapterPayload) => boolean): Adapter {
  const find = async (uid: string): Promise<AdapterPayload | undefined> => {
    const fields = await records.read(uid);
    const payload = fields && fromFields(uid, fields);
    return payload && !isOver(payload) ? payload : undefined;
  };
  return {
    async upsert(_id, payload, expiresIn) {
      if (isEmpty(payload)) return;
      const { base, greatest } = toFields(payload);
      await records.write(payload.uid!, base, greatest, expiresIn!);
    },
    async find(id) {
      const payload = await find(uidIn(id));
      return payload && isSameText(id, idOf(payload as unknown as Identified)) ? { ...payload, jti: id } : undefined;
    },
    findByUid: find,
    async destroy(id) {
      // The library retires an old id by the same verb that ends a session; here it is retired by the number of the new one.
      if (id !== idBefore()) await records.close(uidIn(id));
    },
    async revokeByGrantId() {},
    consume: () => unused('Session', 'consume'),
    findByUserCode: () => unused('Session', 'findByUserCode'),
  };
}

/** Has the session of this request saved without the authorization of a client that the person has been signed out of alone. */
export function leaveClient(records: Pick<SessionRecords, 'join'>, clientId: string): void {
  records.join(leftClient(clientId), {});
}

/** The fields of a session without the authorization of a client: what is not written stays as it was, so it is written as nothing. */
export function leftClient(clientId: string): Fields {
  return { [`client:${clientId}`]: 'null' };
}

/** The field of a proof by `method`, of which the latest counts. */
export function proofOf(method: string, at: Date): Fields {
  return { [`proof:${method}`]: String(at.getTime()) };
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
  const { iat, exp, uid, key, turn, accountId, state, authorizations = {}, evidence = {} } = payload;
  const clients = Object.entries(authorizations).map(([clientId, { grantId, ...rest }]) => {
    const abridged = { ...rest, grantId: grantId?.startsWith(`${uid}.`) ? grantId.slice(uid!.length) : grantId };
    return [`client:${clientId}`, JSON.stringify(abridged)];
  });
  const proofs = Object.entries(evidence as object).map(([method, at]) => [`proof:${method}`, String(at)]);
  return {
    base: { session: JSON.stringify({ iat, exp, key, accountId, state }), ...Object.fromEntries(clients) },
    greatest: { turn: String(turn), ...Object.fromEntries(proofs) },
  };
}

function fromFields(uid: string, fields: Fields): AdapterPayload | undefined {
  if (!fields.session) return undefined;
  const under = (prefix: string) =>
    Object.entries(fields)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), JSON.parse(value)] as const)
      .filter(([, value]) => value !== null);
  const authorizations = under('client:').map(([clientId, { grantId, ...rest }]) => {
    return [clientId, { ...rest, grantId: grantId?.startsWith('.') ? `${uid}${grantId}` : grantId }];
  });
  return {
    ...JSON.parse(fields.session),
    ...fixed,
    uid,
    turn: Number(fields.turn),
    ...(authorizations.length > 0 && { authorizations: Object.fromEntries(authorizations) }),
    evidence: Object.fromEntries(under('proof:')),
  };
}
