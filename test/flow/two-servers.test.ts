/**
 * Two servers on one PostgreSQL, and an operator beside them: what the command line changes is seen by both, of clients
 * within `times.clientCache`, of accounts at once.
 */

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { makePlace, type Place } from '../cli/run.ts';
import { textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { signIn, silently, stepOf } from './journey.ts';

/** Seconds. */
const staleness = 30;
const clock = testClock();
const pass = (seconds: number) => clock.pass(seconds * 1000);

let postgres: PostgresServer;
let servers: TestKapu[];
let operator: Place;

beforeAll(async () => {
  postgres = await startPostgres();
  const url = await postgres.createDatabase();
  const records = { kind: 'postgres' as const, url, connections: 3, queryPatience: 1000 };
  const change = (settings: Parameters<typeof roomy>[0]) => {
    roomy(settings);
    settings.records = records;
    settings.times = { ...settings.times, clientCache: `${staleness}s` };
  };
  servers = [await startKapu({ change, clock }), await startKapu({ change, clock })];
  operator = await makePlace(1);
  await operator.change((settings) => {
    settings.records = records;
  });
}, 60_000);
afterAll(async () => {
  for (const server of servers ?? []) await server.stop();
  await operator?.remove();
  await postgres?.stop();
});

const callback = 'https://tax.example.hu/callback';
async function put(redirectUri = callback): Promise<void> {
  const client = {
    client_id: 'tax',
    client_name: 'Tax',
    client_uri: 'https://tax.example.hu',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
  };
  await operator.file('tax.json', JSON.stringify(client));
  const { code, err } = await operator.kapu(['client', 'put', operator.at('tax.json')]);
  expect([code, err]).toEqual([0, '']);
}
beforeEach(async () => {
  await put();
  await pass(staleness + 1);
  expect(await both()).toEqual(['password', 'password']);
});

/** What each server's page says of a request of the client with the redirect URI. */
const both = (redirectUri = callback) =>
  Promise.all(
    servers.map(async (server) => {
      const service = await server.service({ clientId: 'tax', redirectUri });
      const { page } = await service.visit(server.agent());
      return page.status === 400 ? `400 ${/redirect_uri|client/.exec(textOf(page))}` : stepOf(page);
    }),
  );

test('a changed client is seen by every server within the staleness, and not asked for before', async () => {
  const elsewhere = 'https://other.example.hu/callback';
  await put(elsewhere);
  expect(await both()).toEqual(['password', 'password']);
  await pass(staleness + 1);
  expect(await both()).toEqual([expect.stringMatching(/^400/), expect.stringMatching(/^400/)]);
  expect(await both(elsewhere)).toEqual(['password', 'password']);
});

test('a removed client is refused by every server within the staleness', async () => {
  expect((await operator.kapu(['client', 'remove', 'tax'])).code).toBe(0);
  await pass(staleness + 1);
  expect(await both()).toEqual([expect.stringMatching(/^400/), expect.stringMatching(/^400/)]);
});

test('a client that was not there is known to every server within the staleness', async () => {
  expect((await operator.kapu(['client', 'remove', 'tax'])).code).toBe(0);
  await pass(staleness + 1);
  await both(); // both have looked, and remember that there is none
  await put();
  await pass(staleness + 1);
  expect(await both()).toEqual(['password', 'password']);
});

test('a disabled account is refused by every server at its next request', async () => {
  const people = await Promise.all(
    servers.map(async (server) => {
      const service = await server.service();
      const agent = server.agent();
      const { tokens } = await signIn(server, service, agent);
      return { server, service, agent, tokens };
    }),
  );
  expect((await operator.kapu(['account', 'disable', 'anna'])).code).toBe(0);
  for (const { server, service, agent, tokens } of people) {
    expect(await silently(service, agent)).toBe('login_required');
    const authorization = `Bearer ${tokens.access_token}`;
    expect((await fetch(`${server.issuer}/userinfo`, { headers: { authorization } })).status).toBe(401);
  }
  expect((await operator.kapu(['account', 'enable', 'anna'])).code).toBe(0);
  await signIn(servers[0]!, await servers[0]!.service(), servers[0]!.agent());
});
