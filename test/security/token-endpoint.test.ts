/** The token endpoint and its neighbours against clients that are wrong, mixed up or not who they say (RFC 9700; ASVS 10.4). */

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { signIn, walk } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

const secret = 'demo-web-secret-0123456789abcdef';
const basic = (id: string, password: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(password)}`).toString('base64')}`;

let kapu: TestKapu;
let native: RelyingParty;
let web: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  kapu.secrets.add(secret);
  native = await kapu.service();
  web = await kapu.service({ clientId: 'demo-web', secret });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

interface Answer {
  status: number;
  body: { error?: string; access_token?: string; [name: string]: unknown };
  headers: Headers;
}

async function post(
  path: string,
  fields: Record<string, string | undefined>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  const answer = await fetch(`${kapu.issuer}${path}`, { method: 'POST', body: new URLSearchParams(given), headers });
  expect(answer.status).toBeLessThan(500);
  const text = await answer.text();
  expect(text).not.toMatch(/node_modules|\n\s+at /);
  return { status: answer.status, body: text ? JSON.parse(text) : {}, headers: answer.headers };
}

/** A code of `party`, and the fields that redeem it. */
async function codeOf(party: RelyingParty): Promise<Record<string, string>> {
  const agent = kapu.agent();
  const verifier = 'v'.repeat(43);
  const { page } = await party.visit(agent, { code_challenge: await challengeOf(verifier) });
  const { page: back } = await walk(kapu, agent, page);
  const code = back.url.searchParams.get('code')!;
  return { grant_type: 'authorization_code', code, redirect_uri: party.redirectUri, code_verifier: verifier };
}

async function challengeOf(verifier: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');
}

