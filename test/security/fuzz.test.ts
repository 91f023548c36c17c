/** Requests made up at random: never a fault, an address that nobody registered, or a level that nobody proved. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atCodePage, credentials, signIn, stepOf } from '../flow/journey.ts';
import { type Agent, rawRequest } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectSound } from './answers.ts';

let kapu: TestKapu;
let service: RelyingParty;
let agent: Agent;
let tokens: { access_token: string; id_token?: string; refresh_token?: string };

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
  agent = kapu.agent();
  // Signed in at basic: whatever is made up, a token must not say more.
  ({ tokens } = await signIn(kapu, service, agent, { scope: 'openid offline_access', prompt: 'consent' }));
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  expect((await signIn(kapu, service, agent)).claims.acr).toBe('basic');
  await kapu.stop();
});

/** Mostly what a value of its kind looks like, sometimes anything. */
const value = (...known: string[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...known), { maxLength: 3 }).map((each) => each.join(' ')) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  );
const acr = (inner: string) => `{"id_token":{"acr":${inner}}}`;

const parameters = fc.record(
  {
    acr_values: value('plus', 'basic', 'gold', 'plus basic', '__proto__'),
    claims: value(
      ...[
        acr('{"essential":true,"value":"plus"}'),
        acr('{"values":["gold","basic"]}'),
        acr('null'),
        acr('{"value":1}'),
      ],
      ...[
        '{"id_token":{"sub":{"value":"x"}}}',
        '{"userinfo":{"email":null}}',
        '{"id_token":{"auth_time":{"essential":true}}}',
      ],
    ),
    claims_locales: value('hu', 'en'),
    client_id: value('demo-native', 'demo-plus', 'demo-library', 'demo-web', 'demo-service', 'nobody'),
    code_challenge: value('a'.repeat(43), 'short'),
    code_challenge_method: value('S256', 'plain'),
    display: value('page', 'popup'),
    id_token_hint: value('a.b.c', ''),
    login_hint: value('anna', '<b>'),
    max_age: value('0', '1', '100', '-1', '1e9', 'NaN', '0x10'),
    nonce: value('n', ''),
    prompt: value('none', 'login', 'consent', 'select_account', 'create'),
    redirect_uri: value(
      'http://127.0.0.1:45454/callback',
      'https://evil.example/',
      'javascript:alert(1)',
      'http://127.0.0.1:1/callback',
    ),
    request: value('a.b.c', 'eyJhbGciOiJub25lIn0.e30.'),
    request_uri: value('urn:ietf:params:oauth:request_uri:x', 'https://evil.example/'),
    resource: value('https://api.example/', 'urn:x'),
    response_mode: value('query', 'fragment', 'form_post', 'jwt', 'web_message'),
    response_type: value('code', 'token', 'code token', 'none'),
    scope: value('openid', 'profile', 'offline_access', 'email', 'openid profile', 'admin'),
    state: value('s', ''),
    ui_locales: value('hu', 'en', 'xx'),
  },
  { requiredKeys: [] },
);

test('authorization requests, by address and by form', async () => {
  await fc.assert(
    fc.asyncProperty(parameters, fc.boolean(), async (changes, byForm) => {
      const asked = await service.ask();
      const { url } = asked;
      for (const [name, text] of Object.entries(changes)) url.searchParams.set(name, text.toWellFormed());
      const browser = agent.copy();
      const page = byForm ? await browser.post('/auth', [...url.searchParams]) : await browser.get(url);
      expectSound(kapu, page);
      if (stepOf(page) !== 'service' || !page.url.searchParams.has('code')) return;
      const level = await asked.redeem(page.url).then(
        ({ claims }) => claims.acr,
        () => 'nothing',
      );
      expect(['basic', 'nothing']).toContain(level);
    }),
    { numRuns: 200 },
  );
});

const fields = fc.record(
  {
    grant_type: value(
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'password',
      'urn:ietf:params:oauth:grant-type:device_code',
    ),
    client_id: value('demo-native', 'demo-web', 'nobody', '__proto__'),
    client_secret: value('demo-web-secret-0123456789abcdef', 'x'),
    client_assertion: value('a.b.c', 'eyJhbGciOiJub25lIn0.e30.'),
    client_assertion_type: value('urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'x'),
    code: value('x', 'a'.repeat(43)),
    code_verifier: value('v'.repeat(43), ''),
    redirect_uri: value('http://127.0.0.1:45454/callback', 'x'),
    refresh_token: value('x', 'a'.repeat(43)),
    scope: value('openid', 'admin'),
    token: value('x', 'a.b.c'),
    token_type_hint: value('access_token', 'refresh_token', 'x'),
    resource: value('https://api.example/'),
    id_token_hint: value('a.b.c', 'eyJhbGciOiJub25lIn0.e30.'),
    post_logout_redirect_uri: value('http://127.0.0.1:45454/', 'https://evil.example/'),
    logout: value('yes'),
    xsrf: value('x'),
  },
  { requiredKeys: [] },
);
const endpoints = [
  '/token',
  '/token/introspection',
  '/token/revocation',
  '/userinfo',
  '/request',
  '/session/end',
  '/session/end/confirm',
];

test('every other endpoint', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...endpoints),
      fields,
      value('', 'Basic eDp5', 'Bearer x', 'DPoP x'),
      async (path, sent, authorization) => {
        const wellFormed = Object.entries(sent).map(([name, text]): [string, string] => [name, text.toWellFormed()]);
        const page = await kapu.agent().post(path, wellFormed, /^[ -~]+$/.test(authorization) ? { authorization } : {});
        expectSound(kapu, page);
        expect(page.html).not.toContain('"access_token"');
      },
    ),
    { numRuns: 200 },
  );
  // Nothing that was made up has ended what is real.
  const userinfo = await fetch(`${kapu.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  expect(userinfo.status).toBe(200);
});

test('our own forms', async () => {
  const { agent: browser, page } = await atCodePage(kapu, service);
  const names = fc.constantFrom('code', 'resend', 'username', 'password', '__proto__', 'x', '');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(names, value('1', '000000', 'anna')), { maxLength: 4 }), async (sent) => {
      const answer = await browser.post(
        page.url,
        sent.map(([name, text]): [string, string] => [name, text.toWellFormed()]),
        { origin: kapu.issuer },
      );
      expectSound(kapu, answer);
      expect(stepOf(answer)).not.toBe('service');
    }),
    { numRuns: 60 },
  );
});

test('paths and headers', async () => {
  const text = fc.string({ unit: fc.constantFrom(..."/.%2e5c\\ab?&=#;:@~*+$!'()[]{}|^`"), maxLength: 40 });
  const header = fc.string({ unit: fc.constantFrom(...'ab,;="=q0.1*/ \\\'-_%[]{}()<>@'), maxLength: 60 });
  const { host } = new URL(kapu.issuer);
  await fc.assert(
    fc.asyncProperty(text, header, header, async (path, cookie, accept) => {
      const answer = await rawRequest(kapu.issuer, {
        path: `/${path}`.replaceAll(/[ #]/g, ''),
        headers: { host, cookie, accept, 'accept-language': accept, 'user-agent': cookie, 'accept-encoding': accept },
      });
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
  expect((await kapu.agent().post('/nothing', credentials('anna'))).status).toBe(404);
});
