/** Levels by settings alone: a third level, renamed levels, and who still uses the old names. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, signIn } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      const both = ['password', 'email-code'];
      settings.levels = [
        { name: 'basic', anyOf: [['password']] },
        {
          name: 'plus',
          anyOf: [both],
          maxAge: { 'email-code': '15m' },
          aliases: ['urn:gov:plus', { name: 'ukp', sunset: '2020-01-01' }, { name: 'later', sunset: '2999-01-01' }],
        },
        { name: 'fresh', anyOf: [both], maxAge: { password: '5m', 'email-code': '5m' } },
      ];
      settings.scopes = { health: { minimumLevel: 'plus' } };
    },
    clock,
  });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const minutes = (count: number) => count * 60 * 1000;

async function outcome(agent: ReturnType<TestKapu['agent']>, parameters: Record<string, string>, party = service) {
  const { steps, claims, error } = await attempt(kapu, party, agent, parameters);
  return [...steps, String(claims?.acr ?? error)];
}

describe('a third level', () => {
  test('is in discovery, weakest first', async () => {
    const { acr_values_supported } = service.config.serverMetadata();
    expect(acr_values_supported).toEqual(['basic', 'plus', 'fresh']);
  });

  test('decays to the second, factor by factor, and is asked for what is missing', async () => {
    const agent = kapu.agent();
    try {
      expect(await outcome(agent, { acr_values: 'fresh' })).toEqual(['password', 'email-code', 'fresh']);
      await clock.goTo(minutes(4));
      expect(await outcome(agent, { acr_values: 'fresh' })).toEqual(['fresh']);
      await clock.goTo(minutes(6));
      expect(await outcome(agent, {})).toEqual(['plus']);
      expect(await outcome(agent, { acr_values: 'plus' })).toEqual(['plus']);
      expect(await outcome(agent, { acr_values: 'fresh' })).toEqual(['password', 'email-code', 'fresh']);
      await clock.goTo(minutes(6 + 16));
      expect(await outcome(agent, { acr_values: 'plus' })).toEqual(['email-code', 'plus']);
    } finally {
      await clock.goTo(0);
    }
  });

  test('every supported value is answered with itself', async () => {
    for (const value of ['basic', 'plus', 'fresh'])
      expect((await outcome(kapu.agent(), { acr_values: value })).at(-1)).toBe(value);
    const all = await outcome(kapu.agent(), { acr_values: 'basic plus fresh' });
    expect(['basic', 'plus', 'fresh']).toContain(all.at(-1));
  });
});

describe('names of levels', () => {
  test('an alias is answered with the alias, and the claims parameter knows it too', async () => {
    const agent = kapu.agent();
    expect((await outcome(agent, { acr_values: 'urn:gov:plus' })).at(-1)).toBe('urn:gov:plus');
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:gov:plus' } } });
    expect(await outcome(agent, { claims })).toEqual(['urn:gov:plus']);
  });

  test('one past its sunset still works; the log and the records say who uses it, once an hour', async () => {
    const agent = kapu.agent();
    for (let n = 0; n < 2; n++) expect((await outcome(agent, { acr_values: 'ukp' })).at(-1)).toBe('ukp');
    await eventually('the use is kept', async () => (await kapu.records.aliases.list()).length > 0);
    expect(await kapu.records.aliases.list()).toEqual([
      { clientId: 'demo-native', alias: 'ukp', usedAt: expect.any(Date) },
    ]);
    const lines = kapu.log.filter((line) => line.includes('"alias":"ukp"'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', clientId: 'demo-native', sunset: '2020-01-01' });
  });

  test('one before its sunset is nobody’s concern yet', async () => {
    expect((await outcome(kapu.agent(), { acr_values: 'later' })).at(-1)).toBe('later');
    expect(kapu.log.filter((line) => line.includes('"alias":"later"'))).toEqual([]);
  });
});

describe('a scope with a minimum level', () => {
  test('raises the demand of a request that asks for it, and of no other', async () => {
    await kapu.records.clients.put('health', {
      client_name: 'Health',
      client_uri: 'http://localhost/',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
    });
    const health = await kapu.service({ clientId: 'health', scope: 'openid health' });
    expect(await outcome(kapu.agent(), { acr_values: 'basic' }, health)).toEqual(['password', 'email-code', 'plus']);
    expect(await outcome(kapu.agent(), {})).toEqual(['password', 'basic']);
  });
});

describe('choosing an account', () => {
  test('somebody who is not signed in just signs in', async () => {
    expect(await outcome(kapu.agent(), { prompt: 'select_account' })).toEqual(['password', 'basic']);
  });

  test('going on keeps the session; another account takes its place', async () => {
    const agent = kapu.agent();
    const anna = await signIn(kapu, service, agent);
    const first = await service.visit(agent, { prompt: 'select_account' });
    expect(first.page.html).toContain('anna');
    const goOn = await agent.submit(first.page, { continue: '' });
    expect((await first.asked.redeem(goOn.url)).claims.sub).toBe(anna.claims.sub);

    const second = await service.visit(agent, { prompt: 'select_account' });
    const password = await agent.submit(second.page, { another: '' });
    expect(password.url.pathname).toMatch(/\/password$/);
    expect(password.html).not.toContain('value="anna"');
    const back = await agent.submit(password, { username: 'john', password: 'kapu-demo-2026' });
    expect((await second.asked.redeem(back.url)).claims.sub).not.toBe(anna.claims.sub);
    expect(await outcome(agent, {})).toEqual(['basic']);
  });

  test('a malformed request is refused before anybody is asked', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const claims = JSON.stringify({ id_token: { acr: { essential: 'true', value: 'plus' } } });
    const { page } = await service.visit(agent, { prompt: 'select_account', claims });
    expect(page.url.searchParams.get('error')).toBe('invalid_request');
  });

  test('giving up is access_denied', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { page } = await service.visit(agent, { prompt: 'select_account' });
    const back = await agent.submit(page, { cancel: '' });
    expect(back.url.searchParams.get('error')).toBe('access_denied');
  });
});
