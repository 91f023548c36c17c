/** Client profiles from outside: what each one may do at the endpoints, and what it may not. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { walk } from '../../flow/journey.ts';
import { testClock } from '../../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { Client, codeOn, makeKeys, verifier } from '../client.ts';

const api = 'https://tax.example/api';
const opaqueApi = 'https://health.example/api';
const secret = 'a-secret-of-a-test-0123456789-0123456789';
const keys = makeKeys();
const clock = testClock();
let kapu: TestKapu;

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.resources = {
        [api]: { scopes: ['tax.read', 'tax.write'] },
        [opaqueApi]: { scopes: ['health.read'], accessToken: 'opaque' },
      };
    },
  });
  kapu.secrets.add(secret);
  const put = (id: string, metadata: object) =>
    kapu.records.clients.put(id, { client_name: id, client_uri: 'http://localhost/', ...metadata });
  const signsIn = { redirect_uris: ['https://rp.example/callback'] };
  const withSecret = { token_endpoint_auth_method: 'client_secret_post', client_secret: secret };
  await put('old', { ...signsIn, ...withSecret, profile: 'legacy' });
  await put('usual', { ...signsIn, ...withSecret });
  const jwks = { keys: [keys.jwk] };
  const machine = { profile: 'service', token_endpoint_auth_method: 'private_key_jwt', jwks };
  await put('machine', { ...machine, resources: [api] });
  await put('machines', { ...machine, resources: [api, opaqueApi] });
  await put('phone', {
    profile: 'public',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback', 'https://app.rp.example/callback', 'example.rp.app:/callback'],
    subject_type: 'public',
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const client = (clientId: string, redirectUri = 'https://rp.example/callback') =>
  new Client({ issuer: kapu.issuer, clientId, redirectUri });
const address = (of: Client, more: Record<string, string | undefined> = {}) =>
  `${kapu.issuer}/auth?${new URLSearchParams(of.parameters(more))}`;
const noPkce = { code_challenge: undefined, code_challenge_method: undefined };

describe('standard', () => {
  test('asks userinfo by GET and POST, with the token in the header or in the body, never in the address', async () => {
    const usual = client('usual');
    const agent = kapu.agent();
    const { page } = await walk(kapu, agent, await agent.get(address(usual)));
    const fields = {
      grant_type: 'authorization_code',
      code: codeOn(page),
      redirect_uri: 'https://rp.example/callback',
    };
    const { body } = await usual.post('token', {
      ...fields,
      ...{ client_id: 'usual', client_secret: secret, code_verifier: verifier },
    });
    const token = String(body.access_token);
    for (const method of ['GET', 'POST']) expect((await usual.userinfo(token, {}, method)).status).toBe(200);
    expect((await usual.post('userinfo', { access_token: token })).status).toBe(200);
    const both = await usual.post('userinfo', { access_token: token }, { authorization: `Bearer ${token}` });
    expect(both.status).toBe(400);
    expect((await usual.get(`${kapu.issuer}/userinfo?access_token=${token}`)).status).toBe(400);
  });
});

describe('legacy', () => {
  test('signs in without PKCE, with its secret in the body, and the log says so once a day', async () => {
    const old = client('old');
    for (let round = 0; round < 2; round++) {
      const agent = kapu.agent();
      const { page } = await walk(kapu, agent, await agent.get(address(old, noPkce)));
      const answer = await old.post('token', {
        grant_type: 'authorization_code',
        code: codeOn(page),
        redirect_uri: 'https://rp.example/callback',
        client_id: 'old',
        client_secret: secret,
      });
      expect(answer.body).toMatchObject({ token_type: 'Bearer', id_token: expect.any(String) });
    }
    expect(kapu.log.filter((line) => line.includes("profile 'legacy'") && line.includes('"old"'))).toHaveLength(1);
  });

  test('may have PKCE all the same, and then the verifier counts', async () => {
    const old = client('old');
    const agent = kapu.agent();
    const { page } = await walk(kapu, agent, await agent.get(address(old)));
    const fields = {
      grant_type: 'authorization_code',
      code: codeOn(page),
      redirect_uri: 'https://rp.example/callback',
    };
    const answer = await old.post('token', { ...fields, client_id: 'old', client_secret: secret });
    expect(answer.body.error).toBe('invalid_grant');
  });

  test('is the only one: another without PKCE hears invalid_request, with iss', async () => {
    const page = await kapu.agent().get(address(client('usual'), noPkce));
    expect(Object.fromEntries(page.url.searchParams)).toMatchObject({ error: 'invalid_request', iss: kapu.issuer });
  });
});

describe('high', () => {
  test('is refused altogether where nothing would bind its tokens', async () => {
    await kapu.records.clients.put('unbound', {
      ...{ profile: 'high', client_name: 'Unbound', client_uri: 'http://localhost/' },
      redirect_uris: ['https://rp.example/callback'],
      ...{ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [keys.jwk] } },
      // This server's settings say nothing of certificates.
      tls_client_certificate_bound_access_tokens: true,
    });
    const { status, body } = await client('unbound').with({ keys }).push();
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_client_metadata');
  });
});

describe('service', () => {
  const ask = (id: string, fields: Record<string, string>) => {
    const machine = client(id).with({ keys });
    return machine
      .identity()
      .then((identity) => machine.post('token', { grant_type: 'client_credentials', ...identity, ...fields }));
  };

  test('gets a JWT for its only API, of its own name, and the audit says so', async () => {
    const { body } = await ask('machine', { scope: 'tax.read openid profile' });
    expect(body).toMatchObject({ token_type: 'Bearer', scope: 'tax.read', expires_in: 600 });
    expect(body.id_token).toBeUndefined();
    expect(body.refresh_token).toBeUndefined();
    const { payload } = await jwtVerify(String(body.access_token), createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`)));
    expect(payload).toMatchObject({ aud: api, sub: 'machine', client_id: 'machine', scope: 'tax.read' });
    expect(payload.acr).toBeUndefined();
    const [entry] = await kapu.records.audit.list({ limit: 1 });
    expect(entry).toMatchObject({
      event: 'token.issued',
      clientId: 'machine',
      detail: { grant: 'client_credentials', scope: 'tax.read' },
    });
    expect(entry?.accountId).toBeUndefined();
  });

  test('names the API where it has several; an opaque token is asked about', async () => {
    expect((await ask('machines', {})).body.error).toBe('invalid_target');
    const { body } = await ask('machines', { resource: opaqueApi, scope: 'health.read' });
    const token = String(body.access_token);
    expect(token.split('.')).toHaveLength(1);
    const machine = client('machines').with({ keys });
    const { body: facts } = await machine.post('introspection', { token, ...(await machine.identity()) });
    expect(facts).toMatchObject({ active: true, aud: opaqueApi, client_id: 'machines', scope: 'health.read' });
    expect((await machine.userinfo(token)).status).toBe(401);
  });

  test.each([['https://other.example/api'], [opaqueApi]])(
    'gets nothing for %s, which it does not list',
    async (resource) => {
      expect((await ask('machine', { resource })).body.error).toBe('invalid_target');
    },
  );

  test('that is removed has no active token any more', async () => {
    await kapu.records.clients.put('leaving', {
      ...{ profile: 'service', client_name: 'Leaving', resources: [opaqueApi] },
      ...{ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [keys.jwk] } },
    });
    const token = String((await ask('leaving', {})).body.access_token);
    const machine = client('machines').with({ keys });
    const isActive = async () => (await machine.post('introspection', { token, ...(await machine.identity()) })).body;
    expect(await isActive()).toMatchObject({ active: true, client_id: 'leaving' });
    await kapu.records.clients.remove('leaving');
    await clock.pass(60_000);
    expect(await isActive()).toEqual({ active: false });
  });

  test('signs nobody in', async () => {
    const page = await kapu.agent().get(address(client('machine')));
    expect(page.status).toBe(400);
    expect((await ask('machine', { grant_type: 'authorization_code', code: 'x' })).body.error).toMatch(
      /unauthorized_client|invalid_request/,
    );
  });

  test('and nobody else gets such tokens', async () => {
    const fields = { grant_type: 'client_credentials', client_id: 'usual', client_secret: secret };
    expect((await client('usual').post('token', fields)).body.error).toBe('invalid_request');
  });
});

describe('public', () => {
  test.each(['http://127.0.0.1:45999/callback', 'https://app.rp.example/callback', 'example.rp.app:/callback'])(
    'comes back to %s',
    async (redirect_uri) => {
      const agent = kapu.agent();
      const { page } = await walk(kapu, agent, await agent.get(address(client('phone'), { redirect_uri })));
      expect(page.url.href.startsWith(redirect_uri)).toBe(true);
      const phone = client('phone', redirect_uri);
      expect((await phone.redeem(codeOn(page))).body).toMatchObject({ token_type: 'Bearer' });
    },
  );

  test('has no secret to show, nor an assertion', async () => {
    const phone = client('phone');
    const fields = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'http://127.0.0.1/callback' };
    expect((await phone.post('token', { ...fields, client_id: 'phone', client_secret: secret })).status).toBe(401);
    const assertion = await phone.with({ keys }).identity();
    expect((await phone.post('token', { ...fields, ...assertion })).status).toBe(401);
  });

  test('may hold its tokens by a key, by openid-client', async () => {
    const config = await oidc.discovery(new URL(kapu.issuer), 'phone', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const dpop = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
    const agent = kapu.agent();
    const phone = client('phone');
    const redirect_uri = 'http://127.0.0.1:45999/callback';
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(config, {
      ...phone.parameters({ redirect_uri, state: undefined, nonce: undefined }),
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    });
    const { page } = await walk(kapu, agent, await agent.get(url));
    const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier }, undefined, { DPoP: dpop });
    expect(tokens.token_type).toBe('dpop');
    kapu.secrets.add(tokens.access_token);
    const facts = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub, { DPoP: dpop });
    expect(facts.sub).toBe(tokens.claims()!.sub);
    // Without the key the token opens nothing.
    const stolen = await fetch(`${kapu.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(stolen.status).toBe(401);
  });
});
