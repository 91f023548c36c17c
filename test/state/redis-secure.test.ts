/**
 * Redis over TLS, for a user who may do no more than docs/operating.md lists: alone, behind Sentinels, in a cluster. The
 * rights are read from that page, so that what it says is what is tried.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createRedisState, type RedisStateOptions } from '../../src/state/redis.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { selfSigned } from '../support/certificate.ts';
import { closing } from '../support/closing.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startRedisSentinels } from '../support/redis-sentinel.ts';
import { stateContract } from './contract/contract.ts';
import { commandPatience, elapse, faultOf } from './redis-harness.ts';

const page = await readFile(new URL('../../docs/operating.md', import.meta.url), 'utf8');
/** What the page says after a heading line in code: words that follow ACL SETUSER kapu. */
const [ofServers, ofSentinels] = [...page.matchAll(/^ACL SETUSER kapu ([^`]+)```/gm)].map(([, rights]) =>
  words(rights!),
);
const ofCluster = words(/^ {4}(\+cluster[^`]+)```/m.exec(page)![1]!);

function words(text: string): string[] {
  return text.trim().replace('PASSWORD', 'secret').split(/\s+/);
}

const atEnd = closing();
const tls = selfSigned('localhost');
const login = { user: 'kapu', password: 'secret', prefix: 'kapu:', commandPatience };

let folder: string;
let ca: string;
let printed: ReturnType<typeof jest.spyOn>[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kapu-ca-'));
  ca = join(folder, 'ca.pem');
  await writeFile(ca, tls.cert);
  printed = [jest.spyOn(console, 'error'), jest.spyOn(console, 'warn')];
});
afterAll(async () => {
  // ioredis prints what it may not do.
  for (const each of printed) expect(each).not.toHaveBeenCalled();
  await rm(folder, { recursive: true });
});

async function allow(servers: RedisServer[], rights: string[]): Promise<void> {
  for (const { client } of servers) await client.call('ACL', 'SETUSER', 'kapu', ...rights);
}

/** Whatever was refused to 'kapu' since the start. */
async function refused(servers: RedisServer[]): Promise<unknown[]> {
  return (await Promise.all(servers.map(({ client }) => client.call('ACL', 'LOG') as Promise<unknown[]>))).flat();
}

stateContract('redis over TLS with least rights', async () => {
  const server = await startRedis({ tls });
  await allow([server], ofServers!);
  const options: RedisStateOptions = { ...login, url: `rediss://localhost:${server.port}`, tls: { ca } };
  const peers = await Promise.all([createRedisState(options), createRedisState(options)]);
  return {
    peers,
    elapse: (seconds) => elapse(server.client, seconds),
    another: () => createRedisState(options),
    async end() {
      expect(await refused([server])).toEqual([]);
      await Promise.all(peers.map((peer) => peer.end()));
      await server.stop();
    },
  };
});

/** One of each verb. */
async function everyVerb(state: State): Promise<void> {
  expect(await state.ready()).toBe(true);
  for (const key of ['one', 'two', 'three', 'four', 'five', 'six']) {
    await state.put(`${key}-document`, 'value', 100);
    expect(await state.add(`${key}-document`, 'value', 100)).toBe(false);
    expect(await state.get(`${key}-document`)).toEqual({ value: 'value' });
    expect(await state.consume(`${key}-document`, new Date(0))).toBe('consumed');
    expect(await state.take(`${key}-document`)).toEqual({ value: 'value', consumedAt: new Date(0) });
    expect(await state.merge(`${key}-record`, { a: '1' }, { n: '2' }, 100)).toBe(true);
    expect(await state.fields(`${key}-record`)).toEqual({ a: '1', n: '2' });
    expect(await state.begin(`${key}-record`, 'b', {}, 100)).toBeUndefined();
    expect(await state.begin(`${key}-record`, 'b', {}, 100)).toEqual({ a: '1', n: '2', b: '' });
    await state.close(`${key}-record`, 100);
    expect(await state.spend(`${key}-counts`, { a: 2, b: 1 }, 100)).toEqual({ outcome: 'counted' });
    expect(await state.spend(`${key}-counts`, { a: 2, b: 1 }, 100)).toMatchObject({ outcome: 'over', name: 'b' });
    await state.refund(`${key}-counts`, ['a', 'b']);
    await state.offer(`${key}-secrets`, 'secret', 100, 100);
    expect(await state.guess(`${key}-secrets`, 'wrong', 5)).toEqual({ outcome: 'wrong', left: 4 });
    expect(await state.guess(`${key}-secrets`, 'secret', 5)).toEqual({ outcome: 'right', wrong: 1 });
    await state.remove(`${key}-counts`);
  }
}

const wait = { replicas: 1, patience: 2000 };

test('a cluster over TLS, with least rights', async () => {
  const cluster = await startRedisCluster({ tls });
  atEnd(cluster.stop);
  await allow(cluster.servers, [...ofServers!, ...ofCluster]);
  const state = await createRedisState({ ...login, cluster: { nodes: cluster.nodes }, tls: { ca }, wait });
  await everyVerb(state);
  expect(await refused(cluster.servers)).toEqual([]);
  await state.end();
});

test('Sentinels over TLS, with least rights', async () => {
  const { name, nodes, master, replicas, sentinels, stop } = await startRedisSentinels({ tls });
  atEnd(stop);
  await allow([master, ...replicas], ofServers!);
  await allow(sentinels, ofSentinels!);
  const sentinel = { name, nodes, user: 'kapu', password: 'secret' };
  const state = await createRedisState({ ...login, sentinel, tls: { ca }, wait });
  await everyVerb(state);
  expect(await refused([master, ...replicas, ...sentinels])).toEqual([]);
  await state.end();
});

test('TLS is never given up: an unknown authority, another name, a server without TLS, a file that is not there', async () => {
  const server = await startRedis({ tls });
  const other = selfSigned('redis.example.hu');
  const elsewhere = await startRedis({ tls: other });
  const otherCa = join(folder, 'other.pem');
  await writeFile(otherCa, other.cert);
  const plain = await startRedis();
  for (const { stop } of [server, elsewhere, plain]) atEnd(stop);
  const open = (options: Partial<RedisStateOptions>) =>
    createRedisState({ ...login, user: undefined, password: undefined, connectPatience: 500, ...options });
  const at = ({ port }: RedisServer) => `rediss://localhost:${port}`;
  const refusals: [Partial<RedisStateOptions>, RegExp][] = [
    [{ url: at(server) }, /self-signed certificate/],
    [{ url: at(elsewhere), tls: { ca } }, /self-signed certificate|does not match/],
    [{ url: at(elsewhere), tls: { ca: otherCa } }, /does not match/],
    [{ url: at(plain), tls: { ca } }, /not ready within 500 ms/],
    [
      { url: at(server), tls: { ca: 'nowhere.pem' } },
      /'nowhere.pem' of the setting state.tls.ca cannot be read: ENOENT/,
    ],
  ];
  for (const [options, reason] of refusals) {
    const { fault } = await faultOf(open(options));
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(fault.message).toMatch(reason);
  }
});

test('a handshake that is given up again and again ends no process: its late errors are heard', async () => {
  const other = selfSigned('redis.example.hu');
  const elsewhere = await startRedis({ tls: other });
  atEnd(elsewhere.stop);
  const otherCa = join(folder, 'again.pem');
  await writeFile(otherCa, other.cert);
  const place = { url: `rediss://localhost:${elsewhere.port}`, tls: { ca: otherCa } };
  // An error that nobody listens for, which came about once in thirty, fails the test.
  for (let count = 0; count < 40; count++) {
    const opening = createRedisState({
      ...login,
      user: undefined,
      password: undefined,
      connectPatience: 100,
      ...place,
    });
    expect((await faultOf(opening)).fault).toBeInstanceOf(StateUnavailable);
  }
});
