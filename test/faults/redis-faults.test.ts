/**
 * Redis paused, full, read-only, slow, without its scripts or unable to count: every single answer is plain and in time,
 * limits stay closed, and everything is back within 5 s. (redis-away.test.ts has a sign-in of every kind while it is gone.)
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { atCodePage, credentials, signIn } from '../flow/journey.ts';
import type { Page } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { type SlowProxy, startSlowProxy } from './slow-proxy.ts';
import { plainly as saidOn, unavailablePage, within } from './unavailable.ts';

/** Longer than any answer may take, in milliseconds: 1.5 s of waiting for the store, and what a busy machine adds. */
const longest = 2500;

let redis: RedisServer;
let proxy: SlowProxy;
let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startSlowProxy(redis.port);
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      Object.assign(settings.password, { timeCost: 1, memoryCost: 64 });
      const url = `redis://127.0.0.1:${proxy.port}`;
      settings.state = { kind: 'redis', url, prefix: 'kapu:', commandPatience: 1000 };
    },
  });
  service = await kapu.service({ scope: 'openid offline_access' });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
  proxy.stop();
  await redis.stop();
});

const timed = <T>(answer: Promise<T>) => within(longest, answer);
const plainly = (page: Page) => saidOn(page, /node_modules|StateUnavailable|[Rr]edis|READONLY|OOM/);

/** Every kind of answer while Redis is away: all say 503, in time. */
async function everythingSaysSo(prepared: Awaited<ReturnType<typeof prepare>>): Promise<void> {
  const { atPassword, atCode, signedIn, tokens } = prepared;
  const pages = await Promise.all([
    timed(kapu.agent().get((await service.ask()).url)),
    timed(signedIn.copy().get((await service.ask()).url)),
    timed(atPassword.agent.copy().get(atPassword.page.url)),
    timed(atPassword.agent.copy().submit(atPassword.page, credentials('anna'))),
    timed(atCode.agent.copy().submit(atCode.page, { code: await kapu.codeFor(atCode.page) })),
    timed(atCode.agent.copy().submit(atCode.page, { resend: '1' })),
    timed(signedIn.copy().get('/session/end')),
  ]);
  expect(pages.map(plainly)).toEqual(pages.map(() => unavailablePage));

  const bearer = { authorization: `Bearer ${tokens.access_token}` };
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! };
  const answers = await Promise.all([
    timed(post('/token', refresh)),
    timed(post('/token/introspection', { token: tokens.access_token })),
    timed(post('/token/revocation', { token: tokens.access_token })),
    timed(post('/request', Object.fromEntries((await service.ask()).url.searchParams))),
    timed(fetch(`${kapu.issuer}/userinfo`, { headers: bearer })),
  ]);
  for (const answer of answers) {
    expect([answer.url, answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([answer.url, 503, true]);
    expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable' });
  }
}

const post = (path: string, fields: Record<string, string>) =>
  fetch(kapu.issuer + path, { method: 'POST', body: new URLSearchParams({ client_id: 'demo-native', ...fields }) });

const ready = async () => (await timed(fetch(`${kapu.operations}/health/ready`))).status;

/** People and services in the middle of what they do. */
async function prepare() {
  const signedIn = kapu.agent();
  const { tokens } = await signIn(kapu, service, signedIn, { prompt: 'consent' });
  const atCode = await atCodePage(kapu, service);
  const agent = kapu.agent();
  return { signedIn, tokens, atCode, atPassword: { agent, ...(await service.visit(agent)) } };
}

async function backWithin5s(): Promise<void> {
  const since = performance.now();
  await eventually('ready again', async () => (await ready()) === 200);
  expect(performance.now() - since).toBeLessThan(5000);
}

const faults: [string, { begin(): unknown; end(): unknown }][] = [
  ['paused', { begin: () => redis.pause(), end: () => redis.resume() }],
  [
    'full',
    {
      begin: () => redis.client.config('SET', 'maxmemory', '1'),
      end: () => redis.client.config('SET', 'maxmemory', '0'),
    },
  ],
  [
    'a replica that may not be written to',
    { begin: () => redis.client.replicaof('127.0.0.1', 1), end: () => redis.client.replicaof('NO', 'ONE') },
  ],
];

test.each(faults)('%s: all are told in time; afterwards all go on where they were', async (name, { begin, end }) => {
  const prepared = await prepare();
  await begin();
  // What only reads still works on a server that only refuses to write.
  if (name === 'paused') await everythingSaysSo(prepared);
  else await writersAreTold(prepared);
  expect(await ready()).toBe(503);
  await end();
  await backWithin5s();

  const { atCode, atPassword, tokens } = prepared;
  const done = await atCode.agent.submit(atCode.page, { code: await kapu.codeFor(atCode.page) });
  expect((await atCode.asked.redeem(done.url)).claims.acr).toBe('plus');
  const back = await atPassword.agent.submit(atPassword.page, credentials('anna'));
  expect((await atPassword.asked.redeem(back.url)).claims.acr).toBe('basic');
  expect((await post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! })).status).toBe(
    200,
  );
});

async function writersAreTold({ atPassword, atCode, tokens }: Awaited<ReturnType<typeof prepare>>): Promise<void> {
  const pages = await Promise.all([
    timed(kapu.agent().get((await service.ask()).url)),
    timed(atPassword.agent.copy().submit(atPassword.page, credentials('anna'))),
    timed(atCode.agent.copy().submit(atCode.page, { code: await kapu.codeFor(atCode.page) })),
  ]);
  expect(pages.map(plainly)).toEqual(pages.map(() => unavailablePage));
  const refused = await timed(post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! }));
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }]);
}

test('slow, yet in time for each command: nobody waits longer for it', async () => {
  const { atCode, atPassword, signedIn } = await prepare();
  const code = await kapu.codeFor(atCode.page);
  proxy.delay = 700;
  const pages = await Promise.all([
    timed(atPassword.agent.copy().submit(atPassword.page, credentials('anna'))),
    timed(atCode.agent.copy().submit(atCode.page, { code })),
    timed(signedIn.copy().get((await service.ask()).url)),
  ]);
  proxy.delay = 0;
  expect(pages.map(plainly)).toEqual(pages.map(() => unavailablePage));
  await backWithin5s();
  expect((await signIn(kapu, service, kapu.agent())).claims.acr).toBe('basic');
});

test('without its scripts: nobody notices', async () => {
  const { atCode, tokens } = await prepare();
  await redis.client.script('FLUSH');
  const done = await atCode.agent.submit(atCode.page, { code: await kapu.codeFor(atCode.page) });
  await redis.client.script('FLUSH');
  expect((await atCode.asked.redeem(done.url)).claims.acr).toBe('plus');
  await redis.client.script('FLUSH');
  expect((await post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! })).status).toBe(
    200,
  );
});

test('counting alone fails: limits are closed, also for the right password and the right code', async () => {
  const { atCode, atPassword } = await prepare();
  const code = await kapu.codeFor(atCode.page);
  await redis.client.call('ACL', 'SETUSER', 'default', '-hincrby');
  const pages = [
    await timed(atPassword.agent.submit(atPassword.page, credentials('anna'))),
    await timed(atCode.agent.submit(atCode.page, { code })),
  ];
  await redis.client.call('ACL', 'SETUSER', 'default', '+hincrby');
  expect(pages.map(plainly)).toEqual(pages.map(() => unavailablePage));
  const done = await atCode.agent.submit(atCode.page, { code });
  expect((await atCode.asked.redeem(done.url)).claims.acr).toBe('plus');
});
