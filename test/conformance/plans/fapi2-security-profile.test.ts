/** The plan fapi2-security-profile-final from outside, in each way to authenticate and to hold tokens. */

import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, UnsecuredJWT } from 'jose';
import * as oidc from 'openid-client';
import { walk } from '../../flow/journey.ts';
import { certificate } from '../../support/certificate.ts';
import { testClock } from '../../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { freePort } from '../../support/ports.ts';
import { type Changes, Client, codeOn, makeKeys, seconds, sha256, sign, verifier } from '../client.ts';
import { type Answer, wire } from '../wire.ts';

const redirectUri = 'https://rp.example/callback';
const keys = makeKeys('PS256');
const dpop = makeKeys('ES256');
const stranger = makeKeys('PS256');
const clock = testClock();

const folder = mkdtempSync(join(tmpdir(), 'kapu-fapi-'));
const server = certificate({ hosts: ['localhost'] });
const authority = certificate({ commonName: 'Authority of services' });
const shown = certificate({ commonName: 'service.rp.example', by: authority });
const own = certificate({ commonName: 'self.rp.example' });
/** The address for certificates. */
let second: string;
const at = (address: string) => ({
  token: `${address}/token`,
  request: `${address}/request`,
  userinfo: `${address}/userinfo`,
  introspection: `${address}/token/introspection`,
  revocation: `${address}/token/revocation`,
});
/** A client that shows `which` at the listener for certificates. */
const showing = (clientId: string, { key, cert }: { key: string; cert: string }) =>
  new Client({
    ...{ issuer: kapu.issuer, clientId, redirectUri, endpoints: at(second) },
    fetch: wire({ key, cert, ca: server.cert }),
  });
const bytesOf = (pem: string) => pem.replaceAll(/-----[^-]+-----|\s/g, '');
let kapu: TestKapu;

interface Variant {
  name: string;
  /** What the client is registered with. */
  metadata: object;
  client(): Client;
}

const variants: Variant[] = [
  {
    name: 'private_key_jwt and DPoP',
    metadata: {
      token_endpoint_auth_method: 'private_key_jwt',
      dpop_bound_access_tokens: true,
      jwks: { keys: [keys.jwk] },
    },
    client: () => new Client({ issuer: kapu.issuer, clientId: 'fapi-0', redirectUri, keys, dpop }),
  },
  {
    name: 'private_key_jwt and mTLS',
    metadata: {
      token_endpoint_auth_method: 'private_key_jwt',
      tls_client_certificate_bound_access_tokens: true,
      jwks: { keys: [keys.jwk] },
    },
    client: () => showing('fapi-1', shown).with({ keys }),
  },
  {
    name: 'mTLS and mTLS, by an authority',
    metadata: {
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=service.rp.example',
      tls_client_certificate_bound_access_tokens: true,
    },
    client: () => showing('fapi-2', shown),
  },
  {
    name: 'mTLS and mTLS, by its own word',
    metadata: {
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      tls_client_certificate_bound_access_tokens: true,
      jwks: {
        keys: [{ ...createPublicKey(own.cert).export({ format: 'jwk' }), kid: 'own', x5c: [bytesOf(own.cert)] }],
      },
    },
    client: () => showing('fapi-3', own),
  },
];

const common = {
  profile: 'high',
  client_uri: 'https://rp.example/',
  redirect_uris: [redirectUri],
  scope: 'openid profile offline_access',
};

beforeAll(async () => {
  const port = await freePort();
  second = `https://localhost:${port}`;
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [cert, key] = [file('server.crt', server.cert), file('server.key', server.key)];
  const ca = file('authorities.pem', authority.cert);
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.mtls = { address: second, listen: { host: 'localhost', port, cert, key }, ca, header: 'Client-Cert' };
    },
  });
  for (const [index, { name, metadata }] of variants.entries()) {
    await kapu.records.clients.put(`fapi-${index}`, { ...common, client_name: name, ...metadata });
    await kapu.records.clients.put(`fapi-${index}-second`, { ...common, client_name: `${name} 2`, ...metadata });
  }
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
  rmSync(folder, { recursive: true });
});

