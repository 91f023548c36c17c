/**
 * PostgreSQL killed, paused, without connections, read-only or slow: every single answer is plain and in time, and
 * everything is back within 5 s, by itself. (postgres-away.test.ts has what becomes of sign-ins that were under way.)
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { atCodePage, credentials, signIn } from '../flow/journey.ts';
import type { Page } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { endingsOf, startTraffic, tried } from './redis-traffic.ts';
import { type SlowProxy, startSlowProxy } from './slow-proxy.ts';
import { plainly as saidOn, unavailablePage, within } from './unavailable.ts';

/** Longer than any answer may take, in milliseconds: 1.5 s of waiting for the database, and what a busy machine adds. */
const longest = 2500;

let postgres: PostgresServer;
let proxy: SlowProxy;
let kapu: TestKapu;
let service: RelyingParty;
/** Of the database, past the proxy. */
let url: string;

beforeAll(async () => {
  postgres = await startPostgres({ settings: { max_connections: '20' } });
  url = await postgres.createDatabase();
  proxy = await startSlowProxy(Number(new URL(url).port));
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      Object.assign(settings.password, { timeCost: 1, memoryCost: 64 });
      const through = url.replace(/:\d+\//, `:${proxy.port}/`);
      settings.records = { kind: 'postgres', url: through, connections: 5, queryPatience: 1000 };
    },
  });
  service = await kapu.service({ scope: 'openid offline_access' });
}, 60_000);
afterAll(async () => {
  expect(await kapu?.leaks()).toEqual([]);
  await kapu?.stop();
  proxy?.stop();
  await postgres?.stop();
});

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function run(statement: string): Promise<void> {
  const client = await connected();
  await client.query(statement).finally(() => client.end());
}

const timed = <T>(answer: Promise<T>) => within(longest, answer);
const plainly = (page: Page) => saidOn(page, /node_modules|RecordsUnavailable|[Pp]ostgres|SELECT|insert into/);

const readiness = async () => (await fetch(`${kapu.operations}/health/ready`)).status;

/** People and tokens from a time when all was well. */
async function prepare() {
  const atPassword = kapu.agent();
  const { page } = await service.visit(atPassword);
  const { tokens } = await signIn(kapu, service, kapu.agent(), { prompt: 'consent' });
  const atCode = await atCodePage(kapu, service, 'john');
  const code = await kapu.codeFor(atCode.page);
  return { atPassword, page, tokens, atCode, code };
}

/** Every kind of answer that needs records to be read or written: all say 503, in time. */
async function everythingSaysSo({ atPassword, page, tokens, atCode, code }: Awaited<ReturnType<typeof prepare>>) {
  for (let tries = 0; tries < 3; tries++) {
    const answer = await timed(atPassword.submit(page, credentials('anna')));
    expect(plainly(answer)).toEqual(unavailablePage);
  }
  expect(plainly(await timed(atCode.agent.submit(atCode.page, { code })))).toEqual(unavailablePage);
  const asked = new URLSearchParams({
    client_id: 'demo-native',
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token!,
  });
  const response = await timed(fetch(`${kapu.issuer}/token`, { method: 'POST', body: asked }));
  expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([503, true]);
  expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
  const userinfo = await timed(
    fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } }),
  );
  expect(userinfo.status).toBe(503);
  expect(await timed(readiness())).toBe(503);
  expect((await timed(fetch(`${kapu.operations}/health/live`))).status).toBe(200);
  // What needs no records goes on.
  for (const path of ['/.well-known/openid-configuration', '/jwks']) {
    expect((await timed(fetch(`${kapu.issuer}${path}`))).status).toBe(200);
  }
}

/** Within 5 s everybody is signed in again, and nothing that was refused was used up. */
async function everythingIsBack({ atPassword, page, atCode }: Awaited<ReturnType<typeof prepare>>): Promise<void> {
  await eventually('ready', async () => (await readiness()) === 200, 5000);
  const person = await atPassword.submit(page, credentials('anna'));
  expect(person.url.searchParams.get('code')).toBeTruthy();
  const again = await atCode.agent.get(atCode.page.url);
  expect(again.status).toBe(200);
  await signIn(kapu, service, kapu.agent());
  await eventually('six people sign in', async () => (await tried(kapu, service)).well === 6, 5000);
}

