/** RFC 9470 from end to end: an API asks for more, a service takes its words to Kapu, and comes back with what was asked. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Koa from 'koa';
import * as oidc from 'openid-client';
import { demoPassword } from '../../config/demo.ts';
import { createApi } from '../../demo/api/api.ts';
import { isStepUp, parseChallenge, stepUpParameters } from '../../src/resource-server/challenge.ts';
import type { Refusal } from '../../src/resource-server/token.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

const redirectUri = 'http://127.0.0.1:45454/callback';

let server: Server;
let audience: string;
let kapu: TestKapu;
let config: oidc.Configuration;
let refusals: Refusal[];
/** Kapu's clock and the API's. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);

beforeAll(async () => {
  server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  audience = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  kapu = await startKapu({
    now,
    change(settings) {
      settings.resources = { [audience]: { scopes: [], accessToken: 'jwt' } };
    },
  });
  const { metadata } = (await kapu.records.clients.find('demo-native'))!;
  await kapu.records.clients.put('demo-native', { ...metadata, resources: [audience] });
  config = await oidc.discovery(new URL(kapu.issuer), 'demo-native', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  refusals = [];
  const app = new Koa();
  app.use(createApi({ issuer: kapu.issuer, audience, now, report: (refusal) => void refusals.push(refusal) }));
  app.use((ctx) => {
    ctx.body = 'the service itself';
  });
  server.on('request', app.callback());
});
afterAll(async () => {
  await kapu?.stop();
  server?.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** Begins an authorization request for the API; `end` redeems what came back. */
async function begin(agent: Agent, parameters: Record<string, string> = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    resource: audience,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  const page = await agent.get(url);
  const end = async (back: Page, resource: { resource?: string } = { resource: audience }) =>
    oidc.authorizationCodeGrant(config, back.url, { pkceCodeVerifier: verifier, expectedState: state }, resource);
  return { page, end };
}

async function call(path: string, token?: string, method = 'GET') {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(new URL(path, audience), { method, headers });
  const challenge = parseChallenge(response.headers.get('www-authenticate') ?? '');
  return { status: response.status, challenge, response, body: (await response.text()) as string };
}

const anna = { username: 'anna', password: demoPassword };

/** The code of the mail that is on its way to anna. Every mail is fetched once. */
let mails = 0;
const newCode = () => kapu.code('anna@demo.example', ++mails);

test('the API asks for plus, the service takes its words to Kapu, the person types the code alone, and it is shown', async () => {
  const agent = kapu.agent();
  const first = await begin(agent);
  const basic = await first.end(await agent.submit(first.page, anna));
  expect(JSON.parse((await call('/api/profile', basic.access_token)).body)).toMatchObject({ acr: 'basic' });

  const refused = await call('/api/tax-return', basic.access_token);
  expect(refused.status).toBe(401);
  expect(refused.challenge).toMatchObject({ acrValues: ['plus'], maxAge: 300 });
  expect(isStepUp(refused.challenge!)).toBe(true);

  const second = await begin(agent, stepUpParameters(refused.challenge!));
  expect(textOf(second.page)).toContain('a***@demo.example');
  const plus = await second.end(await agent.submit(second.page, { code: await newCode() }));
  const shown = await call('/api/tax-return', plus.access_token);
  expect(shown.status).toBe(200);
  expect(JSON.parse(shown.body)).toMatchObject({ acr: 'plus', sub: plus.claims()!.sub });
});

test('a sign-in at plus that is six minutes old: both proofs are asked again, and it is shown', async () => {
  const agent = kapu.agent();
  const first = await begin(agent, { acr_values: 'plus' });
  const codePage = await agent.submit(first.page, anna);
  const { access_token } = await first.end(await agent.submit(codePage, { code: await newCode() }));
  ahead += 6 * 60_000;
  const refused = await call('/api/tax-return', access_token);
  expect(refused.challenge).toMatchObject({ error: 'insufficient_user_authentication', maxAge: 300 });

  const fresh = await begin(agent, stepUpParameters(refused.challenge!));
  const nextCodePage = await agent.submit(fresh.page, anna);
  const again = await agent.submit(nextCodePage, { code: await newCode() });
  expect((await call('/api/tax-return', (await fresh.end(again)).access_token)).status).toBe(200);
});

test('a person without a way to plus comes back with an error, and is not sent round', async () => {
  const agent = kapu.agent();
  const { page } = await begin(agent, { acr_values: 'plus', max_age: '300' });
  const back = await agent.submit(page, { username: 'bela', password: demoPassword });
  expect(back.url.searchParams.get('error')).toBe('unmet_authentication_requirements');
});

test('tokens that are not for the API do not open it', async () => {
  const agent = kapu.agent();
  const opaque = await begin(agent);
  const back = await agent.submit(opaque.page, anna);
  const tokens = await opaque.end(back, {});
  const answers = await Promise.all([tokens.access_token, tokens.id_token].map((token) => call('/api/profile', token)));
  expect(answers.map(({ status, challenge }) => [status, challenge?.error])).toEqual([
    [401, 'invalid_token'],
    [401, 'invalid_token'],
  ]);
  expect(answers[0]!.challenge!.errorDescription).toContain('with the parameter resource');
});

test('the API keeps to its own paths and methods', async () => {
  expect((await call('/api/profile')).challenge).toEqual({ scheme: 'Bearer', realm: audience });
  expect((await call('/api/nothing')).status).toBe(404);
  expect((await call('/api/profile', undefined, 'POST')).status).toBe(405);
  expect((await call('/apiary')).body).toBe('the service itself');
  expect((await call('/')).body).toBe('the service itself');
  expect(refusals.at(-1)).toEqual({ kind: 'no-token' });
});