/** Signs in, up to the code. */
async function codeFor(client: Client, more: Record<string, string | undefined> = {}): Promise<string> {
  const agent = kapu.agent();
  const { page } = await walk(kapu, agent, await client.visit(agent, more));
  return codeOn(page);
}
async function tokensFor(client: Client, more: Record<string, string | undefined> = {}): Promise<Answer> {
  const answer = await client.redeem(await codeFor(client, more));
  expect(answer.text).toContain('access_token');
  for (const name of ['access_token', 'refresh_token', 'id_token'])
    if (answer.body[name]) kapu.secrets.add(String(answer.body[name]));
  return answer;
}
const offline = { scope: 'openid offline_access', prompt: 'consent' };

describe.each(variants)('$name', ({ client: make }) => {
  test('signs in; the token is bound, the level is the one that was reached', async () => {
    const client = make();
    const { body } = await tokensFor(client);
    expect(body.token_type).toBe(client.options.dpop ? 'DPoP' : 'Bearer');
    expect(body.refresh_token).toBeUndefined();
    expect(decodeJwt(String(body.id_token))).toMatchObject({ iss: kapu.issuer, acr: 'basic' });
    for (const method of ['GET', 'POST'])
      expect((await client.userinfo(String(body.access_token), {}, method)).body.sub).toEqual(expect.any(String));
    const facts = await client.post('introspection', {
      token: String(body.access_token),
      ...(await client.identity()),
    });
    expect(Object.keys((facts.body.cnf as object | undefined) ?? {})).toEqual([
      client.options.dpop ? 'jkt' : 'x5t#S256',
    ]);
    const [entry] = await kapu.records.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ event: 'token.issued', clientId: client.options.clientId });
  });

  test('the answer names who gives it (RFC 9207), an error too', async () => {
    const client = make();
    const agent = kapu.agent();
    const { page } = await walk(kapu, agent, await client.visit(agent));
    expect(page.url.searchParams.get('iss')).toBe(kapu.issuer);
    const silent = await client.visit(kapu.agent(), { prompt: 'none' });
    expect(Object.fromEntries(silent.url.searchParams)).toMatchObject({ error: 'login_required', iss: kapu.issuer });
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ['without a redirect address', { redirect_uri: undefined }, 'invalid_request'],
    ['to http', { redirect_uri: 'http://rp.example/callback' }, 'invalid_request'],
    ['to a path below', { redirect_uri: `${redirectUri}/more` }, 'invalid_request'],
    ['to an address with a query', { redirect_uri: `${redirectUri}?x=1` }, 'invalid_request'],
    ['to another host', { redirect_uri: 'https://rp.example.evil.example/callback' }, 'invalid_request'],
    ['to a host with a port', { redirect_uri: 'https://rp.example:8443/callback' }, 'invalid_request'],
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with plain PKCE', { code_challenge: verifier, code_challenge_method: 'plain' }, 'invalid_request'],
    ['for tokens at once', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['with a request_uri inside', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    ['as another client', { client_id: 'fapi-nobody' }, 'invalid_request'],
  ])('a request that is pushed %s is refused', async (_how, changes, error) => {
    const client = make();
    const { client_id, ...parameters } = client.parameters();
    const answer = await client.post('request', {
      ...parameters,
      ...changes,
      ...(await client.identity()),
      client_id: changes.client_id ?? client_id,
    });
    expect([400, 401]).toContain(answer.status);
    expect([error, 'invalid_request', 'invalid_client']).toContain(answer.body.error);
    expect(answer.body.request_uri).toBeUndefined();
  });

  test('a request that is not pushed is refused', async () => {
    const client = make();
    const page = await kapu.agent().get(`${kapu.issuer}/auth?${new URLSearchParams(client.parameters())}`);
    expect(page.url.origin).toBe('https://rp.example');
    expect(Object.fromEntries(page.url.searchParams)).toMatchObject({ error: 'invalid_request', iss: kapu.issuer });
  });

  test('nobody else may push for it', async () => {
    const client = make();
    const nobody = new Client({ issuer: kapu.issuer, clientId: client.options.clientId, redirectUri });
    expect((await nobody.push()).status).toBe(401);
    expect((await nobody.with({ keys: stranger }).push()).body.error).toBe('invalid_client');
  });

  test('a request_uri works once, for its client', async () => {
    const client = make();
    const pushed = await client.push();
    const uri = pushed.body.request_uri;
    expect(pushed.body.expires_in).toBeLessThanOrEqual(60);
    const foreign = await kapu.agent().get(client.address(uri, `${client.options.clientId}-second`));
    expect(foreign.url.searchParams.get('code')).toBeNull();
    expect(foreign.html + foreign.url.search).toMatch(/invalid_request/);

    const agent = kapu.agent();
    codeOn((await walk(kapu, agent, await agent.get(client.address(uri)))).page);
    const again = await agent.get(client.address(uri));
    expect(again.url.searchParams.get('code')).toBeNull();
    expect(again.html + again.url.search).toContain('invalid_request_uri');
  });

  test('a code belongs to its client, and wants its verifier and its redirect address', async () => {
    const client = make();
    const code = await codeFor(client);
    const second = client.with({ clientId: `${client.options.clientId}-second` });
    expect((await second.redeem(code)).body.error).toBe('invalid_grant');
    const headers = client.options.dpop && { dpop: await client.proof('POST', client.endpoint('token')) };
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    const wrong = await client.post('token', { ...fields, ...(await client.identity()) }, headers);
    expect(wrong.body.error).toBe('invalid_grant');
    expect((await client.with({ redirectUri: `${redirectUri}/` }).redeem(code)).body.error).toBe('invalid_grant');
    expect((await client.redeem(code)).status).toBe(200);
  });

  test('a refresh gives no other refresh token, and the one there is goes on working', async () => {
    const client = make();
    const { body } = await tokensFor(client, offline);
    const token = String(body.refresh_token);
    for (let round = 0; round < 3; round++) {
      const refreshed = await client.refresh(token);
      expect(refreshed.body).toMatchObject({ refresh_token: token, token_type: body.token_type });
      expect(decodeJwt(String(refreshed.body.id_token)).acr).toBe('basic');
      expect((await client.userinfo(String(refreshed.body.access_token))).status).toBe(200);
    }
    const second = client.with({ clientId: `${client.options.clientId}-second` });
    expect((await second.refresh(token)).body.error).toBe('invalid_grant');
  });

  test('a stolen token opens nothing', async () => {
    const client = make();
    const token = String((await tokensFor(client)).body.access_token);
    const thief = new Client({ issuer: kapu.issuer, clientId: 'x', redirectUri });
    expect((await thief.userinfo(token)).status).toBe(401);
    expect((await thief.with({ dpop: makeKeys() }).userinfo(token)).status).toBe(401);
    const body = await thief.post('userinfo', { access_token: token });
    expect(body.status).toBe(401);
    const inAddress = await client.get(`${kapu.issuer}/userinfo?access_token=${token}`);
    expect(inAddress.status).toBe(400);
  });
});

