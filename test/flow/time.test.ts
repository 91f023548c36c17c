/** What time does to levels, sessions and refreshed tokens, by a clock that the tests move. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant, tokenIntrospection } from 'openid-client';
import type { Agent } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, signIn, silently } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, clock });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

async function browser(session: 'basic' | 'plus'): Promise<Agent> {
  const agent = kapu.agent();
  await signIn(kapu, service, agent, session === 'plus' ? { acr_values: 'plus' } : {});
  return agent;
}

/** What comes of it: the steps asked, then the acr or the error. */
async function outcome(agent: Agent, parameters: Record<string, string>): Promise<string[]> {
  const { steps, claims, error } = await attempt(kapu, service, agent, parameters);
  return [...steps, String(claims?.acr ?? error)];
}

describe('time passes', () => {
  test('plus ends after its fifteen minutes: basic is not asked again, plus wants the code alone', async () => {
    const agent = await browser('plus');
    await clock.pass(14 * 60_000);
    expect(await silently(service, agent, { acr_values: 'plus' })).toMatchObject({ claims: { acr: 'plus' } });
    await clock.pass(2 * 60_000);
    expect(await silently(service, agent, { acr_values: 'plus' })).toBe('login_required');
    expect(await outcome(agent, {})).toEqual(['basic']);
    expect(await outcome(agent, { acr_values: 'plus' })).toEqual(['email-code', 'plus']);
  });

  test('a session ends after half an hour without use (ASVS 7.3.1)', async () => {
    const agent = await browser('basic');
    for (let use = 0; use < 3; use++) {
      await clock.pass(29 * 60_000);
      expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
    }
    await clock.pass(31 * 60_000);
    expect(await silently(service, agent)).toBe('login_required');
  });

  test('an authorization code ends after a minute (ASVS 10.4.3)', async () => {
    const agent = await browser('basic');
    const early = await service.visit(agent);
    await clock.pass(50_000);
    expect((await early.asked.redeem(early.page.url)).claims.acr).toBe('basic');
    const late = await service.visit(agent);
    await clock.pass(62_000);
    await expect(late.asked.redeem(late.page.url)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('auth_time is the oldest proof that the level stands on', async () => {
    const agent = kapu.agent();
    const first = await signIn(kapu, service, agent);
    await clock.pass(5 * 60_000);
    const stepped = await signIn(kapu, service, agent, { acr_values: 'plus' });
    expect(stepped.claims.auth_time).toBe(first.claims.auth_time);
  });

  test('max_age asks again for what is older, and for nothing else', async () => {
    const agent = await browser('basic');
    await clock.pass(5 * 60_000);
    expect(await outcome(agent, { acr_values: 'plus', max_age: '600' })).toEqual(['email-code', 'plus']);
    expect(await outcome(agent, { acr_values: 'plus', max_age: '60' })).toEqual(['password', 'plus']);
    expect(await outcome(agent, { max_age: '60' })).toEqual(['plus']);
  });

  test('a refreshed ID token repeats when and how the person signed in, and gains nothing', async () => {
    const agent = kapu.agent();
    const offline = { scope: 'openid offline_access', prompt: 'consent' };
    const first = await signIn(kapu, service, agent, offline);
    await signIn(kapu, service, agent, { acr_values: 'plus' });
    await clock.pass(60_000);
    const refreshed = await refreshTokenGrant(service.config, first.tokens.refresh_token!);
    expect(refreshed.claims()).toMatchObject({ acr: 'basic', amr: ['pwd'], auth_time: first.claims.auth_time });
    const { acr, auth_time } = await tokenIntrospection(service.config, refreshed.access_token);
    expect({ acr, auth_time }).toEqual({ acr: 'basic', auth_time: first.claims.auth_time });
  });

  test('a session ends after twelve hours, however busy it is (ASVS 7.3.2)', async () => {
    await clock.goTo(0);
    const agent = await browser('basic');
    for (let thirds = 1; thirds < 36; thirds++) {
      await clock.pass(20 * 60_000);
      expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
    }
    // Half a second at a time, so that its last second is not renewed for ever; what it gives then may not be good any more.
    await clock.pass(20 * 60_000 - 10_000);
    for (let halves = 0; halves < 30; halves++) {
      await service.visit(agent, { prompt: 'none' });
      await clock.pass(500);
    }
    expect(await silently(service, agent)).toBe('login_required');
    await clock.goTo(0);
  });
});
