/** ID tokens, userinfo and answers that only the service can read (OpenID Connect Core, 5.3.2 and 10.2). */

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compactDecrypt, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { walk } from '../../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { Client, makeKeys } from '../client.ts';

const redirectUri = 'https://rp.example/callback';
const keys = makeKeys();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let kapu: TestKapu;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  const common = {
    client_uri: 'https://rp.example/',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
  };
  const encryptTo = (pair: typeof rsa, kid: string) => ({
    ...pair.publicKey.export({ format: 'jwk' }),
    kid,
    use: 'enc',
  });
  await kapu.records.clients.put('secretive', {
    ...common,
    client_name: 'Secretive',
    jwks: { keys: [keys.jwk, encryptTo(rsa, 'rsa'), encryptTo(ec, 'ec')] },
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    id_token_encrypted_response_enc: 'A256GCM',
    userinfo_signed_response_alg: 'ES256',
    userinfo_encrypted_response_alg: 'ECDH-ES+A256KW',
    userinfo_encrypted_response_enc: 'A256GCM',
    response_modes: ['jwt'],
    authorization_encrypted_response_alg: 'ECDH-ES',
    authorization_encrypted_response_enc: 'A128GCM',
  });
  await kapu.records.clients.put('signed-facts', {
    ...common,
    client_name: 'Signed facts',
    jwks: { keys: [keys.jwk] },
    userinfo_signed_response_alg: 'RS256',
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const verified = (jwt: string, audience: string) =>
  jwtVerify(jwt, createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`)), { issuer: kapu.issuer, audience });
async function opened(jwe: string, with_: typeof rsa.privateKey, algorithms: [string, string]): Promise<string> {
  const { alg, enc } = decodeProtectedHeader(jwe);
  expect([alg, enc]).toEqual(algorithms);
  const { plaintext } = await compactDecrypt(jwe, with_);
  return Buffer.from(plaintext).toString();
}

/** Signs in as `clientId`; the answer as it came back. */
async function answerTo(of: Client, more: Record<string, string> = {}) {
  const agent = kapu.agent();
  const url = `${kapu.issuer}/auth?${new URLSearchParams(of.parameters(more))}`;
  return (await walk(kapu, agent, await agent.get(url))).page.url.searchParams;
}

test('everything that the service has a key for is encrypted to it, and signed within', async () => {
  const of = new Client({ issuer: kapu.issuer, clientId: 'secretive', redirectUri, keys });
  const answer = await answerTo(of, { response_mode: 'jwt', scope: 'openid profile' });
  const response = await opened(answer.get('response')!, ec.privateKey, ['ECDH-ES', 'A128GCM']);
  const { payload } = await verified(response, 'secretive');
  const { body } = await of.redeem(String(payload.code));
  const idToken = await opened(String(body.id_token), rsa.privateKey, ['RSA-OAEP-256', 'A256GCM']);
  expect((await verified(idToken, 'secretive')).payload).toMatchObject({ acr: 'basic' });
  const facts = await of.userinfo(String(body.access_token));
  expect(facts.headers.get('content-type')).toContain('application/jwt');
  const inside = await opened(facts.text, ec.privateKey, ['ECDH-ES+A256KW', 'A256GCM']);
  expect((await verified(inside, 'secretive')).payload).toMatchObject({ name: 'Szabóné Kiss Anna' });
});

test('userinfo is signed where that is registered', async () => {
  const of = new Client({ issuer: kapu.issuer, clientId: 'signed-facts', redirectUri, keys });
  const answer = await answerTo(of, { scope: 'openid profile' });
  const { body } = await of.redeem(answer.get('code')!);
  const { text } = await of.userinfo(String(body.access_token));
  const { payload, protectedHeader } = await verified(text, 'signed-facts');
  expect(protectedHeader.alg).toBe('RS256');
  expect(payload).toMatchObject({ name: 'Szabóné Kiss Anna', acr: 'basic', sub: expect.any(String) });
});