describe('a code is redeemed', () => {
  const own = { client_id: 'demo-native' };
  test.each<[string, Record<string, string | undefined>, string]>([
    ['without its verifier', { code_verifier: undefined }, 'invalid_grant'],
    ['with an empty verifier', { code_verifier: '' }, 'invalid_grant'],
    ['with another verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant'],
    ['with the challenge for a verifier', { code_verifier: 'CHALLENGE' }, 'invalid_grant'],
    ['with another redirect address', { redirect_uri: 'http://127.0.0.1:45455/callback' }, 'invalid_grant'],
    ['without a redirect address', { redirect_uri: undefined }, 'invalid_grant'],
    ['by another public client', { client_id: 'demo-plus' }, 'invalid_grant'],
    ['by nobody', { client_id: undefined }, 'invalid_request'],
    ['by a client that nobody knows', { client_id: 'nobody' }, 'invalid_client'],
    ['when it is not a code', { code: 'nonsense' }, 'invalid_grant'],
    ['when there is none', { code: undefined }, 'invalid_request'],
    ['as a refresh token', { grant_type: 'refresh_token' }, 'invalid_request'],
    ['as a password', { grant_type: 'password', username: 'anna', password: 'x' }, 'unsupported_grant_type'],
    ['for the client itself', { grant_type: 'client_credentials' }, 'invalid_request'],
    ['as nothing', { grant_type: undefined }, 'invalid_request'],
  ])('%s: no', async (_how, changes, error) => {
    const fields = await codeOf(native);
    const verifier = changes.code_verifier === 'CHALLENGE' ? await challengeOf(fields.code_verifier!) : undefined;
    const { status, body } = await post('/token', {
      ...fields,
      ...own,
      ...changes,
      ...(verifier && { code_verifier: verifier }),
    });
    expect([400, 401]).toContain(status);
    expect(body.access_token).toBeUndefined();
    // Without one, the only registered address counts, which is not where this code was sent.
    expect([error, 'invalid_request']).toContain(body.error);
  });

  test('as it should be, after somebody without the verifier tried: yes', async () => {
    const fields = { ...(await codeOf(native)), ...own };
    await post('/token', { ...fields, code_verifier: 'w'.repeat(43) });
    expect((await post('/token', fields)).status).toBe(200);
  });

  test('by what stands in the address: no', async () => {
    const fields = { ...(await codeOf(native)), ...own };
    const answer = await fetch(`${kapu.issuer}/token?${new URLSearchParams(fields)}`, { method: 'POST' });
    expect(answer.status).toBe(400);
    expect((await fetch(`${kapu.issuer}/token?${new URLSearchParams(fields)}`)).status).toBe(404);
  });

  test('is not kept by anybody on the way (ASVS 14.3.2)', async () => {
    const { headers } = await post('/token', { ...(await codeOf(native)), ...own });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('a client with a secret', () => {
  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['without it', { client_id: 'demo-web' }, {}],
    ['with a wrong one', {}, { authorization: basic('demo-web', 'x'.repeat(32)) }],
    ['with an empty one', {}, { authorization: basic('demo-web', '') }],
    ['in both places', { client_id: 'demo-web', client_secret: secret }, { authorization: basic('demo-web', secret) }],
    [
      'as one client in the header and another in the body',
      { client_id: 'demo-native' },
      { authorization: basic('demo-web', secret) },
    ],
    ['with a header that is not one', {}, { authorization: 'Basic !!!' }],
    ['with another scheme', {}, { authorization: `Bearer ${secret}` }],
    ['with the id alone', {}, { authorization: `Basic ${Buffer.from('demo-web').toString('base64')}` }],
    [
      'with bytes of no UTF-8',
      {},
      { authorization: `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x80]).toString('base64')}` },
    ],
    ['with broken percent signs', {}, { authorization: `Basic ${Buffer.from('demo-web:%zz%').toString('base64')}` }],
  ])('%s: no', async (_how, fields, headers) => {
    const { status, body } = await post('/token', { ...(await codeOf(web)), ...fields }, headers);
    expect([400, 401]).toContain(status);
    expect(['invalid_client', 'invalid_request']).toContain(body.error);
  });

  test('as it should be: yes', async () => {
    const answer = await post('/token', await codeOf(web), { authorization: basic('demo-web', secret) });
    expect(answer.status).toBe(200);
  });

  test('cannot be taken for a public one, nor a public one for it', async () => {
    const mixed = { ...(await codeOf(native)), client_id: 'demo-native', client_secret: secret };
    expect((await post('/token', mixed)).body.error).toMatch(/invalid_client|invalid_request/);
    const header = { authorization: basic('demo-native', secret) };
    expect((await post('/token', await codeOf(native), header)).body.error).toBe('invalid_client');
  });
});

describe('a client that signs', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const now = () => Math.floor(Date.now() / 1000);
  const claims = (changes: object = {}) => ({
    ...{ iss: 'signs', sub: 'signs', aud: kapu.issuer, jti: randomUUID(), iat: now(), exp: now() + 60 },
    ...changes,
  });
  const signed = (payload: object, key = privateKey, header: object = {}) =>
    new SignJWT(payload as Record<string, unknown>).setProtectedHeader({ alg: 'ES256', ...header }).sign(key);
  let party: RelyingParty;

  beforeAll(async () => {
    await kapu.records.clients.put('signs', {
      client_name: 'Signs',
      client_uri: 'http://localhost/',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
      redirect_uris: ['http://127.0.0.1:45454/callback'],
      scope: 'openid',
    });
    party = await kapu.service({ clientId: 'signs' });
  });

  async function redeem(assertion: string): Promise<Answer> {
    return post('/token', { ...(await codeOf(party)), client_assertion_type: type, client_assertion: assertion });
  }

  test('as it should be: yes, and the same words again: no (RFC 7523, 3)', async () => {
    const assertion = await signed(claims());
    expect((await redeem(assertion)).status).toBe(200);
    expect((await redeem(assertion)).body.error).toBe('invalid_client');
  });

  test('the same words fifty times at once: once', async () => {
    const said = { client_assertion_type: type, client_assertion: await signed(claims()), token: 'none' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('/token/revocation', said)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  });

  test.each<[string, () => Promise<string> | string]>([
    ['with alg none', () => new UnsecuredJWT(claims()).encode()],
    ['with its public key as a secret', () => signedWithPublicKey()],
    ['with the key of a stranger', () => signed(claims(), stranger)],
    [
      'with a key that it sends along',
      () => signed(claims(), stranger, { jwk: publicKey.export({ format: 'jwk' }), jku: 'https://evil.example/keys' }),
    ],
    ['for another server', () => signed(claims({ aud: 'https://other.example' }))],
    ['for no server', () => signed(claims({ aud: undefined }))],
    ['in the name of another', () => signed(claims({ iss: 'demo-web', sub: 'demo-web' }))],
    ['too late', () => signed(claims({ exp: now() - 120 }))],
    ['for ever', () => signed(claims({ exp: undefined }))],
    ['without a number', () => signed(claims({ jti: undefined }))],
    ['with nonsense', () => 'a.b.c'],
  ])('%s: no (ASVS 9.1, 9.2)', async (_how, make) => {
    const { status, body } = await redeem(await make());
    expect([400, 401]).toContain(status);
    expect(['invalid_client', 'invalid_request']).toContain(body.error);
  });

  async function signedWithPublicKey(): Promise<string> {
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    return new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(pem));
  }
});

describe('other origins (CORS; ASVS 3.5.2)', () => {
  test.each(['/token', '/token/introspection', '/token/revocation'])(
    '%s does not answer to a foreign page',
    async (path) => {
      const { status, headers } = await post(
        path,
        { client_id: 'demo-native', token: 'x' },
        { origin: 'https://evil.example' },
      );
      expect(status).toBe(400);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    },
  );

  test('/userinfo neither', async () => {
    const { tokens } = await signIn(kapu, native, kapu.agent());
    const headers = { origin: 'https://evil.example', authorization: `Bearer ${tokens.access_token}` };
    const answer = await fetch(`${kapu.issuer}/userinfo`, { headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([400, null]);
    expect(await answer.text()).not.toContain('sub');
  });
});