describe.each(variants.filter(({ name }) => name.includes('private_key_jwt')))('assertions: $name', ({ client }) => {
  const tried = async (changes: Changes) => client().redeem('none', { identity: changes });
  /** The assertion was good when it is the code that is refused. */
  const good = 'invalid_grant';

  test.each<[string, () => Changes, string]>([
    ['as it should be', () => ({}), good],
    ['made 8 seconds ahead', () => ({ claims: { iat: seconds() + 8 } }), good],
    ['good from 8 seconds ahead', () => ({ claims: { nbf: seconds() + 8 } }), good],
    ['made a minute ahead', () => ({ claims: { iat: seconds() + 61 } }), 'invalid_client'],
    ['good from a minute ahead', () => ({ claims: { nbf: seconds() + 61 } }), 'invalid_client'],
    ['expired', () => ({ claims: { exp: seconds() - 60 } }), 'invalid_client'],
    ['without an end', () => ({ claims: { exp: undefined } }), 'invalid_client'],
    ['without a jti', () => ({ claims: { jti: undefined } }), 'invalid_client'],
    ['for the token endpoint', () => ({ claims: { aud: `${kapu.issuer}/token` } }), 'invalid_client'],
    ['for a list of audiences', () => ({ claims: { aud: [kapu.issuer] } }), 'invalid_client'],
    ['for somebody else', () => ({ claims: { aud: 'https://other.example' } }), 'invalid_client'],
    ['for nobody', () => ({ claims: { aud: undefined } }), 'invalid_client'],
    ['of another issuer', () => ({ claims: { iss: 'other' } }), 'invalid_client'],
    ['of a stranger', () => ({ keys: stranger }), 'invalid_client'],
    ['signed with RS256', () => ({ keys: { ...keys, alg: 'RS256' } }), 'invalid_client'],
  ])('%s', async (_how, changes, error) => {
    expect((await tried(changes())).body.error).toBe(error);
  });

  test('without a signature', async () => {
    const { clientId } = client().options;
    const none = new UnsecuredJWT({ jti: 'none', iat: seconds(), exp: seconds() + 60 })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(kapu.issuer)
      .encode();
    const fields = { grant_type: 'authorization_code', code: 'none', redirect_uri: redirectUri, client_id: clientId };
    const answer = await client().post('token', {
      ...fields,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: none,
    });
    expect(answer.body.error).toBe('invalid_client');
  });

  test('twice', async () => {
    const claims = { jti: 'the-same' };
    expect((await tried({ claims })).body.error).toBe(good);
    expect((await tried({ claims })).body.error).toBe('invalid_client');
  });
});

