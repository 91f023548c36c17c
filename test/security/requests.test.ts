/** Authorization requests that are wrong, or mean harm (RFC 9700; ASVS 10.4.1, 10.4.6). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { attempt, signIn, silently, stepOf, walk } from '../flow/journey.ts';
import { type Page, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectReference, expectSound } from './answers.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** The answer to a request like any other but for `changes`; undefined leaves a parameter out. */
async function ask(changes: Record<string, string | undefined>, agent = kapu.agent()): Promise<Page> {
  const { url } = await service.ask();
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  const page = await agent.get(url);
  expectSound(kapu, page);
  return page;
}

/** An error page of our own, in words, with the reason for the developer; nobody is sent anywhere. */
function expectErrorPage(page: Page, heading: string): void {
  expect([page.status, page.through]).toEqual([400, []]);
  expect(textOf(page)).toContain(heading);
  expectReference(kapu, page);
}

describe('nobody is sent to an address that is not registered', () => {
  const home = 'http://127.0.0.1';
  test.each([
    'https://evil.example/callback',
    `${home}:45454/callback/`,
    `${home}:45454/Callback`,
    `${home}:45454/callback?next=https://evil.example`,
    `${home}:45454/callback#fragment`,
    `${home}:45454/callback/../evil`,
    `${home}:45454/callback%2f..%2fevil`,
    `${home}:45454/callback;a`,
    'http://user@127.0.0.1:45454/callback',
    'http://127.0.0.1:45454@evil.example/callback',
    'http://evil.example#@127.0.0.1:45454/callback',
    'http://127.0.0.1.evil.example:45454/callback',
    'http://localhost:45454/callback',
    'http://[::1]:45454/callback',
    'http://127.1:45454/callback',
    'http://2130706433:45454/callback',
    'http://127.0.0.2:45454/callback',
    'https://127.0.0.1:45454/callback',
    'http:/127.0.0.1:45454/callback',
    'http:\\\\127.0.0.1\\callback',
    '//127.0.0.1:45454/callback',
    'http://127.0.0.1:45454\\@evil.example/callback',
    'http://127.0.0.1:99999/callback',
    ' http://127.0.0.1:45454/callback',
    'http://127.0.0.1:45454/callback\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    'data:text/html,hello',
    'callback',
    '*',
  ])('%j', async (redirect_uri) => {
    for (const more of [{}, { prompt: 'none' }, { response_type: 'nonsense' }, { scope: 'nonsense' }])
      expectErrorPage(await ask({ redirect_uri, ...more }), 'The sign-in cannot start');
  });

  test('nor without one', async () => {
    const page = await ask({ redirect_uri: undefined });
    expect(
      page.through.every((url) => url.startsWith('http://127.0.0.1/callback') || url.startsWith(kapu.issuer)),
    ).toBe(true);
  });

  test('on loopback the port is free, and nothing else (RFC 8252, 7.3)', async () => {
    expect(stepOf(await ask({ redirect_uri: `${home}:1/callback` }))).toBe('password');
    expect(stepOf(await ask({ redirect_uri: `${home}/callback` }))).toBe('password');
  });

  test('not even the port is, for a service on the web', async () => {
    const port = Number(new URL(kapu.issuer).port) + 1;
    const other = { client_id: 'demo-service', redirect_uri: `http://localhost:${port + 1}/callback` };
    expectErrorPage(await ask(other), 'The sign-in cannot start');
  });
});

describe('a client that nobody knows', () => {
  test.each([
    'nobody',
    'DEMO-NATIVE',
    'demo-native ',
    '__proto__',
    'constructor',
    "' or 1=1",
    'x'.repeat(5000),
    'demo\0native',
  ])('%j: an error page', async (client_id) =>
    expectErrorPage(await ask({ client_id }), 'We do not know this service'),
  );

  test('none at all: an error page', async () => {
    const page = await ask({ client_id: undefined });
    expect([page.status, page.through]).toEqual([400, []]);
  });
});

