/**
 * Grants: what one client may have of one person in one browser session. A grant is part of the session's record and ends
 * with it; one with offline_access, which outlives the session, has a record of its own. The id names session,
 * client, person and turn, so that two tabs of one service share one grant and neither kills the other's code.
 * Revoking ends the turn; the next request of that session goes on with the next.
 */

import { isDeepStrictEqual } from 'node:util';
import Provider, { type Adapter, type AdapterPayload, type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import type { Records } from '../../records/records.ts';
import type { Fields, State } from '../../state/state.ts';
import { scopeOf } from '../account.ts';
import { isFirstParty, type Permission, written } from '../consent.ts';
import type { SessionRecords } from '../sessions/records.ts';
import { hashed, keyOf, lifeOf, sessionOf, unused } from './adapter.ts';

/** The grant has been revoked, and writing it again would bring revoked tokens back. */
class GrantClosed extends Error {
  override name = 'GrantClosed';
}

/** Characters of a hash that tell the few grants of one session apart. */
const whoseLength = 16;

/** What a grant's id says. */
interface GrantName {
  /** The session's uid. */
  uid: string;
  /** A hash of client and person. */
  whose: string;
  /** How many grants of the same three have been revoked before. */
  turn: number;
}

const idOf = ({ uid, whose, turn }: GrantName) => `${uid}.${whose}.${turn}`;
function nameIn(id: string): GrantName {
  const [whose = '', turn] = id.slice(sessionOf(id).length + 1).split('.');
  return { uid: sessionOf(id), whose, turn: Number(turn) };
}

/** The grant of the last turn; its own turn stands in it. */
const grantField = ({ whose }: GrantName) => `grant:${whose}`;
/** One more than the last turn whose grant has a record of its own. */
const lastingField = ({ whose }: GrantName) => `lasting:${whose}`;
const isMarked = (fields: Fields, name: GrantName) => Number(fields[lastingField(name)] ?? 0) === name.turn + 1;
/** The first turn that has not been revoked. */
const turnField = ({ whose }: Pick<GrantName, 'whose'>) => `turn:${whose}`;
const lastingKey = (id: string) => keyOf('Grant', id);

export interface GrantsOptions {
  state: State;
  records: SessionRecords;
  /** What a client's registration says, by its id. */
  clientOf: (id: string) => Promise<{ [key: string]: unknown } | undefined>;
  /** All that there is to allow. */
  supported: Supported;
  /** The longest life of a token, in seconds; as long does a revoked grant stay closed. */
  longest: number;
  now: () => Date;
}

/** The adapter of grants. */
export function grants({ state, records, clientOf, supported, longest, now }: GrantsOptions): Adapter {
  const everything = async (clientId: string) => {
    const client = await clientOf(clientId);
    return client && isFirstParty(client) ? allOf(client, supported) : undefined;
  };
  /** The grant as a part of its session, which says whose it is; "everything" goes without saying. */
  const abridged = async ({ jti: _, kind: __, accountId: ___, openid, rejected, ...rest }: AdapterPayload) => {
    const all = await everything(rest.clientId!);
    return isDeepStrictEqual({ openid, rejected }, { rejected: undefined, ...all })
      ? rest
      : { ...rest, openid, rejected };
  };
  const unabridged = async (grant: AdapterPayload, session: string): Promise<AdapterPayload> => ({
    ...grant,
    ...(grant.openid ? {} : await everything(grant.clientId!)),
    accountId: (JSON.parse(session) as AdapterPayload).accountId,
  });
  const lasting = async (id: string): Promise<AdapterPayload | undefined> => {
    const fields = await state.fields(lastingKey(id));
    return fields?.grant ? JSON.parse(fields.grant) : undefined;
  };
  return {
    async upsert(id, payload, expiresIn) {
      const name = nameIn(id);
      if (!isLasting(payload))
        return records.join(
          { [grantField(name)]: JSON.stringify({ ...(await abridged(payload)), turn: name.turn }) },
          {},
        );
      const open = await state.merge(lastingKey(id), { grant: JSON.stringify(payload) }, {}, lifeOf(expiresIn!));
      if (!open) throw new GrantClosed();
      records.join({}, { [lastingField(name)]: String(name.turn + 1) });
    },
    async find(id) {
      const name = nameIn(id);
      const early = isRefresh() ? lasting(id) : undefined;
      early?.catch(() => {});
      const fields = await records.read(name.uid);
      if (!fields) return early ?? lasting(id);
      if (name.turn < Number(fields[turnField(name)] ?? 0)) return undefined;
      if (isMarked(fields, name)) return early ?? lasting(id);
      const { turn, ...grant } = JSON.parse(fields[grantField(name)] ?? '{}') as AdapterPayload & { turn?: number };
      if (turn !== name.turn || !fields.session) return undefined;
      return { ...(await unabridged(grant, fields.session)), jti: id };
    },
    async destroy(id) {
      const name = nameIn(id);
      const fields = await records.read(name.uid);
      if (fields?.session) {
        const left = (JSON.parse(fields.session) as { exp: number }).exp - Math.floor(now().getTime() / 1000);
        await records.revoke(name.uid, { [turnField(name)]: String(name.turn + 1) }, left);
      }
      // What is just being made lasting is not marked yet; only for the many grants of a sign-out is that not worth a record each.
      if (!fields || isMarked(fields, name) || Provider.ctx?.oidc.route === 'token')
        await state.close(lastingKey(id), longest);
    },
    async revokeByGrantId() {},
    consume: () => unused('Grant', 'consume'),
    findByUid: () => unused('Grant', 'findByUid'),
    findByUserCode: () => unused('Grant', 'findByUserCode'),
  };
}

/** What is refreshed has a grant that outlives its session: it is read beside the session, not after it. */
function isRefresh(): boolean {
  return Provider.ctx?.oidc.params?.grant_type === 'refresh_token';
}

function isLasting({ openid }: AdapterPayload): boolean {
  return (openid as { scope?: string } | undefined)?.scope?.split(' ').includes('offline_access') ?? false;
}

/**
 * The grant of this request's session and client, made or widened where the rules allow it without asking:
 * first-party clients may have all they ask for, others what the person has allowed before.
 */
export function createGrantLoader(consents: Records['consents'], records: SessionRecords, supported: Supported) {
  return async function loadGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { session, client, account, provider } = ctx.oidc;
    if (!session || !client || !account) return undefined;
    const whose = hashed(JSON.stringify([client.clientId, account.accountId])).slice(0, whoseLength);
    // A session that has never been saved has no record to look into.
    const fields = session.iat === undefined ? undefined : await records.read(session.uid);
    let turn = Number(fields?.[turnField({ whose })] ?? 0);
    for (;;) {
      const id = idOf({ uid: session.uid, whose, turn });
      const found = fields && (await provider.Grant.find(id));
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
        turn += 1;
      }
    }
  };
}

