/** The plan oidcc-config from outside: what discovery and the JWKS say, and that it is true. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { type Answer, read, wire } from '../wire.ts';

let kapu: TestKapu;
let discovery: Answer;
const get = async (url: string) => read(await wire()(url));
const listOf = (name: string) => discovery.body[name] as string[];

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  discovery = await get(`${kapu.issuer}/.well-known/openid-configuration`);
});
afterAll(() => kapu.stop());

test('discovery is JSON, and of this issuer', () => {
  expect(discovery.status).toBe(200);
  expect(discovery.headers.get('content-type')).toMatch(/^application\/json/);
  expect(discovery.body.issuer).toBe(kapu.issuer);
});

test.each([
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'end_session_endpoint',
  'pushed_authorization_request_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
])('%s is of the issuer, and there', async (name) => {
  const url = String(discovery.body[name]);
  expect(new URL(url).origin).toBe(kapu.issuer);
  // What is not there is 404; these want more than was sent.
  expect((await read(await wire()(url, { method: name === 'jwks_uri' ? 'GET' : 'POST' }))).status).not.toBe(404);
});

test.each<[string, string[]]>([
  ['response_types_supported', ['code']],
  ['subject_types_supported', ['pairwise', 'public']],
  ['id_token_signing_alg_values_supported', ['RS256', 'ES256']],
  ['scopes_supported', ['openid', 'profile', 'email', 'offline_access']],
  ['claims_supported', ['sub', 'iss', 'auth_time', 'acr', 'name', 'email', 'email_verified', 'birthdate']],
  ['grant_types_supported', ['authorization_code', 'refresh_token']],
  ['token_endpoint_auth_methods_supported', ['client_secret_basic', 'client_secret_post', 'private_key_jwt']],
  ['code_challenge_methods_supported', ['S256']],
  ['acr_values_supported', ['basic', 'plus']],
  ['response_modes_supported', ['query', 'form_post', 'jwt']],
  ['ui_locales_supported', ['hu', 'en']],
])('%s names what is there', (name, values) => {
  expect(listOf(name)).toEqual(expect.arrayContaining(values));
  expect(new Set(listOf(name)).size).toBe(listOf(name).length);
});

test('what is not there is not named', () => {
  expect(listOf('response_types_supported')).toEqual(['code']);
  for (const [name, values] of Object.entries(discovery.body))
    if (name.includes('alg_values')) expect(values).not.toContain('none');
  for (const scope of ['address', 'phone']) expect(listOf('scopes_supported')).not.toContain(scope);
  expect(listOf('code_challenge_methods_supported')).not.toContain('plain');
});

test('what may be left to the defaults of the specification is said', () => {
  expect(discovery.body).toMatchObject({
    claims_parameter_supported: true,
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
  });
});

test('the JWKS has public keys alone, each with a name of its own, one that fits RS256', async () => {
  const { body, status, headers } = await get(String(discovery.body.jwks_uri));
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/json/);
  const keys = body.keys as Record<string, string>[];
  for (const key of keys) {
    for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']) expect(key[part]).toBeUndefined();
    expect(key).toMatchObject({ kid: expect.any(String), kty: expect.stringMatching(/^(RSA|EC|OKP)$/), use: 'sig' });
  }
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
  expect(keys.map(({ alg }) => alg)).toEqual(expect.arrayContaining(['RS256', 'ES256']));
});
