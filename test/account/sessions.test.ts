/** Where somebody is signed in, and ending it: one, all others, all (ASVS 7.4.3, 7.5.2). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signIn, silently } from '../flow/journey.ts';
import { textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectPage, visit } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** Two browsers of one person, the first at its sessions. */
async function two(username = 'anna') {
  const other = kapu.agent({ userAgent: firefox });
  await signIn(kapu, service, other, {}, username);
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, '/account/sessions', username);
  expectPage(page, '/account/sessions');
  return { agent, other, page };
}
const isOut = async (agent: Parameters<typeof silently>[1]) => (await silently(service, agent)) === 'login_required';

describe('the sessions', () => {
  test('are listed with browser, system and network, this one first and without a button', async () => {
    const { page } = await two();
    expect(textOf(page)).toMatch(/Chrome, Linux This browser/);
    expect(textOf(page)).toMatch(/Firefox, Windows/);
    expect(textOf(page)).toContain('the same network as now');
    const begun = (await kapu.records.audit.list({ limit: 100 })).filter(({ event }) => event === 'session.began');
    expect(begun[0]?.detail).toEqual({ session: expect.any(String), browser: 'Chrome', system: 'Linux' });
  });

  test('what a browser does not say of itself is unknown, in the person’s language', async () => {
    const { agent } = await two('john');
    await signIn(kapu, service, kapu.agent({ userAgent: '?' }), {}, 'john');
    await signIn(kapu, service, kapu.agent({ userAgent: 'X (Windows NT 10.0) Y/1' }), {}, 'john');
    const begun = (await kapu.records.audit.list({ limit: 100 })).filter(({ event }) => event === 'session.began');
    expect(begun[1]?.detail).toMatchObject({ browser: '', system: '' });
    const page = textOf(await agent.get('/account/sessions?ui_locales=hu'));
    expect(page).toContain('Ismeretlen böngésző');
    expect(page).toContain('Windows');
    const activity = textOf(await agent.get('/account/activity?ui_locales=hu'));
    expect(activity).toContain('Bejelentkezés ebben a böngészőben: ismeretlen, ismeretlen');
    expect(activity).not.toContain('unknown');
  });

  test('one is ended, and only that', async () => {
    const { agent, other, page } = await two();
    const third = kapu.agent();
    await signIn(kapu, service, third);
    const done = await agent.submit(page, {});
    expect(textOf(done)).toContain('That browser has been signed out.');
    expect([await isOut(other), await isOut(third), await isOut(agent)]).toEqual([true, false, false]);
  });

  test('somebody else’s is not, nor one that is over, nor this one by accident', async () => {
    const { agent, page } = await two('john');
    const anna = kapu.agent();
    await signIn(kapu, service, anna);
    const [began] = (await kapu.records.audit.list({ limit: 100 })).filter(({ event }) => event === 'session.began');
    const stranger = await agent.post('/account/sessions/end', { session: String(began?.detail?.session) });
    expect(textOf(stranger)).toContain('had ended already');
    expect(await isOut(anna)).toBe(false);
    await agent.submit(page, {});
    expect(textOf(await agent.submit(page, {}))).toContain('had ended already');
    expect(textOf(await agent.post('/account/sessions/end', { session: 'nonsense' }))).toContain('had ended already');
    const own = (await kapu.records.audit.list({ limit: 100 })).filter(
      ({ event, accountId, detail }) =>
        event === 'session.began' && accountId !== began?.accountId && detail?.browser === 'Chrome',
    );
    const asked = await agent.post('/account/sessions/end', { session: String(own[0]?.detail?.session) });
    expect(textOf(asked)).toContain('Do you want to sign out?');
    expect(await isOut(agent)).toBe(false);
  });

  test('all others are ended', async () => {
    const { agent, other } = await two();
    const third = kapu.agent();
    await signIn(kapu, service, third);
    const done = await agent.post('/account/sessions/end-others', {});
    expect(textOf(done)).toContain('All other browsers have been signed out.');
    expect(await Promise.all([other, third].map(isOut))).toEqual([true, true]);
    expectPage(await agent.get('/account/sessions'), '/account/sessions');
  });

  test('all are ended, with this one, and no token of before counts', async () => {
    const other = kapu.agent();
    const { tokens } = await signIn(kapu, service, other, { scope: 'openid offline_access', prompt: 'consent' });
    const { agent } = await two();
    await clock.pass(1000);
    const done = await agent.post('/account/sessions/end-all', {});
    expect(textOf(done)).toContain('You have signed out');
    expect(await Promise.all([agent, other].map(isOut))).toEqual([true, true]);
    const { status } = await fetch(`${kapu.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(status).toBe(401);
  });

  test('are nobody’s to end who is not signed in', async () => {
    const { other } = await two();
    const page = await kapu.agent().post('/account/sessions/end-all', {});
    expect(page.url.pathname).toMatch(/password$/);
    expect(await isOut(other)).toBe(false);
  });
});
