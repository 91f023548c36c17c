/**
 * Grants: what one client may have of one person in one browser session. The id follows from the three, so that two tabs
 * of one service share one grant and neither kills the other's code. A revoked grant stays closed for as long as a
 * token of it could live; the next request of that session goes on under the next id of the chain.
 */

import { createHash } from 'node:crypto';
import type { Adapter, Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Records } from '../records/records.ts';
import type { State } from '../state/state.ts';
import { scopeOf } from './account.ts';
import { keyOf, lifeOf, unused } from './adapter.ts';
import { isFirstParty } from './consent.ts';

/** The grant has been revoked, and writing it again would bring revoked tokens back. */
class GrantClosed extends Error {
  override name = 'GrantClosed';
}

const key = (id: string) => keyOf('Grant', id);

/** The adapter of grants. `longest`: the longest life of a token, in seconds; as long does a revoked grant stay closed. */
export function grants(state: State, longest: number): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      const open = await state.merge(key(id), { grant: JSON.stringify(payload) }, {}, lifeOf(expiresIn!));
      if (!open) throw new GrantClosed();
    },
    async find(id) {
      const fields = await state.fields(key(id));
      return fields?.grant ? JSON.parse(fields.grant) : undefined;
    },
    async destroy(id) {
      await state.close(key(id), longest);
    },
    async revokeByGrantId() {},
    consume: () => unused('Grant', 'consume'),
    findByUid: () => unused('Grant', 'findByUid'),
    findByUserCode: () => unused('Grant', 'findByUserCode'),
  };
}

/**
 * The grant of this request's session and client, made or widened where the rules allow it without asking:
 * first-party clients may have all they ask for, others what the person has allowed before.
 */
export function createGrantLoader(consents: Records['consents'], supported: { scopes: string[]; claims: string[] }) {
  return async function loadGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { session, client, account, provider } = ctx.oidc;
    if (!session || !client || !account) return undefined;
    let id = session.grantIdFor(client.clientId) ?? chainStart(session.uid, client.clientId, account.accountId);
    for (;;) {
      const found = await provider.Grant.find(id);
      const grant =
        found ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId, jti: id } as object);
      const widened = isFirstParty(client)
        ? allowAll(ctx, grant, supported)
        : await allowConsented(ctx, grant, consents);
      if (found && !widened) return grant;
      try {
        await grant.save();
        return grant;
      } catch (error) {
        if (!(error instanceof GrantClosed)) throw error;
        id = chainNext(id);
      }
    }
  };
}

function chainStart(sessionUid: string, clientId: string, accountId: string): string {
  return chainNext(JSON.stringify([sessionUid, clientId, accountId]));
}

function chainNext(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

/** True when the grant became wider. All at once, so that parallel requests of one client do not narrow each other's grant. */
function allowAll(ctx: KoaContextWithOIDC, grant: Grant, supported: { scopes: string[]; claims: string[] }): boolean {
  const asked = ctx.oidc.requestParamOIDCScopes;
  const scopes = supported.scopes.filter((scope) => scope !== 'offline_access' || asked.has(scope));
  const widened = widen(ctx, grant, scopes, (ofResource) => ofResource);
  if (widened) {
    // Single claims are no way around the scopes that the client is registered with.
    const registered = ctx.oidc.client!.scope?.split(' ');
    const may = (claim: string) => !registered || registered.includes(scopeOf(claim) ?? 'openid');
    grant.addOIDCClaims(supported.claims.filter(may));
    const others = supported.claims.filter((claim) => !may(claim));
    if (others.length > 0) grant.rejectOIDCClaims(others);
  }
  return widened;
}

/** True when the grant became wider. Claims asked one by one come with the scope that they belong to. */
async function allowConsented(ctx: KoaContextWithOIDC, grant: Grant, consents: Records['consents']): Promise<boolean> {
  const asked = [...ctx.oidc.requestParamScopes];
  const consent = await consents.find(grant.accountId!, grant.clientId!);
  const allowed = asked.filter((scope) => consent?.scopes.includes(scope));
  const own = allowed.filter((scope) => ctx.oidc.requestParamOIDCScopes.has(scope));
  const widened = widen(ctx, grant, own, (ofResource) => ofResource.filter((scope) => allowed.includes(scope)));
  const had = new Set(grant.getOIDCClaims());
  const claims = [...ctx.oidc.requestParamClaims].filter((claim) => {
    const scope = scopeOf(claim);
    return !had.has(claim) && scope !== undefined && consent?.scopes.includes(scope);
  });
  if (claims.length > 0) grant.addOIDCClaims(claims);
  return widened || claims.length > 0;
}

/** Adds what the grant lacks of `scopes`, and of what `choose` picks from each resource that the request names (RFC 8707). */
function widen(
  ctx: KoaContextWithOIDC,
  grant: Grant,
  scopes: string[],
  choose: (ofResource: string[]) => string[],
): boolean {
  const had = new Set(grant.getOIDCScope().split(' '));
  const missing = scopes.filter((scope) => !had.has(scope));
  for (const scope of missing) grant.addOIDCScope(scope);
  // Its life follows from its scopes (`ttl` in provider.ts), and is worked out anew.
  if (missing.includes('offline_access')) grant.exp = undefined;
  let widened = missing.length > 0;
  for (const [resource, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const held = new Set(grant.getResourceScope(resource).split(' '));
    for (const scope of choose([...server.scopes]).filter((each) => !held.has(each))) {
      grant.addResourceScope(resource, scope);
      widened = true;
    }
  }
  return widened;
}
