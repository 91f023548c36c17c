/** Each algorithm that keys may have: a client asks for it, and verifies its ID token with nothing but the published keys. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { ensureKeys } from '../../src/oidc/keys/keys.ts';
import { type KeyAlgorithm, keyAlgorithms } from '../../src/oidc/keys/life.ts';
import { credentials, signIn } from '../flow/journey.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.keysRefresh = '1s';
    },
  });
  for (const alg of keyAlgorithms) {
    await kapu.records.clients.put(`client-${alg}`, {
      client_name: alg,
      client_uri: 'https://example.hu',
      redirect_uris: ['https://example.hu/callback'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: alg,
    });
  }
});
afterAll(() => kapu.stop());

const jwks = async () => (await (await fetch(`${kapu.issuer}/jwks`)).json()) as JSONWebKeySet;

test('keys of other algorithms come while the server runs', async () => {
  expect((await jwks()).keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
  const service = await kapu.service();
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent);
  await ensureKeys(kapu.settings.keysFile, keyAlgorithms, () => new Date());
  await eventually('four keys', async () => (await jwks()).keys.length === 4);
  const { keys } = await jwks();
  // A sign-in that was under way goes on.
  const back = await agent.submit(page, credentials('anna'));
  expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
  expect(keys.map(({ alg }) => alg).sort()).toEqual([...keyAlgorithms].sort());
  for (const key of keys) for (const name of ['d', 'p', 'q', 'kapu', 'encrypted']) expect(key).not.toHaveProperty(name);
});

test.each(keyAlgorithms)('%s', async (alg: KeyAlgorithm) => {
  const service = await kapu.service({ clientId: `client-${alg}`, redirectUri: 'https://example.hu/callback' });
  const { tokens } = await signIn(kapu, service, kapu.agent());
  const remote = createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`));
  const options = { issuer: kapu.issuer, audience: `client-${alg}`, algorithms: [alg] };
  const { protectedHeader } = await jwtVerify(tokens.id_token!, remote, options);
  const published = (await jwks()).keys.find(({ kid }) => kid === protectedHeader.kid);
  expect(published?.alg).toBe(alg);
});