describe('what a known service asks wrongly goes back to it', () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without its method', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is none', { code_challenge: 'short' }, 'invalid_request'],
    ['a response type without a code', { response_type: 'token' }, 'unsupported_response_type'],
    ['a response type with more', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['a response mode of nobody', { response_mode: 'smoke' }, 'unsupported_response_mode'],
    ['an unknown prompt', { prompt: 'nicely' }, 'invalid_request'],
    ['prompts that exclude one another', { prompt: 'none login' }, 'invalid_request'],
    ['a scope in quotes', { scope: 'openid "profile"' }, 'invalid_scope'],
    ['a hint that is no token', { id_token_hint: 'nonsense' }, 'invalid_request'],
    ['a hint of alg none', { id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }, 'invalid_request'],
    [
      'an unsigned request object',
      { request: 'eyJhbGciOiJub25lIn0.eyJhY3JfdmFsdWVzIjoiYmFzaWMifQ.' },
      'invalid_request_object',
    ],
    ['a request by a foreign address', { request_uri: 'https://evil.example/request' }, 'request_uri_not_supported'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
  ])('%s', async (_what, changes, error) => {
    const page = await ask(changes);
    expect(stepOf(page)).toBe('service');
    // A response type that would have come in the fragment is refused in the fragment.
    const answer = new URLSearchParams(page.url.search || page.url.hash.slice(1));
    expect(Object.fromEntries(answer)).toMatchObject({
      error,
      iss: kapu.issuer,
      state: expect.stringMatching(/^[\w-]+$/),
    });
    expect(answer.get('code')).toBeNull();
  });

  test.each(['scope', 'state', 'client_id', 'redirect_uri', 'acr_values', 'prompt', 'nonce'])(
    '%s twice',
    async (name) => {
      const { url } = await service.ask();
      url.searchParams.append(name, url.searchParams.get(name) ?? 'basic');
      url.searchParams.append(name, 'another');
      const page = await kapu.agent().get(url);
      expectSound(kapu, page);
      expect(stepOf(page)).not.toBe('password');
      expect(page.url.searchParams.get('code')).toBeNull();
    },
  );
});

describe('a scope that nobody knows', () => {
  test('is ignored (OpenID Connect Core, 3.1.2.1)', async () => {
    const { tokens } = await signIn(kapu, service, kapu.agent(), { scope: 'openid admin root' });
    expect(tokens.scope).toBe('openid');
  });

  test('is nothing to sign in for without openid', async () => {
    const { error, page } = await attempt(kapu, service, kapu.agent(), { scope: 'admin' });
    expectSound(kapu, page);
    expect(error).toBe('invalid_request');
  });
});

describe('the claims parameter', () => {
  const nested = `${'{"a":'.repeat(900)}1${'}'.repeat(900)}`;
  test.each([
    'nonsense',
    '',
    '[]',
    '"text"',
    'null',
    '1',
    '{}',
    '{"id_token":1}',
    '{"id_token":[]}',
    '{"userinfo":"x"}',
    '{"id_token":{"sub":"anna"}}',
    '{"id_token":{"sub":1}}',
    '{"id_token":{"sub":[]}}',
    '{"id_token":{"sub":true}}',
    '{"id_token":{"sub":{"value":{}}}}',
    '{"id_token":{"sub":{"value":null}}}',
    '{"id_token":{"acr":"plus"}}',
    '{"id_token":{"acr":{"essential":"yes","value":"plus"}}}',
    '{"id_token":{"acr":[]}}',
    '{"id_token":{"acr":{"values":"plus"}}}',
    '{"id_token":{"acr":{"values":[1]}}}',
    '{"id_token":{"acr":{"value":{}}}}',
    '{"id_token":{"__proto__":null,"constructor":null}}',
    '{"__proto__":{"id_token":{}},"id_token":{}}',
    '{"userinfo":{"email":1,"name":[],"birthdate":"x"}}',
    '{"id_token":{"email":{"value":{"a":[1]}}}}',
    `{"id_token":${nested}}`,
    '{"id_token":{"acr":{"essential":true,"values":[]}}}',
  ])('%j: an answer, and never a fault', async (claims) => {
    const page = await ask({ claims });
    expect(['service', 'password']).toContain(stepOf(page));
    if (stepOf(page) === 'password') {
      const { page: back } = await walk(kapu, kapu.agent(), page).catch(() => ({ page }));
      expectSound(kapu, back);
    }
  });

  test('that was taken is taken to the end', async () => {
    for (const claims of [
      '{"id_token":{"sub":null,"email":null}}',
      '{"userinfo":{"nobody_knows":{"essential":true}}}',
    ]) {
      const agent = kapu.agent();
      expect((await signIn(kapu, service, agent, { claims })).claims.acr).toBe('basic');
      expect(await silently(service, agent, { claims })).toMatchObject({ claims: { acr: 'basic' } });
    }
  });
});

describe('what is too much', () => {
  test('in the address: refused before anything reads it', async () => {
    const { url } = await service.ask({ state: 'x'.repeat(100_000) });
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(431);
  });

  test('in a body: refused', async () => {
    for (const path of ['/auth', '/token', '/session/end', '/userinfo', '/introspect']) {
      const page = await kapu.agent().post(path, { client_id: 'demo-native', state: 'x'.repeat(1_000_000) });
      expectSound(kapu, page);
      expect(page.status).toBeGreaterThanOrEqual(400);
    }
  });
});
