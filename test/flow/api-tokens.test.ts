/** Access tokens for APIs (RFC 8707, RFC 9068, RFC 9470), and refreshing beyond a level. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { authorizationCodeGrant, refreshTokenGrant, tokenIntrospection } from 'openid-client';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { signIn, walk } from './journey.ts';

let kapu: TestKapu;
const clock = testClock();
const api = 'https://tax.example/api';
const opaqueApi = 'https://health.example/api';

const isPublic = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  client_uri: 'http://localhost/',
};

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.levels = [
        { name: 'basic', anyOf: [['password']] },
        { name: 'plus', anyOf: [['password', 'email-code']], maxAge: { 'email-code': '15m' } },
        { name: 'recent', anyOf: [['password', 'email-code']], maxAge: { password: '5m', 'email-code': '15m' } },
      ];
      settings.resources = {
        [api]: { scopes: ['tax.read', 'tax.write'] },
        [opaqueApi]: { scopes: ['health.read'], accessToken: 'opaque' },
      };
    },
    clock,
  });
  await kapu.records.clients.put('taxes', { ...isPublic, client_name: 'Taxes', resources: [api, opaqueApi] });
  await kapu.records.clients.put('strict', { ...isPublic, client_name: 'Strict', refresh_beyond_level: false });
  await kapu.records.clients.put('outsider', {
    ...isPublic,
    client_name: 'Outsider',
    resources: [api],
    first_party: false,
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** Signs in for `resource` and redeems the code for it. */
async function tokensFor(party: RelyingParty, resource: string, scope: string, more: Record<string, string> = {}) {
  const agent = kapu.agent();
  const verifier = oidc.randomPKCECodeVerifier();
  const asked = await party.ask({
    scope,
    resource,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    ...more,
  });
  const walked = await walk(kapu, agent, await agent.get(asked.url));
  const tokens = await authorizationCodeGrant(
    party.config,
    walked.page.url,
    {
      pkceCodeVerifier: verifier,
      expectedState: asked.url.searchParams.get('state')!,
      expectedNonce: asked.url.searchParams.get('nonce')!,
    },
    { resource },
  );
  return { steps: walked.steps, tokens, page: walked.page };
}

describe('a JWT access token', () => {
  test('names its audience, its scopes, how strongly and when the person signed in', async () => {
    const party = await kapu.service({ clientId: 'taxes' });
    const { tokens } = await tokensFor(party, api, 'openid tax.read', { acr_values: 'plus' });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const keys = createRemoteJWKSet(new URL(party.config.serverMetadata().jwks_uri!));
    const { payload } = await jwtVerify(tokens.access_token, keys, { audience: api, issuer: kapu.issuer });
    expect(payload).toMatchObject({ scope: 'tax.read', client_id: 'taxes', acr: 'plus' });
    expect(payload.auth_time).toBe(tokens.claims()!.auth_time);
    expect(payload.sub).toBe(tokens.claims()!.sub);
    expect(Object.keys(payload)).not.toContain('email');
  });

  test('is not accepted at userinfo', async () => {
    const party = await kapu.service({ clientId: 'taxes' });
    const { tokens } = await tokensFor(party, api, 'openid tax.read');
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await fetch(`${kapu.issuer}/userinfo`, { headers })).status).toBe(401);
  });
});

describe('an opaque access token for an API', () => {
  test('says the same by introspection', async () => {
    const party = await kapu.service({ clientId: 'taxes' });
    const { tokens } = await tokensFor(party, opaqueApi, 'openid health.read', { acr_values: 'plus' });
    const reader = await kapu.service({ clientId: 'demo-web', secret: 'demo-web-secret-0123456789abcdef' });
    expect(await tokenIntrospection(reader.config, tokens.access_token)).toMatchObject({
      active: true,
      aud: opaqueApi,
      scope: 'health.read',
      acr: 'plus',
      auth_time: tokens.claims()!.auth_time,
    });
  });
});

describe('an API', () => {
  test('that the client does not list does not exist for it', async () => {
    const party = await kapu.service();
    const page = await kapu.agent().get((await party.ask({ resource: api })).url);
    expect(page.url.searchParams.get('error')).toBe('invalid_target');
  });

  test('of a third party is allowed by the person, scope by scope', async () => {
    const party = await kapu.service({ clientId: 'outsider' });
    const { steps, tokens } = await tokensFor(party, api, 'openid tax.read');
    expect(steps).toEqual(['password', 'consent']);
    expect(tokens.scope).toBe('tax.read');
  });
});

describe('userinfo', () => {
  test('names acr and auth_time as the ID token does', async () => {
    const party = await kapu.service();
    const { tokens, claims } = await signIn(kapu, party, kapu.agent(), { acr_values: 'plus' });
    const info = await oidc.fetchUserInfo(party.config, tokens.access_token, claims.sub);
    expect(info).toMatchObject({ acr: 'plus', auth_time: claims.auth_time });
  });
});

describe('a refresh after the level has aged', () => {
  const offline = { scope: 'openid offline_access', prompt: 'consent', acr_values: 'plus' };

  test('goes on, and repeats when the person signed in', async () => {
    const party = await kapu.service();
    const { tokens, claims } = await signIn(kapu, party, kapu.agent(), offline);
    try {
      await clock.goTo(16 * 60 * 1000);
      const refreshed = await refreshTokenGrant(party.config, tokens.refresh_token!);
      expect(refreshed.claims()).toMatchObject({ acr: 'plus', auth_time: claims.auth_time });
    } finally {
      await clock.goTo(0);
    }
  });

  test('is refused to a client that wants it so, also after a refresh before', async () => {
    const party = await kapu.service({ clientId: 'strict' });
    const { tokens } = await signIn(kapu, party, kapu.agent(), offline);
    const second = await refreshTokenGrant(party.config, tokens.refresh_token!);
    try {
      await clock.goTo(16 * 60 * 1000);
      const refused = refreshTokenGrant(party.config, second.refresh_token!);
      await expect(refused).rejects.toMatchObject({ error: 'invalid_grant' });
    } finally {
      await clock.goTo(0);
    }
  });

  test('is refused once the first of the proofs has aged', async () => {
    const party = await kapu.service({ clientId: 'strict' });
    const { tokens } = await signIn(kapu, party, kapu.agent(), { ...offline, acr_values: 'recent' });
    try {
      await clock.goTo(6 * 60 * 1000);
      const refused = refreshTokenGrant(party.config, tokens.refresh_token!);
      await expect(refused).rejects.toMatchObject({ error: 'invalid_grant' });
    } finally {
      await clock.goTo(0);
    }
  });

  test('a sign-in at basic does not age', async () => {
    const party = await kapu.service({ clientId: 'strict' });
    const { tokens } = await signIn(kapu, party, kapu.agent(), { ...offline, acr_values: 'basic' });
    try {
      await clock.goTo(16 * 60 * 1000);
      expect((await refreshTokenGrant(party.config, tokens.refresh_token!)).claims()?.acr).toBe('basic');
    } finally {
      await clock.goTo(0);
    }
  });
});
