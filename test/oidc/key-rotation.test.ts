/**
 * A rotation of signing keys while people sign in: two servers as processes of their own behind a balancer, some fifty
 * token requests a second, and the commands that an operator runs. Relying parties verify every ID token, in the two ways
 * that there are to keep a JWKS: fetching it again for a kid that is not in it (with the times of jose's
 * createRemoteJWKSet shortened as much as the hour between adding and promoting is), and fetching it now and then.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { demoPassword } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { seed } from '../../demo/seed.ts';
import { openRecords } from '../../src/stores.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { Agent } from '../support/agent.ts';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { relyingParty } from '../support/relying-party.ts';

const client = { clientId: 'demo-web', secret: 'demo-web-secret-0123456789abcdef' };

let redis: RedisServer;
let balancer: Balancer;
let place: Place;
let issuer: string;
let servers: { process: ChildProcess; operations: string; out: Promise<string> }[];

beforeAll(async () => {
  redis = await startRedis();
  place = await makePlace(1);
  const ports = [await freePort(), await freePort()];
  balancer = await startBalancer(ports);
  issuer = `http://localhost:${balancer.port}`;
  await place.change((settings) => {
    settings.issuer = issuer;
    settings.keysRefresh = '1s';
    settings.state = { kind: 'redis', url: `redis://127.0.0.1:${redis.port}`, prefix: 'kapu:', commandPatience: 5000 };
    settings.secrets.keyEncryptionKeys = ['the-first-secret-that-encrypts-signing-keys'];
  });
  expect((await place.kapu(['keys', 'add'])).code).toBe(0);
  const settings = settingsSchema.parse(place.settings);
  const records = await openRecords(settings);
  await records.migrate();
  await seed(records, settings, settings.listen.port);
  await records.end();
  servers = await Promise.all(ports.map(start));
}, 60_000);

afterAll(async () => {
  for (const { process } of servers ?? []) {
    process.kill('SIGTERM');
    await once(process, 'close');
  }
  await balancer?.stop();
  await place?.remove();
  await redis?.stop();
});

async function start(port: number) {
  const operations = { host: '127.0.0.1', port: await freePort() };
  const name = `server-${port}.json`;
  await place.file(name, JSON.stringify({ ...place.settings, listen: { host: 'localhost', port }, operations }));
  const process = place.start(['-c', place.at(name), 'serve']);
  const out = text(process.stdout!);
  const server = { process, out, operations: `http://127.0.0.1:${operations.port}` };
  const isUp = () =>
    fetch(`${server.operations}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually('ready', isUp, 40_000);
  return server;
}

/** Whether both servers say so in their numbers. */
async function bothSay(line: string): Promise<boolean> {
  const said = await Promise.all(servers.map(async ({ operations }) => (await fetch(`${operations}/metrics`)).text()));
  return said.every((each) => each.split('\n').includes(line));
}

/** A refresh token of one who has signed in, good for as many uses as are wanted: the client authenticates itself. */
async function refreshToken(): Promise<string> {
  const service = await relyingParty(issuer, { ...client, scope: 'openid offline_access' });
  const agent = new Agent({ origin: issuer, language: 'en', secrets: new Set() });
  const { asked, page } = await service.visit(agent, { prompt: 'consent' });
  const next = await agent.submit(page, { username: 'anna', password: demoPassword });
  const back = next.url.pathname === '/callback' ? next : await agent.submit(next, { allow: '1' });
  return (await asked.redeem(back.url)).tokens.refresh_token!;
}

const jwksUri = () => new URL(`${issuer}/jwks`);
const fetchJwks = async () => (await (await fetch(jwksUri())).json()) as JSONWebKeySet;

