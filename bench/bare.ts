/**
 * What Kapu is compared with: oidc-provider by itself, as little set up as it can be for the same flow, with the plain adapter that its
 * documentation shows, for Redis or in memory. One form, no password, no encryption, no audit, no limits, no levels.
 * Arguments: port, algorithm, the address of a Redis or 'memory', the client as JSON.
 */

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider';

const [port = '', alg = 'ES256', store = 'memory', about = ''] = process.argv.slice(2);
const client = JSON.parse(about) as { id: string; secret: string; redirectUri: string };
const { privateKey } =
  alg === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });

const grantable = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode']);
const redis = store === 'memory' ? undefined : new Redis(store);

/** As in oidc-provider's example: a document a key, the tokens of a grant in a list. */
function inRedis(client: Redis): (kind: string) => Adapter {
  return (kind) => {
    const key = (id: string) => `bare:${kind}:${id}`;
    const grantKey = (id: string) => `bare:grant:${id}`;
    const uidKey = (uid: string) => `bare:uid:${uid}`;
    const find = async (id: string) => {
      const { payload, ...rest } = await client.hgetall(key(id));
      return payload ? { ...rest, ...JSON.parse(payload) } : undefined;
    };
    return {
      async upsert(id, payload, expiresIn = 3600) {
        const multi = client
          .multi()
          .hset(key(id), { payload: JSON.stringify(payload) })
          .expire(key(id), expiresIn);
        if (grantable.has(kind) && payload.grantId)
          multi.rpush(grantKey(payload.grantId), key(id)).expire(grantKey(payload.grantId), expiresIn);
        if (payload.uid) multi.set(uidKey(payload.uid), id, 'EX', expiresIn);
        await multi.exec();
      },
      find,
      async findByUid(uid) {
        const id = await client.get(uidKey(uid));
        return id ? find(id) : undefined;
      },
      findByUserCode: async () => undefined,
      async consume(id) {
        await client.hset(key(id), 'consumed', Math.floor(Date.now() / 1000));
      },
      async destroy(id) {
        await client.del(key(id));
      },
      async revokeByGrantId(grantId) {
        const keys = await client.lrange(grantKey(grantId), 0, -1);
        await client.del(grantKey(grantId), ...keys);
      },
    };
  };
}

/** The plainest: a Map that is never tidied. */
function inMemory(): (kind: string) => Adapter {
  const held = new Map<string, AdapterPayload>();
  return (kind) => ({
    upsert: async (id, payload) => void held.set(`${kind} ${id}`, payload),
    find: async (id) => held.get(`${kind} ${id}`),
    findByUid: async (uid) => [...held.values()].find((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => void Object.assign(held.get(`${kind} ${id}`)!, { consumed: Math.floor(Date.now() / 1000) }),
    destroy: async (id) => void held.delete(`${kind} ${id}`),
    revokeByGrantId: async () => {},
  });
}

const provider = new Provider(`http://localhost:${port}`, {
  adapter: redis ? inRedis(redis) : inMemory(),
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [client.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: alg as 'ES256',
    },
  ],
  cookies: { keys: ['bare-cookie-key-0123456789'] },
  enabledJWA: { idTokenSigningAlgValues: [alg as 'ES256'] },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'bare', alg, use: 'sig' } as never] },
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const known = session!.grantIdFor(client!.clientId);
    const grant = known
      ? await ctx.oidc.provider.Grant.find(known)
      : new ctx.oidc.provider.Grant({ clientId: client!.clientId, accountId: session!.accountId! });
    if (known) return grant;
    grant!.addOIDCScope('openid offline_access');
    await grant!.save();
    return grant;
  },
  pkce: { required: () => true },
  scopes: ['openid', 'offline_access'],
});

const serve = provider.callback();
const page =
  '<!doctype html><form method="post"><input name="username"><input name="password" type="password"><button>Go</button></form>';

createServer(async (request, response) => {
  if (!request.url?.startsWith('/interaction/')) return serve(request, response);
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'GET') return response.setHeader('content-type', 'text/html').end(page);
  const fields = new URLSearchParams(await text(request));
  const login = { accountId: String(fields.get('username')) };
  await provider.interactionFinished(request, response, { ...details.lastSubmission, login, consent: {} });
}).listen(Number(port), 'localhost');
process.once('SIGTERM', () => process.exit(0));