/** All that a deployment can allow a client of what is not an API's. */
export interface Supported {
  scopes: string[];
  claims: string[];
}

/**
 * All that a client may have without being asked, as a grant has it. All at once, so that parallel requests of one client do not
 * narrow each other's grant; single claims are no way around the scopes that the client is registered with.
 */
function allOf(client: { [key: string]: unknown }, { scopes, claims }: Supported) {
  const registered = typeof client.scope === 'string' ? client.scope.split(' ') : undefined;
  const may = (claim: string) => !registered || registered.includes(scopeOf(claim) ?? 'openid');
  const others = claims.filter((claim) => !may(claim));
  return {
    openid: { scope: scopes.filter((scope) => scope !== 'offline_access').join(' '), claims: claims.filter(may) },
    ...(others.length > 0 && { rejected: { openid: { claims: others } } }),
  };
}

/** True when the grant became wider. */
function allowAll(ctx: KoaContextWithOIDC, grant: Grant, supported: Supported): boolean {
  const offline = ctx.oidc.requestParamOIDCScopes.has('offline_access') ? ['offline_access'] : [];
  const { openid, rejected } = allOf(ctx.oidc.client!, supported);
  const widened = widen(ctx, grant, [...openid.scope.split(' '), ...offline], (ofResource) => ofResource);
  if (widened) grant.addOIDCClaims(openid.claims);
  if (widened && rejected) grant.rejectOIDCClaims(rejected.openid.claims);
  return widened;
}

/** True when the grant became wider. Claims asked one by one come with the scope that they belong to. */
async function allowConsented(ctx: KoaContextWithOIDC, grant: Grant, consents: Records['consents']): Promise<boolean> {
  const consent = await consents.find(grant.accountId!, grant.clientId!);
  const isAllowed = (permission: Permission) => consent?.scopes.includes(written(permission)) ?? false;
  const own = [...ctx.oidc.requestParamOIDCScopes].filter((scope) => isAllowed({ scope }));
  const widened = widen(ctx, grant, own, (ofResource, resource) =>
    ofResource.filter((scope) => ctx.oidc.requestParamScopes.has(scope) && isAllowed({ scope, resource })),
  );
  const had = new Set(grant.getOIDCClaims());
  const claims = [...ctx.oidc.requestParamClaims].filter((claim) => {
    const scope = scopeOf(claim);
    return !had.has(claim) && scope !== undefined && isAllowed({ scope });
  });
  if (claims.length > 0) grant.addOIDCClaims(claims);
  return widened || claims.length > 0;
}

/** Adds what the grant lacks of `scopes`, and of what `choose` picks from each resource that the request names (RFC 8707). */
function widen(
  ctx: KoaContextWithOIDC,
  grant: Grant,
  scopes: string[],
  choose: (ofResource: string[], resource: string) => string[],
): boolean {
  const had = new Set(grant.getOIDCScope().split(' '));
  const missing = scopes.filter((scope) => !had.has(scope));
  for (const scope of missing) grant.addOIDCScope(scope);
  // Its life follows from its scopes (`ttl` in provider.ts), and is worked out anew.
  if (missing.includes('offline_access')) grant.exp = undefined;
  let widened = missing.length > 0;
  for (const [resource, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const held = new Set(grant.getResourceScope(resource).split(' '));
    for (const scope of choose([...server.scopes], resource).filter((each) => !held.has(each))) {
      grant.addResourceScope(resource, scope);
      widened = true;
    }
  }
  return widened;
}
