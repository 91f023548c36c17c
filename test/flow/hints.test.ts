/** What a service may say of the person: whom it expects, how fresh the sign-in must be, and in which language. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, credentials, errorOf, signIn, silently, stepOf, walk } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
let hint: { anna: string; john: string };

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
  const tokenOf = async (name: string) => (await signIn(kapu, service, kapu.agent(), {}, name)).tokens.id_token!;
  hint = { anna: await tokenOf('anna'), john: await tokenOf('john') };
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

describe('id_token_hint', () => {
  test('that names the person who is signed in asks nothing', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    expect((await attempt(kapu, service, agent, { id_token_hint: hint.anna })).steps).toEqual([]);
    expect(await silently(service, agent, { id_token_hint: hint.anna })).toMatchObject({ claims: { acr: 'basic' } });
  });

  test('that names somebody else asks for a sign-in, and takes the one who is named', async () => {
    const agent = kapu.agent();
    const anna = await signIn(kapu, service, agent);
    expect(await silently(service, agent, { id_token_hint: hint.john })).toBe('login_required');
    const { steps, claims } = await attempt(kapu, service, agent, { id_token_hint: hint.john }, 'john');
    expect(steps).toEqual(['password']);
    expect(claims?.sub).not.toBe(anna.claims.sub);
  });

  test('that names somebody else is an error for the service, not a loop, when the same person signs in again', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { steps, error } = await attempt(kapu, service, agent, { id_token_hint: hint.john }, 'anna');
    expect([steps, error]).toEqual([['password'], 'login_required']);
  });

  test('lets the one who is named reach a level that the one who is signed in cannot', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent, {}, 'bela');
    const asked = { id_token_hint: hint.john, acr_values: 'plus' };
    const { steps, claims } = await attempt(kapu, service, agent, asked, 'john');
    expect([steps, claims?.acr]).toEqual([['password', 'email-code'], 'plus']);
  });

  test('without a session asks for a sign-in, and refuses another person', async () => {
    const { error } = await attempt(kapu, service, kapu.agent(), { id_token_hint: hint.john }, 'anna');
    expect(error).toBe('login_required');
    const { steps } = await attempt(kapu, service, kapu.agent(), { id_token_hint: hint.john }, 'john');
    expect(steps).toEqual(['password']);
  });

  test('that names the person by the claim sub works likewise', async () => {
    const { claims } = await signIn(kapu, service, kapu.agent(), {}, 'john');
    const asked = { claims: JSON.stringify({ id_token: { sub: { value: claims.sub } } }) };
    expect((await attempt(kapu, service, kapu.agent(), asked, 'anna')).error).toBe('login_required');
    expect((await attempt(kapu, service, kapu.agent(), asked, 'john')).claims?.sub).toBe(claims.sub);
  });
});

describe('prompt=login', () => {
  test('asks again, and a second request is asked again too', async () => {
    const agent = kapu.agent();
    for (let round = 0; round < 3; round++)
      expect((await signIn(kapu, service, agent, { prompt: 'login' })).steps).toEqual(['password']);
  });

  test('cannot be answered with a wrong password', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { page } = await service.visit(agent, { prompt: 'login' });
    const wrong = await agent.submit(page, { username: 'anna', password: 'not the password' });
    expect([wrong.status, stepOf(await agent.get(page.url))]).toEqual([422, 'password']);
  });

  test('keeps the session when the same person signs in: tokens from before go on', async () => {
    const agent = kapu.agent();
    const before = await signIn(kapu, service, agent);
    await signIn(kapu, service, agent, { prompt: 'login' });
    const answer = await fetch(`${kapu.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${before.tokens.access_token}` },
    });
    expect(answer.status).toBe(200);
  });
});

describe('max_age', () => {
  test('is answered by the time of the sign-in', async () => {
    const { claims } = await signIn(kapu, service, kapu.agent(), { max_age: '100' });
    expect(Date.now() / 1000 - claims.auth_time!).toBeLessThan(20);
  });

  test.each(['-1', 'soon', '1.5', '9'.repeat(40)])('%s is refused', async (max_age) => {
    const { page } = await service.visit(kapu.agent(), { max_age });
    expect(errorOf(page)).toBe('invalid_request');
  });
});

describe('login_hint', () => {
  test('is filled in and no more than that: another person may sign in', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent, { login_hint: 'anna' });
    expect(page.html).toMatch(/<input[^>]*name="username"[^>]*value="anna"/);
    const { page: back } = await walk(kapu, agent, page, 'john');
    expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
  });

  test('is shown as text, whatever it is', async () => {
    const { page } = await service.visit(kapu.agent(), { login_hint: '"><script>alert(1)</script>' });
    expect(page.html).not.toContain('<script>alert');
    expect(page.html).toContain('value="&#34;&gt;&lt;script&gt;');
  });
});

describe('the language', () => {
  const heading = { hu: 'Bejelentkezés', en: 'Sign in' };
  const languageOf = (html: string) => /<html lang="(\w+)"/.exec(html)?.[1];

  test.each<['hu' | 'en', Record<string, string>, string | undefined]>([
    ['hu', {}, 'hu'],
    ['en', {}, 'en-GB,en;q=0.9'],
    ['en', { ui_locales: 'en' }, 'hu'],
    ['hu', { ui_locales: 'de-AT hu-HU en' }, 'en'],
    ['hu', {}, 'de'],
    ['hu', { ui_locales: 'xx' }, 'de'],
  ])('%s for %j and a browser that speaks %s', async (expected, parameters, language) => {
    const { page } = await service.visit(kapu.agent({ language }), parameters);
    expect(languageOf(page.html)).toBe(expected);
    expect(textOf(page)).toContain(heading[expected]);
  });

  test('that a person switches to stays, on every page and in the mail', async () => {
    const agent = kapu.agent({ language: 'en' });
    const { page } = await service.visit(agent, { acr_values: 'plus', ui_locales: 'en' });
    const switched = await agent.get(/<a[^>]*href="([^"]*ui_locales=hu)"/.exec(page.html)![1]!);
    expect(languageOf(switched.html)).toBe('hu');
    const codePage = await agent.submit(switched, credentials('john'));
    expect(languageOf(codePage.html)).toBe('hu');
    expect((await kapu.mailFor(codePage)).text).toContain('Tisztelt Felhasználó!');
    const { page: next } = await service.visit(agent, { ui_locales: 'en' });
    expect(languageOf(next.html)).toBe('hu');
  });
});
