/** The plan fapi2-message-signing-final from outside: signed requests, signed answers, signed introspection. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, UnsecuredJWT } from 'jose';
import * as oidc from 'openid-client';
import { walk } from '../../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { type Changes, Client, makeKeys, seconds } from '../client.ts';

const redirectUri = 'https://rp.example/callback';
const keys = makeKeys('ES256');
const dpop = makeKeys('ES256');
const stranger = makeKeys('ES256');
const rsa = makeKeys('PS256');
let kapu: TestKapu;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  await kapu.records.clients.put('signed', {
    profile: 'high-signed',
    client_name: 'Signed',
    client_uri: 'https://rp.example/',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    dpop_bound_access_tokens: true,
    jwks: { keys: [keys.jwk, rsa.jwk] },
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const client = () => new Client({ issuer: kapu.issuer, clientId: 'signed', redirectUri, keys, dpop, requests: keys });
const asJwt = { response_mode: 'jwt' };
const verified = (response: string | null) =>
  jwtVerify(response ?? '', createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`)), {
    issuer: kapu.issuer,
    audience: 'signed',
    algorithms: ['ES256', 'PS256', 'EdDSA'],
  });

/** Pushes a request object with `changes`, and gives what is answered. */
async function pushed(changes: Changes, parameters: Record<string, string | undefined> = asJwt) {
  const of = client();
  const request = await of.requestObject(of.parameters(parameters), changes);
  return of.post('request', { request, ...(await of.identity()) });
}

async function signedIn() {
  const of = client();
  const agent = kapu.agent();
  const { page } = await walk(kapu, agent, await of.visit(agent, asJwt));
  const { payload } = await verified(page.url.searchParams.get('response'));
  const { body } = await of.redeem(String(payload.code));
  kapu.secrets.add(String(body.access_token));
  return { of, page, payload, token: String(body.access_token), body };
}

test('a request that is signed, an answer that is signed, a token that is bound', async () => {
  const { of, page, payload, token, body } = await signedIn();
  expect([...page.url.searchParams.keys()]).toEqual(['response']);
  expect(payload).toMatchObject({
    iss: kapu.issuer,
    aud: 'signed',
    code: expect.any(String),
    state: expect.any(String),
  });
  expect(payload.exp! - seconds()).toBeLessThanOrEqual(600);
  expect(body.token_type).toBe('DPoP');
  expect(decodeJwt(String(body.id_token)).acr).toBe('basic');
  expect((await of.userinfo(token)).status).toBe(200);
});

describe('request objects', () => {
  test.each<[string, () => Changes, string | undefined]>([
    ['as it should be', () => ({}), undefined],
    ['signed with PS256', () => ({ keys: rsa }), undefined],
    ['good from 8 seconds ahead', () => ({ claims: { nbf: seconds() + 8 } }), undefined],
    ['made 8 seconds ahead', () => ({ claims: { iat: seconds() + 8 } }), undefined],
    ['good from a minute ahead', () => ({ claims: { nbf: seconds() + 61 } }), 'invalid_request_object'],
    ['made a minute ahead', () => ({ claims: { iat: seconds() + 61 } }), 'invalid_request_object'],
    ['good from two hours ago', () => ({ claims: { nbf: seconds() - 7200 } }), 'invalid_request_object'],
    ['good for two hours', () => ({ claims: { exp: seconds() + 7200 } }), 'invalid_request_object'],
    ['expired', () => ({ claims: { exp: seconds() - 60 } }), 'invalid_request_object'],
    ['without exp', () => ({ claims: { exp: undefined } }), 'invalid_request_object'],
    ['without nbf', () => ({ claims: { nbf: undefined } }), 'invalid_request_object'],
    ['without aud', () => ({ claims: { aud: undefined } }), 'invalid_request_object'],
    ['for somebody else', () => ({ claims: { aud: 'https://other.example' } }), 'invalid_request_object'],
    ['of another issuer', () => ({ claims: { iss: 'other' } }), 'invalid_request_object'],
    ['for another client', () => ({ claims: { client_id: 'demo-native' } }), 'invalid_request_object'],
    ['signed by a stranger', () => ({ keys: { ...stranger, jwk: keys.jwk } }), 'invalid_request_object'],
    ['signed with RS256', () => ({ keys: { ...rsa, alg: 'RS256' } }), 'invalid_request_object'],
    ['with a request inside', () => ({ claims: { request: 'a.b.c' } }), 'invalid_request_object'],
    ['with a request_uri inside', () => ({ claims: { request_uri: 'urn:x' } }), 'invalid_request_object'],
    [
      'to an address that is not registered',
      () => ({ claims: { redirect_uri: `${redirectUri}/x` } }),
      'invalid_request',
    ],
    [
      'without PKCE',
      () => ({ claims: { code_challenge: undefined, code_challenge_method: undefined } }),
      'invalid_request',
    ],
  ])('%s', async (_how, changes, error) => {
    const answer = await pushed(changes());
    expect(answer.body.error).toBe(error);
    expect(answer.status).toBe(error ? 400 : 201);
  });

  test('none, or one of alg none', async () => {
    const of = client();
    const plain = await of.post('request', { ...of.parameters(asJwt), ...(await of.identity()) });
    expect(plain.body).toMatchObject({ error: 'invalid_request' });
    const request = new UnsecuredJWT({ ...of.parameters(asJwt), nbf: seconds(), exp: seconds() + 60 })
      .setIssuer('signed')
      .setAudience(kapu.issuer)
      .encode();
    expect((await of.post('request', { request, ...(await of.identity()) })).body.error).toBe('invalid_request_object');
  });

  test('what stands beside one does not count', async () => {
    const of = client();
    const request = await of.requestObject(of.parameters({ ...asJwt, state: 'signed', prompt: 'none' }));
    const { body } = await of.post('request', { request, ...(await of.identity()), state: 'beside', prompt: 'login' });
    const page = await kapu.agent().get(`${of.address(body.request_uri)}&state=beside&prompt=login`);
    const { payload } = await verified(page.url.searchParams.get('response'));
    expect(payload).toMatchObject({ error: 'login_required', state: 'signed' });
  });

  test('one that is not pushed is refused', async () => {
    const of = client();
    const request = await of.requestObject(of.parameters(asJwt));
    const page = await kapu.agent().get(`${kapu.issuer}/auth?${new URLSearchParams({ client_id: 'signed', request })}`);
    expect(page.html + page.url.search).toContain('invalid_request');
    expect(page.url.searchParams.get('code')).toBeNull();
  });
});

