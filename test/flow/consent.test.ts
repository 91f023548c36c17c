/** Consent: services of the state's own are not asked about, others once, for what they ask. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchUserInfo } from 'openid-client';
import { type Page, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, credentials, errorOf, signIn, silently, stepOf } from './journey.ts';

let kapu: TestKapu;
let library: RelyingParty;
let count = 0;

const [taxes, births] = ['https://taxes.example/api', 'https://births.example/api'];

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      const api = { scopes: ['read'] };
      settings.resources = { ...settings.resources, [taxes]: api, [births]: api };
    },
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** Another third-party service, which nobody has consented to yet. */
async function newLibrary(scope = 'openid profile'): Promise<RelyingParty> {
  count += 1;
  const clientId = `library-${count}`;
  const secret = 'library-secret-0123456789abcdefghij';
  await kapu.records.clients.put(clientId, {
    client_name: 'Városi Könyvtár',
    'client_name#en': 'City Library',
    client_uri: 'http://localhost/',
    first_party: false,
    client_secret: secret,
    redirect_uris: ['http://127.0.0.1:45454/callback'],
    scope: 'openid profile email offline_access',
    resources: [taxes, births],
  });
  return kapu.service({ clientId, scope, secret });
}

async function atConsent(
  parameters: Record<string, string> = {},
): Promise<{ page: Page; agent: ReturnType<TestKapu['agent']> }> {
  const agent = kapu.agent();
  const { page } = await library.visit(agent, parameters);
  const next = await agent.submit(page, credentials('anna'));
  expect(stepOf(next)).toBe('consent');
  return { agent, page: next };
}