/** Fifty requests a second, each ID token verified, until `stop`. */
async function load() {
  const token = await refreshToken();
  const authorization = `Basic ${btoa(`${client.clientId}:${client.secret}`)}`;
  const asNeeded = createRemoteJWKSet(jwksUri(), { cooldownDuration: 25, cacheMaxAge: 500 });
  let nowAndThen = createLocalJWKSet(await fetchJwks());
  const failures: string[] = [];
  /** Kids of tokens, in the order in which they came. */
  const kids: string[] = [];
  async function one(): Promise<void> {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
    const answer = await fetch(`${issuer}/token`, { method: 'POST', body, headers: { authorization } });
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
    const { id_token } = (await answer.json()) as { id_token: string };
    for (const jwks of [asNeeded, nowAndThen]) await jwtVerify(id_token, jwks, { issuer, audience: client.clientId });
    kids.push(decodeProtectedHeader(id_token).kid!);
  }
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const request = one()
      .catch((fault: Error) => void failures.push(fault.message))
      .finally(() => underWay.delete(request));
    underWay.add(request);
  }, 20);
  return {
    failures,
    kids,
    /** The second kind of relying party fetches the keys. */
    async fetchKeys() {
      nowAndThen = createLocalJWKSet(await fetchJwks());
    },
    /** Resolves when `count` more tokens have come. */
    async more(count: number) {
      const wanted = kids.length + count;
      await eventually(`${count} more tokens`, () => kids.length >= wanted || failures.length > 0, 50_000);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

const kidIn = (line: string) => /key (\S+) /.exec(line)?.[1] ?? '';

test('keys are added, promoted and retired under fifty requests a second, and every token verifies', async () => {
  const old = (await fetchJwks()).keys[0]!.kid!;
  const requests = await load();
  await requests.more(100);
  expect(new Set(requests.kids)).toEqual(new Set([old]));

  const added = kidIn((await place.kapu(['keys', 'add'])).out);
  await eventually('published', () => bothSay('kapu_signing_keys{alg="ES256",status="next"} 1'));
  await requests.fetchKeys();
  await requests.more(50);
  expect(requests.kids).not.toContain(added);

  // It has been published for as long as the relying parties of this test need, which fetch as often as others in an hour.
  expect((await place.kapu(['keys', 'promote', added, '--force'])).code).toBe(0);
  await eventually('signing', () => bothSay('kapu_signing_keys{alg="ES256",status="retiring"} 1'));
  const before = requests.kids.length;
  await requests.more(100);
  expect(new Set(requests.kids.slice(before + 50))).toEqual(new Set([added]));

  expect((await place.kapu(['keys', 'retire', old, '--force'])).code).toBe(0);
  const gone = async () => !(await bothSay('kapu_signing_keys{alg="ES256",status="retiring"} 1'));
  await eventually('gone from one', gone);
  await eventually('gone from both', async () => {
    const sets = [await fetchJwks(), await fetchJwks()];
    return sets.every(({ keys }) => keys.length === 1);
  });
  await requests.more(100);
  await requests.stop();

  expect(requests.failures).toEqual([]);
  expect(balancer.lost).toEqual([]);
  expect((await fetchJwks()).keys.map(({ kid }) => kid)).toEqual([added]);
}, 120_000);

test('a broken file leaves the keys in use, is counted, and is mended without a restart', async () => {
  const before = await fetchJwks();
  const file = place.at('keys.json');
  const whole = await readFile(file, 'utf8');
  const missing = '';
  for (const broken of ['{"keys": [', '{"keys": []}', missing]) {
    await (broken === missing ? rm(file) : writeFile(file, broken));
    const counted = async () => Number(/^kapu_keys_reload_failures_total (\d+)$/m.exec(await numbers())?.[1]);
    const numbers = async () => (await fetch(`${servers[0]!.operations}/metrics`)).text();
    const failures = await counted();
    await eventually('two more failures', async () => (await counted()) >= failures + 2);
    expect(await fetchJwks()).toEqual(before);
  }
  await writeFile(file, whole);
  const added = kidIn((await place.kapu(['keys', 'add', '--alg', 'EdDSA'])).out);
  await eventually('both publish the new key', () => bothSay('kapu_signing_keys{alg="EdDSA",status="signing"} 1'));
  expect((await fetchJwks()).keys.map(({ kid }) => kid)).toContain(added);

  await Promise.all(
    servers.map(async ({ process }) => {
      process.kill('SIGTERM');
      await once(process, 'close');
    }),
  );
  for (const { out } of servers.splice(0)) {
    const lines = (await out).split('\n').filter((line) => line.includes('cannot be used'));
    // Each fault once, however often it was looked at; a server may not have seen all three.
    const reasons = lines.map((line) => JSON.parse(line).reason);
    expect([...new Set(reasons)]).toEqual(reasons);
    expect(reasons.length).toBeGreaterThanOrEqual(1);
  }
}, 120_000);