describe('answers', () => {
  test.each([undefined, 'query', 'fragment', 'form_post'])(
    'response_mode %s is refused: it is not signed',
    async (mode) => {
      expect((await pushed({}, { response_mode: mode })).body.error).toBe('invalid_request');
    },
  );

  test('an error is signed as well', async () => {
    const page = await client().visit(kapu.agent(), { ...asJwt, prompt: 'none' });
    expect([...page.url.searchParams.keys()]).toEqual(['response']);
    const { payload } = await verified(page.url.searchParams.get('response'));
    expect(payload).toMatchObject({ error: 'login_required', iss: kapu.issuer, aud: 'signed' });
  });
});

describe('introspection (RFC 9701)', () => {
  const accept = 'application/token-introspection+jwt';

  test('is signed for who asks, where that is asked for', async () => {
    const { of, token } = await signedIn();
    const answer = await of.post('introspection', { token, ...(await of.identity()) }, { accept });
    expect(answer.headers.get('content-type')).toContain(accept);
    expect(decodeProtectedHeader(answer.text).typ).toBe('token-introspection+jwt');
    const { payload } = await verified(answer.text);
    expect(payload.token_introspection).toMatchObject({
      active: true,
      client_id: 'signed',
      acr: 'basic',
      cnf: { jkt: expect.any(String) },
    });
    // It is no token of its own (RFC 9701, 5).
    expect(payload.sub).toBeUndefined();
    expect(payload.exp).toBeUndefined();
    const plain = await of.post('introspection', { token, ...(await of.identity()) });
    expect(plain.body).toMatchObject({ active: true });
  });

  test('of nothing says that it is not active', async () => {
    const of = client();
    const answer = await of.post('introspection', { token: 'nothing', ...(await of.identity()) }, { accept });
    expect((await verified(answer.text)).payload.token_introspection).toEqual({ active: false });
  });
});

test('all of it by openid-client', async () => {
  const key = await crypto.subtle.importKey(
    'pkcs8',
    keys.privateKey.export({ type: 'pkcs8', format: 'der' }) as never,
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
  const signing = { key, kid: String(keys.jwk.kid) };
  const config = await oidc.discovery(new URL(kapu.issuer), 'signed', {}, oidc.PrivateKeyJwt(signing), {
    execute: [oidc.allowInsecureRequests, oidc.useJwtResponseMode, oidc.enableNonRepudiationChecks],
  });
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const jar = await oidc.buildAuthorizationUrlWithJAR(
    config,
    {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    },
    signing,
  );
  const url = await oidc.buildAuthorizationUrlWithPAR(config, jar.searchParams, { DPoP });
  const agent = kapu.agent();
  const { page } = await walk(kapu, agent, await agent.get(url));
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier }, undefined, { DPoP });
  kapu.secrets.add(tokens.access_token);
  expect(tokens.claims()).toMatchObject({ acr: 'basic', aud: 'signed' });
});

test('discovery says what there is', async () => {
  const { body } = await client().get(`${kapu.issuer}/.well-known/openid-configuration`);
  expect(body).toMatchObject({
    request_parameter_supported: true,
    response_modes_supported: expect.arrayContaining(['jwt', 'query.jwt', 'form_post.jwt']),
    // The test's server has keys of these two: it does not promise to sign with others.
    authorization_signing_alg_values_supported: ['ES256', 'RS256'],
    introspection_signing_alg_values_supported: ['ES256', 'RS256'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    request_object_signing_alg_values_supported: expect.arrayContaining(['ES256', 'PS256', 'EdDSA']),
  });
});
