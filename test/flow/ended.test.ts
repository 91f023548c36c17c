/** Sessions that an operator ends, by a command of its own, a new password or a disabled account (ASVS 7.4.2, 7.4.3, 7.4.5). */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { atCodePage, credentials, errorOf, password, signIn, silently, stepOf } from './journey.ts';

const clock = testClock({ still: true });
let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, clock });
  service = await kapu.service();
});
// Tokens know the time of their sign-in to the second.
beforeEach(() => wait(5));
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const wait = (seconds: number) => clock.pass(seconds * 1000);

const idOf = async (username: string) => (await kapu.records.accounts.findByUsername(username))!.id;
const userinfo = (token: string) =>
  fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);

const endings: [string, (id: string) => Promise<unknown>][] = [
  ['end-sessions', (id) => kapu.records.accounts.endSessions(id)],
  [
    'a new password',
    async (id) => {
      const { passwordHash } = (await kapu.records.accounts.findForPassword('anna'))!;
      await kapu.records.accounts.setPassword(id, passwordHash!);
    },
  ],
  [
    'an account disabled and enabled again',
    async (id) => {
      await kapu.records.accounts.setStatus(id, 'disabled');
      await kapu.records.accounts.setStatus(id, 'active');
    },
  ],
];

describe.each(endings)('after %s', (_, end) => {
  test('no browser is signed in, and no token works; signing in again does', async () => {
    const agents = [kapu.agent(), kapu.agent()];
    const offline = { scope: 'openid offline_access', prompt: 'consent', acr_values: 'plus' };
    const [one, other] = [await signIn(kapu, service, agents[0]!, offline), await signIn(kapu, service, agents[1]!)];
    await wait(5);
    await end(await idOf('anna'));
    await wait(5);

    for (const agent of agents) expect(await silently(service, agent)).toBe('login_required');
    for (const { tokens } of [one, other]) expect(await userinfo(tokens.access_token)).toBe(401);
    await expect(refreshTokenGrant(service.config, one.tokens.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });

    const again = await signIn(kapu, service, agents[0]!, { acr_values: 'plus' });
    expect(again.steps).toEqual(['password', 'email-code']);
    expect(await userinfo(again.tokens.access_token)).toBe(200);
    expect(await silently(service, agents[0]!)).toMatchObject({ claims: { acr: 'plus' } });
    expect(await silently(service, agents[1]!)).toBe('login_required');
  });

  test('a sign-in at its second factor begins with the first again', async () => {
    const { agent, asked, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    await wait(5);
    await end(await idOf('anna'));
    await wait(5);
    const answered = await agent.submit(page, { code });
    expect(stepOf(answered)).toBe('password');
    const next = await agent.submit(answered, { username: 'anna', password });
    const back = await agent.submit(next, { code: await kapu.codeFor(next, stepOf(next) === 'email-code' ? 1 : 0) });
    expect(errorOf(back)).toBeUndefined();
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });

  test('a code that is not redeemed yet is worth nothing', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    const back = await agent.submit(page, credentials('anna'));
    await wait(5);
    await end(await idOf('anna'));
    await expect(asked.redeem(back.url)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('another person stays signed in', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent, {}, 'john');
    await wait(5);
    await end(await idOf('anna'));
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });
});

test("a moment that the server has not reached yet is in the log: somebody's clock is wrong", async () => {
  const { records } = kapu.settings;
  if (records.kind !== 'sqlite') throw new Error('these tests keep records in SQLite');
  const elsewhere = await createSqliteRecords({ ...records, now: () => new Date(clock.now().getTime() + 90_000) });
  await elsewhere.accounts.endSessions(await idOf('john'));
  await elsewhere.end();
  const agent = kapu.agent();
  const { page } = await service.visit(agent);
  const again = await agent.submit(page, credentials('john'));
  expect(stepOf(again)).toBe('password');
  expect(kapu.log.some((line) => line.includes('are the clocks in step'))).toBe(true);
  await wait(100);
  expect(stepOf(await agent.submit(again, credentials('john')))).toBe('service');
});