describe('proofs of possession', () => {
  const make = () => variants[0]!.client();
  const other = makeKeys();
  const rsa = makeKeys('RS256');

  test.each<[string, (client: Client) => Changes, number]>([
    ['as it should be', () => ({}), 200],
    ['made 10 seconds ahead', () => ({ claims: { iat: seconds() + 10 } }), 200],
    ['made 10 seconds ago', () => ({ claims: { iat: seconds() - 10 } }), 200],
    ['made a minute ahead', () => ({ claims: { iat: seconds() + 61 } }), 400],
    ['made an hour ago', () => ({ claims: { iat: seconds() - 3600 } }), 400],
    ['without iat', () => ({ claims: { iat: undefined } }), 400],
    ['without jti', () => ({ claims: { jti: undefined } }), 400],
    ['for another method', () => ({ claims: { htm: 'GET' } }), 400],
    ['for another address', () => ({ claims: { htu: `${kapu.issuer}/userinfo` } }), 400],
    ['for another host', () => ({ claims: { htu: 'https://other.example/token' } }), 400],
    ['for the address with a query', (client) => ({ claims: { htu: `${client.endpoint('token')}?x=1` } }), 200],
    ['with a nonce that is none of ours', () => ({ claims: { nonce: 'made-up' } }), 400],
    ['of another type', () => ({ header: { typ: 'JWT' } }), 400],
    ['signed with RS256', () => ({ keys: rsa }), 400],
    ['signed by another key than it shows', () => ({ keys: { ...other, jwk: dpop.jwk } }), 400],
  ])('at the token endpoint: %s', async (_how, changes, status) => {
    const client = make();
    const answer = await client.redeem(await codeFor(client), { proof: changes(client) });
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.body.error).toMatch(/invalid_dpop_proof|use_dpop_nonce/);
  });

  test('none at all', async () => {
    const client = make();
    const code = await codeFor(client);
    expect((await client.with({ dpop: undefined }).redeem(code)).body.error).toMatch(
      /invalid_grant|invalid_dpop_proof/,
    );
  });

  test('the same one twice', async () => {
    const client = make();
    const proof = await client.proof('POST', client.endpoint('token'));
    expect((await client.redeem(await codeFor(client), { proof })).status).toBe(200);
    expect((await client.redeem(await codeFor(client), { proof })).status).toBe(400);
  });

  test.each<[string, (token: string) => Changes]>([
    ['for another token', () => ({ claims: { ath: sha256('other') } })],
    ['for no token', () => ({ claims: { ath: undefined } })],
    ['by another key', () => ({ keys: other })],
    ['for another method', () => ({ claims: { htm: 'POST' } })],
    ['for another address', () => ({ claims: { htu: `${kapu.issuer}/token` } })],
    ['made a minute ahead', () => ({ claims: { iat: seconds() + 61 } })],
  ])('at userinfo: %s', async (_how, changes) => {
    const client = make();
    const token = String((await tokensFor(client)).body.access_token);
    const answer = await client.userinfo(token, { proof: changes(token) });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP .*error="/);
    expect((await client.userinfo(token)).status).toBe(200);
  });

  test('at userinfo: the same one twice', async () => {
    const client = make();
    const token = String((await tokensFor(client)).body.access_token);
    const proof = await client.proof('GET', client.endpoint('userinfo'), {}, token);
    expect((await client.userinfo(token, { proof })).status).toBe(200);
    expect((await client.userinfo(token, { proof })).status).toBe(401);
  });

  test('an answer brings a nonce, and the next proof with it is good', async () => {
    const client = make();
    const first = await client.redeem('none');
    const nonce = first.headers.get('dpop-nonce')!;
    expect(nonce).toMatch(/^[\w-]{20,}$/);
    // A proof with a nonce needs no clock (RFC 9449, 8), and is still not from the future.
    const proof = { claims: { nonce, iat: seconds() - 3600 } };
    expect((await client.redeem(await codeFor(client), { proof })).status).toBe(200);
    const ahead = { claims: { nonce, iat: seconds() + 61 } };
    expect((await client.redeem(await codeFor(client), { proof: ahead })).body.error).toBe('invalid_dpop_proof');
  });

  test('a code is bound to the key that its request was pushed with', async () => {
    const client = make();
    const pushed = await client.push(client.parameters({ dpop_jkt: 'another-key' }));
    const agent = kapu.agent();
    const { page } = await walk(kapu, agent, await agent.get(client.address(pushed.body.request_uri)));
    expect((await client.redeem(codeOn(page))).body.error).toBe('invalid_grant');
  });

  test('a refresh wants a proof, and not one of RS256', async () => {
    const client = make();
    const { body } = await tokensFor(client, offline);
    const token = String(body.refresh_token);
    expect((await client.with({ dpop: undefined }).refresh(token)).status).toBe(400);
    expect((await client.refresh(token, { proof: { keys: rsa } })).status).toBe(400);
    expect((await client.refresh(token)).status).toBe(200);
  });

  test('all of it by openid-client, nonces included', async () => {
    const config = await oidc.discovery(
      new URL(kapu.issuer),
      'fapi-0',
      { client_id: 'fapi-0' },
      oidc.PrivateKeyJwt({
        key: await crypto.subtle.importKey(
          'pkcs8',
          keys.privateKey.export({ type: 'pkcs8', format: 'der' }) as never,
          { name: 'RSA-PSS', hash: 'SHA-256' },
          false,
          ['sign'],
        ),
        kid: String(keys.jwk.kid),
      }),
      { execute: [oidc.allowInsecureRequests] },
    );
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const asked = {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    };
    const url = await oidc.buildAuthorizationUrlWithPAR(config, asked, { DPoP });
    const agent = kapu.agent();
    const { page } = await walk(kapu, agent, await agent.get(url));
    const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier }, undefined, { DPoP });
    kapu.secrets.add(tokens.access_token);
    const claims = tokens.claims()!;
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP });
    expect(info.name).toBe('Szabóné Kiss Anna');
  });
});