/** Takes every connection that there is, those of Kapu included. */
async function takeAll(): Promise<() => Promise<void>> {
  const taken = [await connected()];
  const held = () =>
    taken[0]!.query(
      "select count(pg_terminate_backend(pid)) as ended from pg_stat_activity where application_name like 'kapu%'",
    );
  await eventually('every connection is taken', async () => {
    try {
      for (;;) taken.push(await connected());
    } catch {
      return Number((await held()).rows[0].ended) === 0;
    }
  });
  return async () => void (await Promise.all(taken.map((client) => client.end())));
}

const faults: [string, () => Promise<() => unknown>][] = [
  [
    'killed',
    async () => {
      await postgres.kill();
      return () => postgres.restart();
    },
  ],
  [
    'paused',
    async () => {
      postgres.pause();
      return () => postgres.resume();
    },
  ],
  ['out of connections', takeAll],
  [
    'slower than any patience',
    async () => {
      proxy.delay = 3000;
      return () => {
        proxy.delay = 0;
      };
    },
  ],
];

test.each(faults)(
  '%s: 503 in plain words, in time; back by itself',
  async (_what, begin) => {
    const prepared = await prepare();
    const end = await begin();
    try {
      await everythingSaysSo(prepared);
    } finally {
      await end();
    }
    await everythingIsBack(prepared);
  },
  60_000,
);

test('read-only, as a standby is: nobody signs in without an entry in the audit, what only reads goes on', async () => {
  const prepared = await prepare();
  await run('alter system set default_transaction_read_only = on');
  await run('select pg_reload_conf()');
  await eventually('noticed', async () => (await readiness()) === 503);
  for (let tries = 0; tries < 3; tries++) {
    const answer = await timed(prepared.atPassword.submit(prepared.page, credentials('anna')));
    expect(plainly(answer)).toEqual(unavailablePage);
  }
  const userinfo = await fetch(`${kapu.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${prepared.tokens.access_token}` },
  });
  expect(userinfo.status).toBe(200);
  const client = await connected();
  await client.query('set default_transaction_read_only = off');
  await client.query('alter system reset default_transaction_read_only');
  await client.query('select pg_reload_conf()');
  await client.end();
  await everythingIsBack(prepared);
}, 60_000);

test('slow, and yet every query in time: one request waits no longer than for a database that is away', async () => {
  const waiting = kapu.agent();
  const { page } = await service.visit(waiting);
  proxy.delay = 600; // a connection takes two answers, a query one, a sign-in several
  try {
    const answers = await Promise.all([
      timed(waiting.submit(page, credentials('anna'))),
      timed(kapu.agent().get((await service.ask()).url)),
    ]);
    for (const answer of answers) {
      if (answer.status >= 400) expect(plainly(answer)).toEqual(unavailablePage);
    }
  } finally {
    proxy.delay = 0;
  }
  await eventually('ready', async () => (await readiness()) === 200, 5000);
}, 60_000);

test('restarted again and again under many who sign in: each ends well, or is told to try again', async () => {
  const traffic = startTraffic(kapu, service, 60, 60);
  for (let restarts = 0; restarts < 3; restarts++) {
    const ended = traffic.endings.length;
    await eventually('some have ended', () => traffic.endings.length > ended + 5);
    await postgres.restart();
  }
  await traffic.finished;
  const { well, told, again } = endingsOf(traffic.endings);
  expect([well + told + again, well > 0]).toEqual([60, true]);
  expect(traffic.slowest).toBeLessThan(longest);
  expect(await tried(kapu, service)).toEqual({ well: 6, told: 0, again: 0 });
}, 90_000);

test('a code redeemed meanwhile: the service is told to try again, and the person need do nothing', async () => {
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent);
  const back = await agent.submit(page, credentials('anna'));
  await postgres.down();
  const refused = await asked.redeem(back.url).then(
    () => undefined,
    (fault: { cause: Response }) => fault.cause,
  );
  expect([refused?.status, Number(refused?.headers.get('retry-after')) > 0]).toEqual([503, true]);
  await postgres.restart();
  await eventually('ready', async () => (await readiness()) === 200, 5000);
  expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
}, 60_000);

test('a sign-in that comes back meanwhile is not used up: the same address goes on afterwards', async () => {
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent);
  const finished = await fetch(page.url, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: await agent.jar.getCookieString(page.url.href), origin: kapu.issuer },
    body: new URLSearchParams(credentials('anna')),
  });
  const back = new URL(finished.headers.get('location')!, kapu.issuer);
  await postgres.down();
  expect(plainly(await timed(agent.get(back)))).toEqual(unavailablePage);
  await postgres.restart();
  await eventually('ready', async () => (await readiness()) === 200, 5000);
  expect((await asked.redeem((await agent.get(back)).url)).claims.acr).toBe('basic');
}, 60_000);
