/** Signing keys in a device of the deployment's: tokens by it verify, and when it fails nobody hangs. */

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { demoApi } from '../../config/demo.ts';
import { readAsWritten } from '../../src/oidc/keys/keys.ts';
import { generateKey, type SigningKey } from '../../src/oidc/keys/life.ts';
import { openSigner } from '../../src/oidc/keys/signer.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { Client } from '../conformance/client.ts';
import { credentials, signIn, silently, walk } from '../flow/journey.ts';
import { eventually } from '../support/eventually.ts';
import createSigner, { hsm } from '../support/hsm.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';

const module = join(import.meta.dirname, '..', 'support', 'hsm.ts');

let place: Place;
let kapu: TestKapu;
beforeAll(async () => {
  // A device that is up, as they are.
  await createSigner().publicKey('slot-1');
  place = await makePlace(1);
  await place.change((settings) => {
    settings.signer = { module, patience: '1s' };
    settings.keysRefresh = '1s';
  });
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.keysRefresh = '1s';
      settings.signer = { module, patience: '1s' };
      settings.keysFile = place.at('keys.json');
    },
  });
});
afterEach(() => {
  hsm.mood = 'well';
});
afterAll(async () => {
  await kapu.stop();
  await place.remove();
  await hsm.end();
});