describe('certificates', () => {
  const [, jwtAndCertificate, byAuthority, byItself] = variants as [Variant, Variant, Variant, Variant];
  const forged = certificate({ commonName: 'service.rp.example' });
  const pushedBy = async (clientId: string, which: { key: string; cert: string }) =>
    (await showing(clientId, which).push()).body.error;

  test('of an authority: only the one with the name, from that authority, in its time', async () => {
    expect(await pushedBy('fapi-2', shown)).toBeUndefined();
    expect(await pushedBy('fapi-2', certificate({ commonName: 'other.rp.example', by: authority }))).toBe(
      'invalid_client',
    );
    expect(await pushedBy('fapi-2', forged)).toBe('invalid_client');
    expect(await pushedBy('fapi-2', certificate({ commonName: 'service.rp.example', by: forged }))).toBe(
      'invalid_client',
    );
    const expired = certificate({ commonName: 'service.rp.example', by: authority, hours: -1 });
    expect(await pushedBy('fapi-2', expired)).toBe('invalid_client');
    // A service's certificate makes no others.
    expect(await pushedBy('fapi-2', certificate({ commonName: 'service.rp.example', by: shown }))).toBe(
      'invalid_client',
    );
  });

  test('of its own: only the one that is registered', async () => {
    expect(await pushedBy('fapi-3', own)).toBeUndefined();
    expect(await pushedBy('fapi-3', certificate({ commonName: 'self.rp.example' }))).toBe('invalid_client');
    expect(await pushedBy('fapi-3', shown)).toBe('invalid_client');
  });

  test('none at all', async () => {
    const bare = byAuthority.client().with({ fetch: wire({ ca: server.cert }) });
    expect((await bare.push()).body.error).toBe('invalid_client');
    const unbound = jwtAndCertificate.client();
    const code = await codeFor(unbound);
    expect((await unbound.with({ fetch: wire({ ca: server.cert }) }).redeem(code)).body.error).toBe('invalid_grant');
  });

  test('a token goes with the certificate that it was given to', async () => {
    for (const variant of [jwtAndCertificate, byAuthority, byItself]) {
      const client = variant.client();
      const token = String((await tokensFor(client)).body.access_token);
      const thief = showing('thief', certificate({ commonName: 'thief', by: authority }));
      expect((await thief.userinfo(token)).status).toBe(401);
      expect((await thief.with({ fetch: wire({ ca: server.cert }) }).userinfo(token)).status).toBe(401);
      expect((await client.userinfo(token)).status).toBe(200);
    }
  });

  test.each<[string, (pem: string) => string]>([
    ['as RFC 9440 has it', (pem) => `:${bytesOf(pem)}:`],
    ['as nginx escapes it', (pem) => encodeURIComponent(pem)],
    ['as bytes in base64', (pem) => bytesOf(pem)],
  ])('by the header of a trusted proxy, %s', async (_how, write) => {
    const client = byAuthority.client().with({ endpoints: undefined, fetch: wire() });
    const proxied = { 'x-forwarded-host': new URL(second).host, 'x-forwarded-proto': 'https' };
    const pushed = (text: string, more: object = proxied) => client.push(undefined, { 'client-cert': text, ...more });
    expect((await pushed(write(shown.cert))).status).toBe(201);
    expect((await pushed(write(forged.cert))).body.error).toBe('invalid_client');
    expect((await pushed('nonsense')).body.error).toBe('invalid_client');
    expect((await client.push(undefined, proxied)).body.error).toBe('invalid_client');
    // The proxy asks for certificates at their address: at another the header is the client's own.
    expect((await pushed(write(shown.cert), {})).body.error).toBe('invalid_client');
  });

  test('what a client shows itself goes before what a header says', async () => {
    const client = showing('fapi-2', forged);
    expect((await client.push(undefined, { 'client-cert': `:${bytesOf(shown.cert)}:` })).body.error).toBe(
      'invalid_client',
    );
  });

  test('their address has what services call, and nothing for browsers', async () => {
    const { body } = await byAuthority.client().get(`${kapu.issuer}/.well-known/openid-configuration`);
    expect(body).toMatchObject({
      issuer: kapu.issuer,
      token_endpoint: `${kapu.issuer}/token`,
      tls_client_certificate_bound_access_tokens: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
      mtls_endpoint_aliases: {
        token_endpoint: `${second}/token`,
        pushed_authorization_request_endpoint: `${second}/request`,
        userinfo_endpoint: `${second}/userinfo`,
        introspection_endpoint: `${second}/token/introspection`,
        revocation_endpoint: `${second}/token/revocation`,
      },
    });
    for (const path of ['/auth', '/session/end', '/interaction/x', '/.well-known/openid-configuration', '/'])
      expect((await byAuthority.client().get(`${second}${path}`)).status).toBe(421);
  });
});

