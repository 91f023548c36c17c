/** Redis at the start: whatever stands in the way, the operator is told where, why and what to do, in bounded time. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { createRedisState } from '../../src/state/redis.ts';
import { StateUnavailable } from '../../src/state/state.ts';
import { freePort } from '../support/ports.ts';
import { startRedis } from '../support/redis.ts';
import { faultOf, slack } from './redis-harness.ts';

const commandPatience = 300;

const open = (url: string, connectPatience = 500) =>
  createRedisState({ url, prefix: 'kapu:', commandPatience, connectPatience });

test('redis: nothing there: it says where, why and what to do, without the password', async () => {
  const port = await freePort();
  const { fault, after } = await faultOf(open(`redis://kapu:pass-word@127.0.0.1:${port}`));
  expect(fault).toBeInstanceOf(StateUnavailable);
  expect(fault.message).toBe(
    `Redis at 127.0.0.1:${port} was not ready within 500 ms: connect ECONNREFUSED 127.0.0.1:${port}. ` +
      'Start it, or correct the setting state.url.',
  );
  expect(inspect(fault, { depth: 10, showHidden: true })).not.toContain('pass-word');
  expect(after).toBeLessThan(500 + slack);
});

test('redis: nothing there, with Sentinels or in a cluster: the same', async () => {
  const node = `127.0.0.1:${await freePort()}`;
  const login = { user: 'kapu', password: 'pass-word', prefix: 'kapu:', commandPatience, connectPatience: 500 };
  const sentinel = await faultOf(createRedisState({ ...login, sentinel: { name: 'kapu', nodes: [node] } }));
  const cluster = await faultOf(createRedisState({ ...login, cluster: { nodes: [node] } }));
  expect(sentinel.fault.message).toMatch(
    /^Redis 'kapu' of the Sentinels at 127.0.0.1:\d+ was not ready within 500 ms: All sentinels are unreachable.*[^.]\. Start it, or correct the setting state.sentinel\.$/,
  );
  expect(cluster.fault.message).toBe(
    `Redis Cluster at ${node} was not ready within 500 ms: Connection is closed. ` +
      'Start it, or correct the setting state.cluster.',
  );
  for (const { fault, after } of [sentinel, cluster]) {
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(inspect(fault, { depth: 10, showHidden: true })).not.toContain('pass-word');
    expect(after).toBeLessThan(500 + slack);
  }
});

test('redis: something there that never speaks: it gives up in time', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { fault, after } = await faultOf(open(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`));
  expect(fault).toBeInstanceOf(StateUnavailable);
  expect(after).toBeLessThan(500 + slack);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('redis: something there that speaks otherwise: it gives up in time', async () => {
  const other = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { fault, after } = await faultOf(open(`redis://127.0.0.1:${(other.address() as AddressInfo).port}`));
  expect(fault).toBeInstanceOf(StateUnavailable);
  expect(after).toBeLessThan(500 + slack);
  other.close();
});

test('redis: a server that comes up a little later is waited for', async () => {
  const server = await startRedis();
  await server.kill();
  const opening = open(server.url, 10_000);
  await server.restart();
  const state = await opening;
  expect(await state.ready()).toBe(true);
  await state.end();
  await server.stop();
});

test('redis: password: the right one is used; without it, with a wrong one, or with no such database it is told at once', async () => {
  const server = await startRedis({ password: 'p@ss/w%rd' });
  const state = await open(server.url);
  expect(await state.spend('counts', { n: 1 }, 100)).toEqual({ outcome: 'counted' });
  await state.end();
  const refusals = [
    [`redis://127.0.0.1:${server.port}`, 'NOAUTH'],
    [`redis://:wrong@127.0.0.1:${server.port}`, 'WRONGPASS'],
    [`redis://kapu:wrong@127.0.0.1:${server.port}`, 'WRONGPASS'],
    [`${server.url}/99`, 'DB index is out of range'],
  ] as const;
  for (const [url, reason] of refusals) {
    const { fault, after } = await faultOf(open(url, 10_000));
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(fault.message).toContain(`Redis at 127.0.0.1:${server.port} refused the connection`);
    expect(fault.message).toContain(reason);
    expect(inspect(fault, { depth: 10, showHidden: true })).not.toMatch(/wrong@|p@ss/);
    expect(after).toBeLessThan(slack);
  }
  await server.stop();
});

test.each([
  '',
  'redis',
  'redis://',
  'redis://:secret@host:port',
  'redis://:sec%ret@127.0.0.1',
  'redis://127.0.0.1/name',
])("'%s' is no address, and is not repeated", async (url) => {
  const { fault } = await faultOf(open(url));
  expect(fault).toBeInstanceOf(StateUnavailable);
  expect(fault.message).toContain('write redis://user:password@host:port/number');
  expect(inspect(fault, { depth: 10, showHidden: true })).not.toContain(':sec');
});
