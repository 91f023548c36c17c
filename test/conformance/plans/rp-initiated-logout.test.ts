/** The plan for logout begun by a service, from outside (OpenID Connect RP-Initiated Logout 1.0). */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { attempt, signIn, silently } from '../../flow/journey.ts';
import { type Agent, formOf, type Page, textOf } from '../../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import type { RelyingParty } from '../../support/relying-party.ts';
import { read, wire } from '../wire.ts';

const home = 'https://tax.example/signed-out';
const withQuery = 'https://tax.example/signed-out?from=kapu';
let kapu: TestKapu;
let tax: RelyingParty;
let roads: RelyingParty;

const client = {
  client_name: 'Adóbevallás',
  'client_name#en': 'Tax return',
  client_uri: 'https://tax.example/',
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1:45454/callback'],
};

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  await kapu.records.clients.put('tax', { ...client, post_logout_redirect_uris: [home, withQuery] });
  await kapu.records.clients.put('roads', { ...client, post_logout_redirect_uris: ['https://roads.example/out'] });
  tax = await kapu.service({ clientId: 'tax' });
  roads = await kapu.service({ clientId: 'roads' });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

async function signedIn(username = 'anna') {
  const agent = kapu.agent();
  const { tokens } = await signIn(kapu, tax, agent, {}, username);
  return { agent, hint: tokens.id_token! };
}
/** An ID token as Kapu would sign it. */
async function signedByKapu(claims: JWTPayload): Promise<string> {
  const { keys } = JSON.parse(await readFile(kapu.settings.keysFile, 'utf8')) as { keys: JWK[] };
  const key = keys.find(({ alg }) => alg === 'ES256')!;
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid }).sign(await importJWK(key));
}
const leave = (agent: Agent, parameters: Record<string, string>) =>
  agent.get(`/session/end?${new URLSearchParams(parameters)}`);
const confirm = (agent: Agent, page: Page) => agent.submit(page, { logout: 'yes' });
const isSignedIn = async (agent: Agent) => (await silently(tax, agent)) !== 'login_required';

function asks(page: Page): void {
  expect([page.status, textOf(page)]).toEqual([200, expect.stringContaining('Do you want to sign out?')]);
  expect(formOf(page).hidden.xsrf).toBeDefined();
}
function saysSignedOut(page: Page): void {
  expect([page.status, textOf(page)]).toEqual([200, expect.stringContaining('You have signed out')]);
}

test('discovery names the endpoint', async () => {
  const { body } = await read(await wire()(`${kapu.issuer}/.well-known/openid-configuration`));
  expect(body.end_session_endpoint).toBe(`${kapu.issuer}/session/end`);
});

describe('who leads where', () => {
  test('hint, address and state: asked, then back with the state, signed out', async () => {
    const { agent, hint } = await signedIn();
    const state = 'x'.repeat(1000);
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home, state });
    asks(page);
    expect(page.headers.get('content-security-policy')).toContain(`form-action 'self' https://tax.example;`);
    const back = await confirm(agent, page);
    expect([back.url.origin + back.url.pathname, [...back.url.searchParams]]).toEqual([home, [['state', state]]]);
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('by POST as well', async () => {
    const { agent, hint } = await signedIn();
    const fields = { id_token_hint: hint, post_logout_redirect_uri: home, state: 'by form' };
    const page = await agent.post('/session/end', fields, { origin: 'https://tax.example' });
    asks(page);
    expect((await confirm(agent, page)).url.searchParams.get('state')).toBe('by form');
  });

  test('no state given: none comes back', async () => {
    const { agent, hint } = await signedIn();
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home });
    expect((await confirm(agent, page)).url.href).toBe(home);
  });

  test('an address with a query keeps it', async () => {
    const { agent, hint } = await signedIn();
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: withQuery, state: '1' });
    expect((await confirm(agent, page)).url.href).toBe(`${withQuery}&state=1`);
  });

  test('client_id alone does for an address; it names the service, too', async () => {
    const { agent } = await signedIn();
    const page = await leave(agent, { client_id: 'tax', post_logout_redirect_uri: home, state: '2' });
    asks(page);
    expect((await confirm(agent, page)).url.href).toBe(`${home}?state=2`);
  });

  test('client_id beside a hint of its own', async () => {
    const { agent, hint } = await signedIn();
    const page = await leave(agent, { client_id: 'tax', id_token_hint: hint, post_logout_redirect_uri: home });
    expect((await confirm(agent, page)).url.href).toBe(home);
  });

  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['a client_id', { client_id: 'tax' }],
    ['a state without an address', { client_id: 'tax', state: '3' }],
    ['a logout_hint and a language', { logout_hint: 'anna', ui_locales: 'en' }],
  ])('%s and no address: a page of ours', async (_what, parameters) => {
    const { agent } = await signedIn();
    const page = await leave(agent, parameters);
    asks(page);
    saysSignedOut(await confirm(agent, page));
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('a hint and no address: a page of ours', async () => {
    const { agent, hint } = await signedIn();
    saysSignedOut(await confirm(agent, await leave(agent, { id_token_hint: hint })));
  });
});