const kidIn = (line: string) => /key (\S+) /.exec(line)?.[1] ?? '';
const remote = () => createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`));

test('a key of the device is published, promoted, and signs ID tokens and access tokens', async () => {
  const { out, err } = await place.kapu(['keys', 'add', '--signer', 'slot-1']);
  expect([out, err]).toEqual([
    expect.stringContaining('waits to be promoted'),
    expect.stringContaining('running servers see it within 1 s'),
  ]);
  const kid = kidIn(out);
  const written = (await readAsWritten(place.at('keys.json'))).find((key) => key.kid === kid)!;
  expect([written.d, written.encrypted, written.kapu.signer]).toEqual([undefined, undefined, 'slot-1']);
  expect((await place.kapu(['keys', 'list'])).out).toMatch(new RegExp(`${kid} .* in the signer: slot-1`));
  const published = async () => (await (await fetch(`${kapu.issuer}/jwks`)).text()).includes(kid);
  await eventually('published', published);

  expect((await place.kapu(['keys', 'promote', kid, '--force'])).code).toBe(0);
  const before = hsm.signatures['slot-1']!;
  await eventually('it signs', async () => {
    const { tokens } = await signIn(kapu, await kapu.service(), kapu.agent());
    const { protectedHeader } = await jwtVerify(tokens.id_token!, remote(), { issuer: kapu.issuer });
    return protectedHeader.kid === kid;
  });
  expect(hsm.signatures['slot-1']).toBeGreaterThan(before);

  const resource = demoApi(kapu.settings.listen.port);
  const service = await kapu.service({ scope: 'openid tax.read' });
  const agent = kapu.agent();
  const verifier = oidc.randomPKCECodeVerifier();
  const code_challenge = await oidc.calculatePKCECodeChallenge(verifier);
  const { asked, page } = await service.visit(agent, { resource, code_challenge });
  const { url } = (await walk(kapu, agent, page)).page;
  const { state, nonce } = Object.fromEntries(asked.url.searchParams);
  const checks = { pkceCodeVerifier: verifier, expectedState: state!, expectedNonce: nonce! };
  const tokens = await oidc.authorizationCodeGrant(service.config, url, checks, { resource });
  const { protectedHeader } = await jwtVerify(tokens.access_token, remote(), { audience: resource });
  expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'ES256', kid });

  // Kapu itself verifies what the device has signed.
  expect(await silently(service, agent, { id_token_hint: tokens.id_token! })).toMatchObject({
    claims: { aud: 'demo-native' },
  });
  expect(await (await fetch(`${kapu.issuer}/jwks`)).json()).toEqual({
    keys: expect.arrayContaining([expect.objectContaining({ kid, kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' })]),
  });
});

test.each([
  ['fails', 1000],
  ['hangs', 5000],
] as const)('while it %s the answer is 503, soon, and all is well afterwards', async (mood, patience) => {
  const service = await kapu.service();
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent);
  const back = await agent.submit(page, credentials('anna'));
  hsm.mood = mood;
  const began = performance.now();
  const { cause } = (await asked.redeem(back.url).catch((fault: unknown) => fault)) as { cause: Response };
  expect(performance.now() - began).toBeLessThan(patience);
  expect([cause.status, cause.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await cause.json()).toMatchObject({ error: 'temporarily_unavailable' });
  // From then on nothing is used up, so that nobody has to sign in anew.
  const other = await service.visit(agent);
  await expect(other.asked.redeem(other.page.url)).rejects.toMatchObject({ cause: { status: 503 } });
  if (mood === 'hangs') expect(hsm.abandoned).toBeGreaterThan(0);
  hsm.mood = 'well';
  const { tokens } = await other.asked.redeem(other.page.url);
  await jwtVerify(tokens.id_token!, remote());
});

test('signed answers (JARM): while it is away nothing is used up, and the person who tries again is back at the service', async () => {
  const { metadata } = (await kapu.records.clients.find('demo-native'))!;
  await kapu.records.clients.put('signed', { ...metadata, response_modes: ['jwt'] });
  const client = new Client({ issuer: kapu.issuer, clientId: 'signed', redirectUri: 'http://127.0.0.1/callback' });
  const begin = async () => {
    const pushed = await client.post('request', client.parameters({ response_mode: 'jwt' }));
    const parameters = { client_id: 'signed', request_uri: String(pushed.body.request_uri) };
    return `/auth?${new URLSearchParams(parameters)}`;
  };
  const other = kapu.agent();
  const { asked, page } = await (await kapu.service()).visit(other);
  const { page: back } = await walk(kapu, other, page);
  const agent = kapu.agent();
  const form = await agent.get(await begin());

  hsm.mood = 'fails';
  // The first who needs it finds out; from then on it is asked before.
  await expect(asked.redeem(back.url)).rejects.toMatchObject({ cause: { status: 503 } });
  const away = await agent.submit(form, credentials('anna'));
  expect(away.status).toBe(503);
  hsm.mood = 'well';
  const again = await agent.get(away.url);
  await jwtVerify(again.url.searchParams.get('response')!, remote(), { audience: 'signed' });
  expect((await agent.get(away.url)).status).not.toBe(200);

  // Without a page in between, what was pushed is what would be used up.
  const [first, silent] = [await begin(), await begin()];
  hsm.mood = 'fails';
  for (const request of [first, silent, silent]) expect((await agent.get(request)).status).toBe(503);
  hsm.mood = 'well';
  const { url } = await agent.get(silent);
  const { payload } = await jwtVerify(url.searchParams.get('response')!, remote(), { audience: 'signed' });
  expect(payload).toMatchObject({ code: expect.any(String) });
});

describe('a key is tried before it is trusted', () => {
  test('a device that answers in DER is found out before the key is published', async () => {
    hsm.mood = 'der';
    const { code, err } = await place.kapu(['keys', 'add', '--signer', 'slot-2']);
    expect([code, err]).toEqual([1, expect.stringContaining('R and S in 64 bytes, not DER')]);
    expect((await place.kapu(['keys', 'list'])).out).not.toContain('slot-2');
  });

  test('a key for another algorithm, or that is not there', async () => {
    expect((await place.kapu(['keys', 'add', '--signer', 'slot-rsa'])).err).toContain('is not one for ES256');
    expect((await place.kapu(['keys', 'add', '--signer', 'slot-9'])).err).toContain('there is no key slot-9');
    expect((await place.kapu(['keys', 'add', '--alg', 'PS256', '--signer', 'slot-rsa'])).code).toBe(1);
  });

  test('`kapu check` has it sign', async () => {
    expect((await place.kapu(['check'])).out).toMatch(/^ok +keys +signing with .*ES256/m);
    hsm.mood = 'fails';
    expect((await place.kapu(['check'])).out).toMatch(/^fail +keys +the signer could not sign .*the device is away/m);
  });
});

test('heads of the audit are signed by it as well', async () => {
  await place.kapu(['migrate']);
  const { out, code } = await place.kapu(['audit', 'head']);
  expect(code).toBe(0);
  await place.file('heads.json', out);
  expect(await place.kapu(['audit', 'verify', '--heads', place.at('heads.json')])).toMatchObject({ code: 0 });
});

test('a module that is none is refused by name', async () => {
  await expect(openSigner({ module: './nowhere.js', patience: 1 })).rejects.toThrow("the signer './nowhere.js' cannot");
  const none = join(import.meta.dirname, '..', 'support', 'ports.ts');
  await expect(openSigner({ module: none, patience: 1 })).rejects.toThrow('no object with publicKey and sign');
});

test('a key of a signer, and no signer in the settings', async () => {
  const other = await makePlace(1);
  const key = (await readAsWritten(place.at('keys.json'))).find(({ kapu: { signer } }) => signer) as SigningKey;
  const clear = await generateKey('RS256', new Date());
  await other.file('keys.json', JSON.stringify({ keys: [key, clear] }));
  expect((await other.kapu(['serve'])).err).toContain('is in a signer, and the settings name none');
  await other.remove();
});
