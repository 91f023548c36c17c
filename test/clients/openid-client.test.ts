/** openid-client, on which the demo's service and most tests stand: here the whole of it, in short, as docs/relying-parties.md writes it. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { walk } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { register, secret } from './trial.ts';

const redirectUri = 'https://service.example/callback';
let kapu: TestKapu;
let config: oidc.Configuration;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  kapu.secrets.add(secret);
  await register(kapu, {
    client_id: 'openid-client',
    client_name: 'On openid-client',
    client_uri: 'https://service.example/',
    client_secret: secret,
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: ['https://service.example/'],
  });
  const authentication = oidc.ClientSecretBasic(secret);
  config = await oidc.discovery(new URL(kapu.issuer), 'openid-client', undefined, authentication, {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
});
afterAll(() => kapu?.stop());

test('signs in at basic, steps up to plus with the code alone, and signs out', async () => {
  const agent = kapu.agent();
  const signIn = async (wanted: Record<string, string>) => {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...wanted,
    });
    const { steps, page } = await walk(kapu, agent, await agent.get(url));
    const expected = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(config, page.url, expected);
    return { steps, tokens, claims: tokens.claims()! };
  };
  const first = await signIn({});
  expect(first.steps).toEqual(['password']);
  expect(first.claims.acr).toBe('basic');
  const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'plus' } } });
  const { steps, tokens, claims } = await signIn({ claims: essential });
  expect(steps).toEqual(['email-code']);
  expect(claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'], sub: first.claims.sub });
  expect(await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).toMatchObject({
    name: 'Szabóné Kiss Anna',
  });

  const back = { id_token_hint: tokens.id_token!, post_logout_redirect_uri: 'https://service.example/' };
  const asked = await agent.get(oidc.buildEndSessionUrl(config, back));
  expect((await agent.submit(asked, { logout: 'yes' })).url.href).toBe('https://service.example/');
  expect((await signIn({})).steps).toEqual(['password']);
});
