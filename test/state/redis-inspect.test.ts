/** What `kapu check` finds about a Redis. */

import { expect, jest, test } from '@jest/globals';
import type { RedisStateOptions } from '../../src/state/redis.ts';
import { inspectRedis } from '../../src/state/redis-inspect.ts';
import { StateUnavailable } from '../../src/state/state.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';

const atEnd = closing();

async function start(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  atEnd(server.stop);
  return server;
}

const sound = [
  '--maxmemory',
  '100mb',
  '--maxmemory-policy',
  'noeviction',
  '--appendonly',
  'yes',
  '--repl-diskless-sync-delay',
  '0',
];

/** 'outcome text' of each finding. */
async function found(options: Partial<RedisStateOptions>): Promise<string[]> {
  const findings = await inspectRedis({ prefix: 'kapu:', commandPatience: 5000, ...options });
  for (const { outcome, hint } of findings) expect(hint !== undefined).toBe(outcome !== 'ok');
  return findings.map(({ outcome, text }) => `${outcome} ${text}`);
}

const version = /^ok Redis \d+\.\d+\.\d+ answers, without TLS$/;

test('a sound one, and nothing is left behind', async () => {
  const { url, client } = await start(...sound);
  expect(await found({ url })).toEqual([expect.stringMatching(version)]);
  expect((await client.keys('*')).filter((key) => !key.startsWith('kapu:ready:'))).toEqual([]);
});

test('one that evicts, has no limit and no append-only file', async () => {
  const { url } = await start('--maxmemory', '0', '--maxmemory-policy', 'allkeys-lru');
  expect(await found({ url })).toEqual([
    expect.stringMatching(version),
    expect.stringMatching(/^fail throws away what has not expired .*\(allkeys-lru\)/),
    expect.stringMatching(/^warn has no limit of memory/),
    expect.stringMatching(/^warn keeps no append-only file/),
  ]);
});

test('replicas: fewer than are waited for, as many, more', async () => {
  const { url, port, client } = await start(...sound);
  const wait = { replicas: 1, patience: 3000 };
  let started = 0;
  const none = await found({ url, wait: { replicas: 1, patience: 100 } });
  expect(none).toContain('fail has 0 of the 1 replicas that state.wait asks for: nobody can sign in');
  for (const expected of [[expect.stringMatching(/^warn has just as many replicas/)], []]) {
    started += 1;
    await start(...sound, '--replicaof', '127.0.0.1', `${port}`);
    await eventually('the replica follows', async () => (await client.wait(started, 100)) === started);
    expect((await found({ url, wait })).slice(1)).toEqual(expected);
  }
});

test('a replica in the place of its master', async () => {
  const { url, client } = await start(...sound);
  await client.replicaof('127.0.0.1', await freePort());
  const findings = await found({ url });
  expect(findings).toContain('fail is a replica, which may not be written to');
  expect(findings).toContain("fail does not let Kapu put: You can't write against a read only replica.");
});

test('rights that are missing: by verb, by key, and INFO', async () => {
  const printed = jest.spyOn(console, 'warn').mockImplementation(() => {}); // ioredis remarks that it may not ask INFO
  const { port, client } = await start(...sound);
  const url = `redis://kapu:secret@127.0.0.1:${port}`;
  const allow = (...rights: string[]) => client.call('ACL', 'SETUSER', 'kapu', 'reset', 'on', '>secret', ...rights);
  await allow('~kapu:*', '+@all', '-getdel', '-hincrby');
  const findings = (await found({ url })).slice(1);
  expect(findings).toEqual([
    expect.stringMatching(/^fail does not let Kapu take: .*'getdel'/),
    expect.stringMatching(/^fail does not let Kapu spend: /),
    expect.stringMatching(/^fail does not let Kapu guess: /),
  ]);
  await allow('~other:*', '+@all');
  expect((await found({ url })).slice(1).join()).toMatch(/fail .*key/);
  await allow('~kapu:*', '+@all', '-info');
  expect(await found({ url })).toEqual(['warn does not tell its version, eviction and persistence']);
  printed.mockRestore();
});

test('a cluster: each finding once, of whichever master', async () => {
  const cluster = await startRedisCluster();
  atEnd(cluster.stop);
  const [, second] = await cluster.masters();
  await second!.client.config('SET', 'maxmemory-policy', 'volatile-ttl');
  const findings = await found({ cluster: { nodes: cluster.nodes } });
  expect(findings).toEqual([
    expect.stringMatching(/^ok Redis .* with 3 masters answers, without TLS$/),
    expect.stringMatching(/^warn has no limit/),
    expect.stringMatching(/^warn keeps no append-only file/),
    expect.stringMatching(/^fail throws away .*\(volatile-ttl\)/),
  ]);
});

test('nothing there: the operator is told', async () => {
  const gone = { url: `redis://127.0.0.1:${await freePort()}`, connectPatience: 300 };
  await expect(found(gone)).rejects.toThrow(StateUnavailable);
});
