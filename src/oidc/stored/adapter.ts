/**
 * What oidc-provider stores, put into State. Tokens are kept under a hash of themselves and without themselves, so that
 * neither a key nor a value of the store is a secret that could be presented. What must be decided once (using up
 * a code or a refresh token) is one atomic verb of the store; the loser of a race loses the whole grant.
 */

import { hash } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { State } from '../../state/state.ts';

/** A short, one-way name for a secret: 192 bits of its SHA-256. */
export function hashed(secret: string): string {
  return hash('sha256', secret, 'base64url').slice(0, 32);
}

/** The stored name of a `kind` with the identifier `id`. */
export function keyOf(kind: string, id: string): string {
  return `${kind}:${hashed(id)}`;
}

/** A life in seconds as the store takes it. What ends while a request uses it is kept for a second more; its `exp` says that it is over. */
export function lifeOf(expiresIn: number): number {
  return Math.max(1, expiresIn);
}

/** What an adapter does that this server never asks of it. */
export function unused(kind: string, verb: string): never {
  throw new Error(`${kind}.${verb} is not used here`);
}

/**
 * The adapter of one kind of document: codes, tokens, interactions. `lost` is called when something already used up
 * is used again, before the error.
 */
export function documents(
  kind: string,
  state: State,
  now: () => Date,
  lost: (payload: AdapterPayload) => Promise<void>,
): Adapter {
  const find = async (id: string): Promise<AdapterPayload | undefined> => {
    const document = await state.get(keyOf(kind, id));
    if (!document) return undefined;
    const consumed = document.consumedAt && Math.floor(document.consumedAt.getTime() / 1000);
    return { ...unabridged(JSON.parse(document.value)), jti: id, ...(consumed && { consumed }) };
  };
  return {
    // The key says the kind. What the library notes of an interaction's session holds the cookie, which nobody reads.
    async upsert(id, { jti: _, kind: __, session, ...payload }, expiresIn) {
      if (fromStrangers.has(kind)) refuseLarge(payload);
      const kept = session ? { ...payload, session: { ...session, cookie: undefined } } : payload;
      await state.put(keyOf(kind, id), JSON.stringify(abridged(kept)), lifeOf(expiresIn!));
    },
    find,
    /** OAuth 2.1, 4.1.3; RFC 9700, 4.14.2: whoever comes second is an attacker or lost to one. */
    async consume(id) {
      const outcome = await state.consume(keyOf(kind, id), now());
      if (outcome === 'consumed') return;
      const payload = outcome === 'already' ? await find(id) : undefined;
      if (payload) await lost(payload);
      if (kind === 'PushedAuthorizationRequest')
        throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
      throw new errors.InvalidGrant(`${kind} ${outcome === 'already' ? 'already consumed' : 'not found'}`);
    },
    async destroy(id) {
      await state.remove(keyOf(kind, id));
    },
    // Every use of a token asks for its grant, so closing the grant (grants.ts) ends all of them at once.
    async revokeByGrantId() {},
    findByUid: () => unused(kind, 'findByUid'),
    findByUserCode: () => unused(kind, 'findByUserCode'),
  };
}

/** The uid of the session that a grant belongs to; grants.ts makes the ids. */
export function sessionOf(grantId: string): string {
  return grantId.slice(0, Math.max(0, grantId.indexOf('.')));
}

/** Tokens are the most of what is stored; their session stands in the grant's id already. */
function abridged({ sessionUid, ...rest }: AdapterPayload): AdapterPayload {
  return sessionUid && rest.grantId && sessionOf(rest.grantId) !== sessionUid ? { ...rest, sessionUid } : rest;
}

function unabridged(payload: AdapterPayload): AdapterPayload {
  return payload.grantId ? { sessionUid: sessionOf(payload.grantId), ...payload } : payload;
}

/** What anybody can have stored before anybody has signed in: an authorization request, by itself or waiting for a person. */
const fromStrangers = new Set(['PushedAuthorizationRequest', 'Interaction', 'DeviceCode']);
/** Characters of an authorization request; one with claims, an id_token_hint and several APIs has half as many. */
const largest = 12_000;
/** The same as a JWT: a signed one, or one that is pushed again. */
const largestJwt = 16_500;

/** Throws invalid_request, so that strangers cannot fill the store by a few requests. */
function refuseLarge({ request, params }: AdapterPayload): void {
  const jwt = (request as string | undefined)?.length ?? 0;
  if (jwt > largestJwt || JSON.stringify(params ?? {}).length > largest)
    throw new errors.InvalidRequest(`the request is larger than ${largest} characters`);
}
