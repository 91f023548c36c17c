/** Signing in to the person's own pages: as to any service, by Kapu itself (docs/decisions/024). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownClientId } from '../../src/oidc/clients/own-client.ts';
import { signIn, silently } from '../flow/journey.ts';
import { type Agent, textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { expectPage, visit } from './journey.ts';

let kapu: TestKapu;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ clock, change: roomy });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const signedOut = async (agent: Agent) => agent.submit(await agent.get('/account/sign-out'), { logout: 'yes' });

describe('the own pages', () => {
  test('ask to sign in, by name, and then show who it is', async () => {
    const agent = kapu.agent();
    const asked = await agent.get('/account');
    expect(textOf(asked)).toContain('You are signing in to: My account');
    const authorization = new URL(asked.through[0]!);
    expect(authorization.pathname).toBe('/auth');
    expect(Object.fromEntries(authorization.searchParams)).toMatchObject({
      client_id: ownClientId,
      code_challenge_method: 'S256',
      state: expect.any(String),
      nonce: expect.any(String),
    });
    const { steps, page } = await visit(kapu, agent);
    expect(steps).toEqual(['password']);
    expectPage(page, '/account');
    expect(textOf(page)).toContain('a***@demo.example');
    expect(page.html).not.toContain('anna@demo.example');
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  test('ask nothing of whoever is signed in already', async () => {
    const agent = kapu.agent();
    await signIn(kapu, await kapu.service(), agent);
    const { steps, page } = await visit(kapu, agent);
    expect(steps).toEqual([]);
    expectPage(page, '/account');
  });

  test('let nobody act on the account of who signed in after them with the same browser', async () => {
    const agent = kapu.agent();
    const service = await kapu.service();
    const { page: form } = await visit(kapu, agent, '/account/sessions', 'anna');
    await signIn(kapu, service, agent, { prompt: 'login' }, 'john');
    const { page } = await visit(kapu, agent, '/account', 'john');
    expectPage(page, '/account');

    const answer = await agent.submit(form, {});
    expect(answer.status).toBe(409);
    expect(textOf(answer)).toContain('This page was shown to somebody else');
    expect(answer.html).toContain('href="/account/sessions"');
    // John is still signed in, and his own form does what it says.
    expectPage(await agent.get('/account/sessions'), '/account/sessions');
    const own = await agent.submit(await agent.get('/account/sessions'), {});
    expect(own.status).toBe(200);
    expect(textOf(own)).not.toContain('somebody else');
  });

  test('lead back to the page that was asked for, with its query', async () => {
    const agent = kapu.agent();
    const { page } = await visit(kapu, agent, '/account?ui_locales=hu');
    expect(page.url.search).toBe('?ui_locales=hu');
    expect(textOf(page)).toContain('Felhasználónév');
  });

  test('say what there is to do when the sign-in is given up', async () => {
    const agent = kapu.agent();
    const page = await agent.submit(await agent.get('/account'), { cancel: '1' });
    expectPage(page, '/account/callback');
    expect(textOf(page)).toContain('You have not signed in');
  });

  test('sign out of Kapu, after asking', async () => {
    const agent = kapu.agent();
    await visit(kapu, agent);
    const left = await signedOut(agent);
    expect(textOf(left)).toContain('signed out');
    expect(await silently(await kapu.service(), agent)).toBe('login_required');
    expect((await agent.get('/account')).url.pathname).toMatch(/password$/);
  });
});

describe('the session of the own pages ends with', () => {
  const fresh = async () => {
    const agent = kapu.agent();
    await visit(kapu, agent);
    return agent;
  };

  test('a sign-out elsewhere, in this browser and in a copy of it', async () => {
    const agent = await fresh();
    const copy = agent.copy();
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    for (const each of [agent, copy]) expect((await each.get('/account')).url.pathname).toMatch(/password$/);
  });

  test('somebody else signing in here', async () => {
    const agent = await fresh();
    await signIn(kapu, await kapu.service(), agent, { prompt: 'login' }, 'john');
    const page = await agent.get('/account');
    expect(textOf(page)).toContain('john');
    expect(textOf(page)).not.toContain('anna');
  });

  test('the end of all sessions of the account', async () => {
    const agent = await fresh();
    await clock.pass(1500);
    const anna = (await kapu.records.accounts.findByUsername('anna'))!;
    await kapu.records.accounts.endSessions(anna.id);
    await clock.pass(1500);
    expect((await agent.get('/account')).url.pathname).toMatch(/password$/);
  });

  test('a disabled account', async () => {
    const agent = kapu.agent();
    await visit(kapu, agent, '/account', 'bela');
    const { id } = (await kapu.records.accounts.findByUsername('bela'))!;
    await kapu.records.accounts.setStatus(id, 'disabled');
    const page = await agent.get('/account');
    await kapu.records.accounts.setStatus(id, 'active');
    expect(page.url.pathname).toMatch(/password$/);
  });

  test('neither cookie alone', async () => {
    const agent = await fresh();
    const [own, kapus] = await Promise.all([agent.cookie('kapu-account'), agent.cookie('kapu-session')]);
    expect([own, kapus]).toEqual([expect.any(String), expect.any(String)]);
    const other = kapu.agent();
    await other.jar.setCookie(`kapu-account=${own}`, kapu.issuer);
    expect((await other.get('/account')).url.pathname).toMatch(/password$/);
    // And beside somebody else's session it is nobody's.
    await signIn(kapu, await kapu.service(), other, {}, 'john');
    expect(textOf(await other.get('/account'))).toContain('john');
  });

  test('half the idle time, after which it is renewed without a question', async () => {
    const agent = await fresh();
    const before = await agent.cookie('kapu-account');
    for (let minutes = 0; minutes < 60; minutes += 20) {
      await clock.pass(20 * 60_000);
      expectPage(await agent.get('/account'), '/account');
    }
    expect(await agent.cookie('kapu-account')).not.toBe(before);
    await clock.pass(40 * 60_000);
    expect((await agent.get('/account')).url.pathname).toMatch(/password$/);
  });
});

describe('an answer to a sign-in', () => {
  /** Stops before the callback. */
  async function onTheWay(agent: Agent) {
    const service = new URL((await agent.get('/account')).through[0]!);
    const page = await agent.get(service);
    const { action, hidden } = { action: page.url.pathname, hidden: {} };
    const answer = await agent.post(action, { ...hidden, username: 'anna', password: 'kapu-demo-2026' });
    return new URL(answer.through.find((each) => each.includes('/account/callback'))!);
  }

  test('is taken once: again it leads to where it led', async () => {
    const agent = kapu.agent();
    const callback = await onTheWay(agent);
    expectPage(await agent.get(callback), '/account');
    const stranger = kapu.agent();
    const page = await stranger.get(callback);
    expect([page.status, textOf(page)]).toEqual([400, expect.stringContaining('My account')]);
    expect(await stranger.cookie('kapu-account')).toBeUndefined();
  });

  test('of another browser signs nobody in', async () => {
    const agent = kapu.agent();
    // What another service's visitor can be sent to: an answer of the attacker's own, not redeemed yet.
    const { address } = await unredeemed(agent);
    const victim = kapu.agent();
    const page = await victim.get(address);
    expect(page.status).toBe(400);
    expect(await victim.cookie('kapu-account')).toBeUndefined();
    expect((await victim.get('/account')).url.pathname).toMatch(/password$/);
  });

  /** An answer that the browser was sent to and did not go to. */
  async function unredeemed(agent: Agent): Promise<{ address: URL }> {
    await signIn(kapu, await kapu.service(), agent);
    const started = await rawGet(agent, '/account');
    const authorized = await rawGet(agent, started);
    return { address: new URL(authorized) };
  }

  async function rawGet(agent: Agent, url: string): Promise<string> {
    const address = new URL(url, kapu.issuer);
    const answer = await fetch(address, {
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: await agent.jar.getCookieString(address.href) },
    });
    for (const cookie of answer.headers.getSetCookie()) await agent.jar.setCookie(cookie, address.href);
    return new URL(answer.headers.get('location')!, address).href;
  }

  test.each<[string, (url: URL) => void]>([
    ['another code', (url) => url.searchParams.set('code', 'a'.repeat(43))],
    ['no code', (url) => url.searchParams.delete('code')],
    ['another state', (url) => url.searchParams.set('state', 'b'.repeat(43))],
    ['no state', (url) => url.searchParams.delete('state')],
    ['two states', (url) => url.searchParams.append('state', 'b'.repeat(43))],
    ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (url) => url.searchParams.delete('iss')],
    ['two codes', (url) => url.searchParams.append('code', 'a'.repeat(43))],
  ])('with %s signs nobody in, and leads back', async (_what, change) => {
    const agent = kapu.agent();
    const { address } = await unredeemed(agent);
    change(address);
    const page = await agent.get(address);
    expect([page.status, page.html]).toEqual([400, expect.stringContaining(`${kapu.issuer}/account`)]);
    expect(await agent.cookie('kapu-account')).toBeUndefined();
  });
});

test('nobody can use the client itself', async () => {
  const response = await fetch(`${kapu.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${ownClientId}:${'guess'.repeat(8)}`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x' }),
  });
  expect(response.status).toBe(401);
});

test('what a picture or a form of another site asks for begins nothing', async () => {
  const agent = kapu.agent();
  const picture = await agent.get('/account', { 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' });
  expect(picture.status).toBe(403);
  const form = await agent.post('/account/methods', {}, { origin: 'https://evil.example' });
  expect(form.status).toBe(403);
});