describe('request objects', () => {
  test('that are not signed are refused', async () => {
    const client = variants[0]!.client();
    const request = new UnsecuredJWT(client.parameters())
      .setIssuer(client.options.clientId)
      .setAudience(kapu.issuer)
      .setNotBefore(seconds())
      .setExpirationTime(seconds() + 60)
      .encode();
    const answer = await client.post('request', { request, ...(await client.identity()) });
    expect(answer.body.error).toBe('invalid_request_object');
  });

  test('that are signed are taken, from a client that need not', async () => {
    const client = variants[0]!.client().with({ requests: keys });
    expect((await client.push()).status).toBe(201);
    const rs256 = await sign(
      { ...keys, alg: 'RS256' },
      {
        iss: client.options.clientId,
        aud: kapu.issuer,
        nbf: seconds(),
        exp: seconds() + 60,
        ...client.parameters(),
      },
    );
    const answer = await client.post('request', { request: rs256, ...(await client.identity()) });
    expect(answer.body.error).toBe('invalid_request_object');
  });
});

test('discovery says what there is', async () => {
  const { body } = await variants[0]!.client().get(`${kapu.issuer}/.well-known/openid-configuration`);
  expect(body).toMatchObject({
    pushed_authorization_request_endpoint: `${kapu.issuer}/request`,
    authorization_response_iss_parameter_supported: true,
    request_uri_parameter_supported: false,
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
  });
  expect(body.require_pushed_authorization_requests).not.toBe(true);
});

describe('time passes', () => {
  test('a request_uri ends after a minute', async () => {
    const client = variants[0]!.client();
    const pushed = await client.push();
    await clock.pass(62_000);
    const page = await kapu.agent().get(client.address(pushed.body.request_uri));
    expect(page.html + page.url.search).toContain('invalid_request_uri');
  });

  test('a code that comes back after 30 seconds ends what it gave', async () => {
    const client = variants[0]!.client();
    const code = await codeFor(client, offline);
    const { body } = await client.redeem(code);
    const [access, refresh] = [String(body.access_token), String(body.refresh_token)];
    kapu.secrets.add(access);
    kapu.secrets.add(refresh);
    await clock.pass(30_000);
    expect((await client.userinfo(access)).status).toBe(200);
    expect((await client.redeem(code)).body.error).toBe('invalid_grant');
    expect((await client.userinfo(access)).status).toBe(401);
    expect((await client.refresh(refresh)).body.error).toBe('invalid_grant');
  });
});
