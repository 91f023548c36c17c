/** What is written down of a sign-in, and what never is (ASVS 14.2.1, 16.2, 16.3; docs/design.md, section 7, rule 9). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant, tokenIntrospection, tokenRevocation } from 'openid-client';
import { atCodePage, credentials, signIn } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
});
afterAll(() => kapu?.stop());

const events = async () => (await kapu.records.audit.list({ limit: 1000 })).toReversed();

describe('the audit', () => {
  test('tells every step of a sign-in, who and whereby, and from roughly where', async () => {
    const before = (await events()).length;
    const agent = kapu.agent();
    const { page } = await service.visit(agent, { acr_values: 'plus' });
    await agent.submit(page, { username: 'anna', password: 'not her password' });
    const codePage = await agent.submit(page, credentials('anna'));
    await agent.submit(codePage, { code: '000000' });
    await agent.submit(codePage, { code: await kapu.codeFor(codePage) });
    const all = (await events()).slice(before);
    // The mail goes its own way.
    const told = all.filter(({ event }) => event !== 'mail.sent');
    expect(all).toHaveLength(told.length + 1);
    expect(told.map(({ event }) => event)).toEqual([
      ...['password.refused', 'password.passed', 'email-code.refused', 'email-code.passed', 'sign-in.completed'],
      'session.began',
    ]);
    const anna = await kapu.records.accounts.findByUsername('anna');
    for (const entry of all) {
      expect(entry).toMatchObject({ accountId: anna!.id, clientId: 'demo-native' });
      expect(entry.reference).toMatch(/^[a-z2-9]{10}$/);
      expect(entry.origin).toMatch(/^(127\.0\.0\.1|0:0:0:0::\/64)$/);
    }
    expect(told.at(-2)!.detail).toMatchObject({ acr: 'plus', methods: 'password email-code' });
  });

  test('does not take down what was typed for a name', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    await agent.submit(page, { username: 'my-password-by-mistake', password: 'x' });
    const written = [...kapu.log, JSON.stringify(await events())].join('\n');
    expect(written).not.toContain('my-password-by-mistake');
  });

  test('names no line that a user agent or a language made up', async () => {
    const forged = '{"level":"info","event":"sign-in.completed"}';
    const agent = kapu.agent({ userAgent: forged, language: 'en' });
    await agent.get('/nothing', { 'x-forwarded-for': forged, referer: `https://evil.example/${forged}` });
    expect(kapu.log.filter((line) => line.includes('sign-in.completed'))).toEqual([]);
    for (const line of kapu.log) expect(() => JSON.parse(line)).not.toThrow();
  });
});

describe('nothing secret is written', () => {
  test('through everything that people and services do', async () => {
    const agent = kapu.agent();
    const { tokens } = await signIn(kapu, service, agent, {
      acr_values: 'plus',
      scope: 'openid email offline_access',
      prompt: 'consent',
      login_hint: 'anna@demo.example',
    });
    const { refresh_token, access_token } = await refreshTokenGrant(service.config, tokens.refresh_token!);
    for (const token of [refresh_token!, access_token]) kapu.secrets.add(token);
    await tokenIntrospection(service.config, access_token);
    await refreshTokenGrant(service.config, tokens.refresh_token!).catch(() => undefined);
    await tokenRevocation(service.config, refresh_token!);
    await service.visit(agent, { prompt: 'none', id_token_hint: tokens.id_token! });
    await agent.get(`/session/end?id_token_hint=${tokens.id_token}&post_logout_redirect_uri=https://evil.example/`);
    await agent.get(`/nothing?code=${tokens.access_token}`);
    await agent.get(`/userinfo?access_token=${tokens.access_token}`);
    const stale = await atCodePage(kapu, service);
    await stale.agent.submit(stale.page, { code: (await kapu.codeFor(stale.page)).replace(/^./, 'x') });
    expect(kapu.secrets.size).toBeGreaterThan(30);
    expect(kapu.log.length).toBeGreaterThan(30);
    expect(await kapu.leaks()).toEqual([]);
  });

  test('in the address of a token request, because it is not taken from there', async () => {
    const { tokens } = await signIn(kapu, service, kapu.agent());
    expect((await kapu.agent().get(`/userinfo?access_token=${tokens.access_token}`)).status).toBe(400);
  });
});
