/** The server is started anew in the middle of a sign-in, as at every upgrade: the sign-in goes on. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { isOverCluster } from '../support/state-in-cluster.ts';
import { atCodePage, credentials, signIn, silently, stepOf } from './journey.ts';

/** Where the state is, but in the second run. */
let redis: RedisServer | undefined;
let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  redis = isOverCluster() ? undefined : await startRedis();
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      if (redis) settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 1000 };
    },
  });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu?.leaks()).toEqual([]);
  await kapu?.stop();
  await redis?.stop();
});

test('between the password and the code: the code that was sent is good', async () => {
  const { agent, asked, page } = await atCodePage(kapu, service);
  const code = await kapu.codeFor(page);
  await kapu.restart();
  expect(stepOf(await agent.get(page.url))).toBe('email-code');
  const back = await agent.submit(page, { code });
  expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'] });
});

test('what became of a mail that was on its way is kept', async () => {
  for (let times = 0; times < 5; times++) {
    const { agent, page } = await atCodePage(kapu, service, 'john');
    await kapu.restart();
    expect((await agent.get(`${page.url.pathname}/delivery`)).html).toBe('{"delivery":"sent"}');
  }
  expect(kapu.log.filter((line) => line.includes('not done after the request'))).toEqual([]);
});

test('at the password, and again before the code is redeemed', async () => {
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent);
  await kapu.restart();
  const back = await agent.submit(page, credentials('anna'));
  await kapu.restart();
  expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
});

test('after the sign-in: sessions, levels, tokens and wrong tries are still there', async () => {
  const agent = kapu.agent();
  const { tokens } = await signIn(kapu, service, agent, { acr_values: 'plus' });
  const { agent: guesser, page } = await atCodePage(kapu, service, 'john');
  const code = await kapu.codeFor(page);
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  await guesser.submit(page, { code: wrong });
  await kapu.restart();
  expect(await silently(service, agent, { acr_values: 'plus' })).toMatchObject({ claims: { acr: 'plus' } });
  const userinfo = await fetch(`${kapu.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  expect(userinfo.status).toBe(200);
  expect(textOf(await guesser.submit(page, { code: wrong }))).toContain('You have 3 tries left.');
});

test('what stands in the store is no secret that could be presented', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent, { scope: 'openid offline_access', prompt: 'consent' });
  await atCodePage(kapu, service, 'anna', agent);
  const stored: string[] = [];
  for (const client of kapu.inCluster?.masters() ?? [redis!.client])
    for (const key of await client.keys(kapu.inCluster?.pattern ?? '*')) {
      const isRecord = (await client.type(key)) === 'hash';
      const value = isRecord ? JSON.stringify(await client.hgetall(key)) : await client.get(key);
      stored.push(`${key} ${value}`);
    }
  expect(stored.length).toBeGreaterThan(10);
  const { prefix } = kapu.settings.state as { prefix: string };
  expect(stored.filter((entry) => !entry.startsWith(prefix))).toEqual([]);
  // A sign-in's id stands in its address, and opens nothing without the signed cookie: it is no secret here.
  const named = /"returnTo":"[^"]*\/auth\/([\w-]+)"|^[\w-]+:email-code[a-z-]*:([\w-]+)/;
  const ids = new Set(stored.flatMap((entry) => named.exec(entry)?.slice(1) ?? []));
  // Six digits turn up in times and ports by chance.
  const secrets = [...kapu.secrets].filter((secret) => !ids.has(secret) && !/^\d{6}$/.test(secret));
  expect(secrets).toContain(await agent.cookie('kapu-session'));
  expect(secrets.filter((secret) => stored.some((entry) => entry.includes(secret)))).toEqual([]);
});