describe('addresses that are not registered', () => {
  test.each([
    ['another', 'https://evil.example/'],
    ['with a query that the registered one lacks', `${home}?next=evil`],
    ['with another query', 'https://tax.example/signed-out?from=other'],
    ['with the query and more', `${withQuery}&next=evil`],
    ['with another path', `${home}/`],
    ['with another scheme', home.replace('https', 'http')],
    ['with a port', 'https://tax.example:444/signed-out'],
    ['with a user name', 'https://tax.example@evil.example/signed-out'],
    ['with a fragment', `${home}#x`],
    ['of another service', 'https://roads.example/out'],
    ['no address', 'signed-out'],
  ])('%s: an error page, nobody is led there, nobody is signed out', async (_what, address) => {
    const { agent, hint } = await signedIn();
    const ways: Record<string, string>[] = [{ id_token_hint: hint }, { client_id: 'tax' }];
    for (const who of ways) {
      const page = await leave(agent, { ...who, post_logout_redirect_uri: address });
      expect([page.status, page.through]).toEqual([400, []]);
    }
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('an address and nobody who vouches for it: asked, and not led there', async () => {
    const { agent } = await signedIn();
    const page = await leave(agent, { post_logout_redirect_uri: home, state: '4' });
    asks(page);
    saysSignedOut(await confirm(agent, page));
  });
});

describe('hints', () => {
  test('an ID token that has expired is still good', async () => {
    const { agent, hint: fresh } = await signedIn();
    const day = 24 * 3600;
    const { iat, exp, ...claims } = decodeJwt(fresh);
    const hint = await signedByKapu({ ...claims, iat: iat! - 30 * day, exp: exp! - 30 * day });
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home });
    asks(page);
    expect((await confirm(agent, page)).url.href).toBe(home);
  });

  test('of another service than client_id: an error page', async () => {
    const { agent, hint } = await signedIn();
    const page = await leave(agent, { id_token_hint: hint, client_id: 'roads' });
    expect(page.status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('of another service: that one’s addresses count', async () => {
    const { agent } = await signedIn();
    const other = await attempt(kapu, roads, agent);
    const hint = other.tokens!.id_token!;
    expect((await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home })).status).toBe(400);
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: 'https://roads.example/out' });
    expect((await confirm(agent, page)).url.href).toBe('https://roads.example/out');
  });

  test('of another person than the one who is signed in: asked all the same', async () => {
    const { hint } = await signedIn('bela');
    const { agent } = await signedIn('anna');
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home });
    asks(page);
    expect(await isSignedIn(agent)).toBe(true);
    const again = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home });
    expect((await confirm(agent, again)).url.href).toBe(home);
  });

  test.each<[string, (hint: string) => string]>([
    ['changed', (hint) => hint.replace(/\.[^.]{4}/, '.AAAA')],
    ['with another signature', (hint) => `${hint.slice(0, -20)}${'A'.repeat(20)}`],
    ['without one', (hint) => hint.replace(/[^.]*$/, '')],
    ['that is no token', () => 'token'],
    ['that is empty of claims', () => 'e30.e30.e30'],
  ])('%s: an error page', async (_what, change) => {
    const { agent, hint } = await signedIn();
    const page = await leave(agent, { id_token_hint: change(hint), post_logout_redirect_uri: home });
    expect([page.status, page.through]).toEqual([400, []]);
    expect(await isSignedIn(agent)).toBe(true);
  });
});

describe('who is asked', () => {
  test('nobody is signed in: straight on', async () => {
    const { hint } = await signedIn();
    const agent = kapu.agent();
    const there = { post_logout_redirect_uri: home, state: '5' };
    expect((await leave(agent, { id_token_hint: hint, ...there })).url.href).toBe(`${home}?state=5`);
    expect((await leave(agent, { client_id: 'tax', ...there })).url.href).toBe(`${home}?state=5`);
    expect((await leave(agent, { client_id: 'tax', post_logout_redirect_uri: withQuery })).url.href).toBe(withQuery);
    saysSignedOut(await leave(agent, {}));
    saysSignedOut(await leave(agent, { post_logout_redirect_uri: home }));
  });

  test('who stays: back at the service, signed in, but not to the service', async () => {
    const { agent, hint } = await signedIn();
    await signIn(kapu, roads, agent);
    const page = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home, state: '6' });
    const back = await agent.submit(page, {});
    expect(back.url.href).toBe(`${home}?state=6`);
    expect(await silently(roads, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });

  test('who stays, and there is no address: a page that leads back to the service', async () => {
    const { agent, hint } = await signedIn();
    const page = await agent.submit(await leave(agent, { id_token_hint: hint }), {});
    expect(page.status).toBe(200);
    expect(page.html).toContain('href="https://tax.example/"');
    expect(await isSignedIn(agent)).toBe(true);
    expect(textOf(page)).toContain('You are still signed in');
    expect(textOf(page)).not.toContain('You have signed out');
  });

  test('two pages at once: the newer one counts, the older says how to go on', async () => {
    const { agent, hint } = await signedIn();
    const older = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home, state: 'old' });
    const newer = await leave(agent, { id_token_hint: hint, post_logout_redirect_uri: home, state: 'new' });
    const late = await confirm(agent, older);
    expect(late.status).toBe(400);
    expect((await confirm(agent, newer)).url.href).toBe(`${home}?state=new`);
  });

  test('in Hungarian', async () => {
    const { agent, hint } = await signedIn();
    const page = await leave(agent, { id_token_hint: hint, ui_locales: 'hu' });
    expect(textOf(page)).toContain('Biztosan kijelentkezik?');
  });
});
