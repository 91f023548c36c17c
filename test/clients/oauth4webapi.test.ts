/** oauth4webapi, step by step as it wants it: each answer is processed, and the ID token's signature checked, by its own functions. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { walk } from '../flow/journey.ts';
import type { Agent } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { register, secret } from './trial.ts';

const redirectUri = 'https://service.example/callback';
const client: oauth.Client = { client_id: 'oauth4webapi', id_token_signed_response_alg: 'ES256' };
// The test's server speaks http.
const insecure = { [oauth.allowInsecureRequests]: true };
let kapu: TestKapu;
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  kapu.secrets.add(secret);
  await register(kapu, {
    client_id: client.client_id,
    client_name: 'On oauth4webapi',
    client_uri: 'https://service.example/',
    client_secret: secret,
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: ['https://service.example/'],
  });
  const issuer = new URL(kapu.issuer);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});
afterAll(() => kapu?.stop());

const authentication = oauth.ClientSecretBasic(secret);

/** Signs anna in; `pushed`: by way of RFC 9126. */
async function signIn(agent: Agent, wanted: Record<string, string>, pushed = false) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const parameters = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile',
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...wanted,
  });
  const { request_uri } = pushed ? await push(parameters) : { request_uri: undefined };
  const url = new URL(server.authorization_endpoint!);
  url.search = String(request_uri ? new URLSearchParams({ client_id: client.client_id, request_uri }) : parameters);

  const { steps, page } = await walk(kapu, agent, await agent.get(url));
  const answer = oauth.validateAuthResponse(server, client, page.url, state);
  const response = await oauth.authorizationCodeGrantRequest(
    ...([server, client, authentication, answer, redirectUri, verifier, insecure] as const),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  return { steps, tokens, claims: oauth.getValidatedIdTokenClaims(tokens)! };
}

async function push(parameters: URLSearchParams) {
  const response = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, insecure);
  return oauth.processPushedAuthorizationResponse(server, client, response);
}

test.each([
  ['with its request in the address', false],
  ['with its request pushed', true],
])('%s: signs in at basic, steps up to plus with the code alone, and signs out', async (_, pushed) => {
  const agent = kapu.agent();
  const first = await signIn(agent, {}, pushed);
  expect(first.steps).toEqual(['password']);
  expect(first.claims.acr).toBe('basic');
  const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'plus' } } });
  const { steps, tokens, claims } = await signIn(agent, { claims: essential }, pushed);
  expect(steps).toEqual(['email-code']);
  expect(claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'], sub: first.claims.sub });

  const answer = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
  const about = await oauth.processUserInfoResponse(server, client, claims.sub, answer);
  expect(about.name).toBe('Szabóné Kiss Anna');

  const end = new URL(server.end_session_endpoint!);
  const back = { id_token_hint: tokens.id_token!, post_logout_redirect_uri: 'https://service.example/' };
  end.search = String(new URLSearchParams(back));
  const left = await agent.submit(await agent.get(end), { logout: 'yes' });
  expect(left.url.href).toBe('https://service.example/');
  expect((await signIn(agent, {}, pushed)).steps).toEqual(['password']);
});
