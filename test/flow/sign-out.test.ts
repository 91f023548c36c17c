/** Signing out: asked about, on our own pages, ending what it should (ASVS 7.4.1, 7.4.4, 10.6.2). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { signIn, silently } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const home = 'http://127.0.0.1:45454/';

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const userinfo = (token: string) =>
  fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);

async function signedIn(parameters: Record<string, string> = {}) {
  const agent = kapu.agent();
  return { agent, ...(await signIn(kapu, service, agent, parameters)) };
}

const leave = (agent: Agent, parameters: Record<string, string> = {}) =>
  agent.get(`/session/end?${new URLSearchParams(parameters)}`);

function asks(page: Page): void {
  expect([page.status, textOf(page)]).toEqual([200, expect.stringMatching(/sign out/i)]);
}

describe('the service sends a person to sign out', () => {
  test('with a hint: asked, then back to the service with its state', async () => {
    const { agent, tokens } = await signedIn();
    const page = await leave(agent, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: home,
      state: 'of the service',
    });
    asks(page);
    const back = await agent.submit(page, { logout: 'yes' });
    expect(back.url.href).toBe(`${home}?state=of+the+service`);
    expect(await silently(service, agent)).toBe('login_required');
    expect(await userinfo(tokens.access_token)).toBe(401);
  });

  test('without a hint: asked, then a page that says so', async () => {
    const { agent, tokens } = await signedIn();
    const page = await leave(agent);
    asks(page);
    const out = await agent.submit(page, { logout: 'yes' });
    expect([out.status, textOf(out)]).toEqual([200, expect.stringContaining('signed out')]);
    expect(await silently(service, agent)).toBe('login_required');
    expect(await userinfo(tokens.access_token)).toBe(401);
  });

  test('and the person stays: signed in, and back at the service', async () => {
    const { agent, tokens } = await signedIn();
    const page = await leave(agent, { id_token_hint: tokens.id_token!, post_logout_redirect_uri: home });
    const back = await agent.submit(page, {});
    expect(back.url.href).toBe(home);
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });

  test('who is signed out already: straight on, without a page that sends itself', async () => {
    const { tokens } = await signedIn();
    const hint = { id_token_hint: tokens.id_token!, state: 's1' };
    const there = await leave(kapu.agent(), { ...hint, post_logout_redirect_uri: home });
    expect(there.url.href).toBe(`${home}?state=s1`);
    const here = await leave(kapu.agent(), { client_id: 'demo-native' });
    expect(textOf(here)).toContain('signed out');
    expect(here.html).not.toContain('<script>');
    const agent = kapu.agent();
    await leave(agent);
    expect(await agent.cookie('kapu-session')).toBeUndefined();
  });

  test.each<[string, Record<string, string>]>([
    [
      'an address that is not registered',
      { client_id: 'demo-native', post_logout_redirect_uri: 'https://evil.example/' },
    ],
    ['a client that is not known', { client_id: 'nobody', post_logout_redirect_uri: home }],
    ['a hint that is no token', { id_token_hint: 'nonsense', post_logout_redirect_uri: home }],
    [
      'a hint with alg none',
      { id_token_hint: 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJkZW1vLW5hdGl2ZSJ9.', post_logout_redirect_uri: home },
    ],
  ])('with %s: an error page, and nobody is signed out', async (_what, parameters) => {
    const { agent } = await signedIn();
    const page = await leave(agent, parameters);
    expect(page.status).toBe(400);
    expect(page.through).toEqual([]);
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });

  test('with an address but nobody who vouches for it: asked, and not sent there', async () => {
    const { agent } = await signedIn();
    const page = await leave(agent, { post_logout_redirect_uri: 'https://evil.example/' });
    asks(page);
    expect((await agent.submit(page, { logout: 'yes' })).url.origin).toBe(kapu.issuer);
  });
});

describe('nobody can be signed out by others', () => {
  test('by a link alone', async () => {
    const { agent } = await signedIn();
    await leave(agent);
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ["without the page's token", { logout: 'yes' }, {}],
    ['with a token that is made up', { logout: 'yes', xsrf: 'a'.repeat(48) }, {}],
    ['from another site', { logout: 'yes' }, { origin: 'https://evil.example' }],
    ['from another site, as the browser says', { logout: 'yes' }, { 'sec-fetch-site': 'cross-site' }],
  ])('by a form %s', async (_how, fields, headers) => {
    const { agent } = await signedIn();
    await leave(agent);
    const answer = await agent.post('/session/end/confirm', fields, headers);
    expect([400, 403]).toContain(answer.status);
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });
});

describe('after signing out', () => {
  test('the cookie of before is worth nothing, also in a copy', async () => {
    const { agent } = await signedIn();
    const copy = agent.copy();
    await agent.submit(await leave(agent), { logout: 'yes' });
    expect(await silently(service, copy)).toBe('login_required');
  });

  test('a code that was on its way is worth nothing', async () => {
    const { agent } = await signedIn();
    const { asked, page } = await service.visit(agent);
    await agent.submit(await leave(agent), { logout: 'yes' });
    await expect(asked.redeem(page.url)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('the confirmation cannot be sent twice, and says so in words', async () => {
    const { agent } = await signedIn();
    const page = await leave(agent);
    await agent.submit(page, { logout: 'yes' });
    const again = await agent.submit(page, { logout: 'yes' });
    expect(again.status).toBeLessThan(500);
    expect(textOf(again)).toContain('start signing in from there');
  });

  test('what was allowed for longer stays until it is revoked', async () => {
    const { agent, tokens } = await signedIn({ scope: 'openid offline_access', prompt: 'consent' });
    await agent.submit(await leave(agent), { logout: 'yes' });
    expect(await userinfo(tokens.access_token)).toBe(200);
  });
});