describe('a service of another owner', () => {
  test('is asked about once, by name and in plain words', async () => {
    library = await newLibrary();
    const { agent, page } = await atConsent();
    expect(textOf(page)).toContain('City Library');
    expect(textOf(page)).toContain('your name, your birth name and your date of birth');
    expect(textOf(page)).not.toContain('your email address');
    expect(stepOf(await agent.submit(page, { allow: '1' }))).toBe('service');
    expect((await signIn(kapu, library, agent)).steps).toEqual([]);
    expect((await signIn(kapu, library, kapu.agent())).steps).toEqual(['password']);
  });

  test('that is refused gets nothing, and is asked about again next time', async () => {
    library = await newLibrary();
    const { agent, page } = await atConsent();
    expect(errorOf(await agent.submit(page, { cancel: '1' }))).toBe('access_denied');
    expect(stepOf((await library.visit(agent)).page)).toBe('consent');
    expect(await silently(library, agent)).toBe('consent_required');
  });

  test('gets nothing by a form without the button', async () => {
    library = await newLibrary();
    const { agent, page } = await atConsent();
    expect(errorOf(await agent.submit(page, {}))).toBe('access_denied');
  });

  test('that asks for more is asked about again', async () => {
    library = await newLibrary();
    const { agent, page } = await atConsent();
    await agent.submit(page, { allow: '1' });
    const { page: more } = await library.visit(agent, { scope: 'openid profile email' });
    expect([stepOf(more), textOf(more)]).toEqual(['consent', expect.stringContaining('your email address')]);
  });

  test('is asked about anew where it says prompt=consent', async () => {
    library = await newLibrary();
    const { agent, page } = await atConsent();
    await agent.submit(page, { allow: '1' });
    expect((await signIn(kapu, library, agent, { prompt: 'consent' })).steps).toEqual(['consent']);
  });

  test('is asked about by the person who signs in, not by the one before', async () => {
    library = await newLibrary();
    await signIn(kapu, library, kapu.agent());
    const johns = await attempt(kapu, library, kapu.agent(), {}, 'john');
    expect(johns.steps).toEqual(['password', 'consent']);
  });

  test('reaches its level before it is asked about', async () => {
    library = await newLibrary();
    const { steps, claims } = await signIn(kapu, library, kapu.agent(), { acr_values: 'plus' });
    expect([steps, claims.acr]).toEqual([['password', 'email-code', 'consent'], 'plus']);
  });

  test('that names single claims is asked about once, for the scopes they belong to, and gets them', async () => {
    library = await newLibrary('openid');
    const claims = JSON.stringify({ userinfo: { email: null, birthdate: { essential: true } } });
    const { agent, page } = await atConsent({ claims });
    expect(textOf(page)).toContain('your email address');
    expect(textOf(page)).toContain('your date of birth');
    const back = await agent.submit(page, { allow: '1' });
    expect(stepOf(back)).toBe('service');
    const { steps, tokens, claims: idClaims } = await signIn(kapu, library, agent, { claims });
    expect(steps).toEqual([]);
    const info = await fetchUserInfo(library.config, tokens.access_token, idClaims.sub);
    expect(info).toMatchObject({ email: 'anna@demo.example', birthdate: '1985-04-12' });
    expect(info.name).toBeUndefined();
  });

  test('that names a single claim later is asked about it', async () => {
    library = await newLibrary('openid');
    const { agent, page } = await atConsent();
    await agent.submit(page, { allow: '1' });
    const claims = JSON.stringify({ userinfo: { email: null } });
    expect(await silently(library, agent, { claims })).toBe('consent_required');
    const { page: more } = await library.visit(agent, { claims });
    expect([stepOf(more), textOf(more)]).toEqual(['consent', expect.stringContaining('your email address')]);
  });

  test('gets no claim that nobody allowed', async () => {
    library = await newLibrary('openid');
    const agent = kapu.agent();
    await signIn(kapu, library, agent);
    const { tokens, claims } = await signIn(kapu, library, agent);
    expect(await fetchUserInfo(library.config, tokens.access_token, claims.sub)).toEqual({
      sub: claims.sub,
      acr: 'basic',
      amr: ['pwd'],
      auth_time: claims.auth_time,
    });
  });

  test('that may read at one API may not read at another, whose scope has the same name (RFC 8707)', async () => {
    library = await newLibrary('openid read');
    const { agent, page } = await atConsent({ resource: taxes });
    expect(textOf(page)).toContain(`read (${taxes})`);
    expect(stepOf(await agent.submit(page, { allow: '1' }))).toBe('service');
    expect((await signIn(kapu, library, agent, { resource: taxes })).steps).toEqual([]);

    const other = await library.visit(agent, { resource: births });
    expect(stepOf(other.page)).toBe('consent');
    expect(textOf(other.page)).toContain(`read (${births})`);
    expect(await silently(library, agent, { resource: births })).toBe('consent_required');
    expect(stepOf(await agent.submit(other.page, { allow: '1' }))).toBe('service');
    expect((await signIn(kapu, library, kapu.agent(), { resource: births })).steps).toEqual(['password']);
  });

  test('may keep access only where it was allowed to', async () => {
    library = await newLibrary('openid offline_access');
    const { agent, page } = await atConsent({ prompt: 'consent' });
    expect(textOf(page)).toContain('while you are not using the service');
    await agent.submit(page, { allow: '1' });
    const { tokens } = await signIn(kapu, library, agent, { prompt: 'consent' });
    expect(tokens.refresh_token).toBeDefined();
  });
});

describe('an application of another owner on the own device', () => {
  // RFC 8252, 8.6: another one could pass itself off as it, and would be let through unseen.
  test('is asked about each time', async () => {
    const native = await kapu.service({ clientId: 'demo-library' });
    const agent = kapu.agent();
    expect((await signIn(kapu, native, agent)).steps).toEqual(['password', 'consent']);
    expect((await signIn(kapu, native, agent)).steps).toEqual(['consent']);
  });
});

describe("a service of the state's own", () => {
  test('is not asked about, whatever it asks', async () => {
    const own = await kapu.service({ scope: 'openid profile email' });
    const claims = JSON.stringify({ id_token: { email: null }, userinfo: { birthdate: null } });
    const { steps, claims: given } = await signIn(kapu, own, kapu.agent(), { claims });
    expect([steps, given.email]).toEqual([['password'], 'anna@demo.example']);
  });

  test('is asked about where it wants so', async () => {
    const own = await kapu.service();
    expect((await signIn(kapu, own, kapu.agent(), { prompt: 'consent' })).steps).toEqual(['password', 'consent']);
    const agent = kapu.agent();
    for (let round = 0; round < 2; round++)
      expect((await signIn(kapu, own, agent, { prompt: 'login consent' })).steps).toEqual(['password', 'consent']);
  });
});
