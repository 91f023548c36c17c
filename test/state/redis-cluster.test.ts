/** State in a real cluster: the contract, and the keys' way to their masters. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as scripts from '../../src/state/scripts.ts';
import type { State } from '../../src/state/state.ts';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts';
import { stateContract } from './contract/contract.ts';
import { elapse, openState } from './redis-harness.ts';

let cluster: RedisCluster;
let state: State;

beforeAll(async () => {
  cluster = await startRedisCluster();
  state = await openState({ cluster }, 'kapu:');
});
afterAll(async () => {
  await state.end();
  await cluster.stop();
});

stateContract('redis cluster', async () => {
  const open = () => openState({ cluster }, 'contract:');
  const peers = await Promise.all([open(), open(), open()]);
  return {
    peers,
    elapse: async (seconds) => {
      await Promise.all((await cluster.masters()).map(({ client }) => elapse(client, seconds)));
    },
    another: open,
    end: async () => {
      await Promise.all(peers.map((peer) => peer.end()));
    },
  };
});

test('redis cluster: keys are spread over all masters, and one node is enough to find the others', async () => {
  const one = await openState({ cluster: { nodes: cluster.nodes.slice(0, 1) } }, 'spread:');
  await Promise.all(Array.from({ length: 60 }, (_, n) => one.put(`key-${n}`, 'value', 100)));
  const sizes = await Promise.all((await cluster.masters()).map(({ client }) => client.keys('spread:key-*')));
  for (const keys of sizes) expect(keys.length).toBeGreaterThan(5);
  expect(sizes.flat()).toHaveLength(60);
  await one.end();
});

test('redis cluster: readiness asks every master', async () => {
  const [first] = cluster.servers;
  const slots = await Promise.all(scripts.spread.map((tag) => first!.client.cluster('KEYSLOT', `kapu:ready:{${tag}}`)));
  expect(slots.map((slot) => Math.floor(slot / 1024))).toEqual(slots.map((_, n) => n));
  expect(await state.ready()).toBe(true);
  for (const { client } of await cluster.masters()) {
    await client.config('SET', 'maxmemory', '1');
    expect(await state.ready()).toBe(false);
    await client.config('SET', 'maxmemory', '0');
  }
  expect(await state.ready()).toBe(true);
});

test('redis cluster: a slot that has moved is followed, by its step, which is made once', async () => {
  const [from, to] = await cluster.masters();
  const key = await keyAt(from!.client);
  const spend = () => state.spend(key, { n: 4 }, 100);
  expect(await spend()).toEqual({ outcome: 'counted' });
  const slot = await from!.client.cluster('KEYSLOT', `kapu:${key}`);
  const [fromId, toId] = [await from!.client.cluster('MYID'), await to!.client.cluster('MYID')];
  await to!.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from!.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  await from!.client.migrate('127.0.0.1', to!.port, `kapu:${key}`, 0, 1000);
  // In between, the old master answers ASK; afterwards, MOVED.
  expect(await spend()).toEqual({ outcome: 'counted' });
  for (const { client } of await cluster.masters()) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  expect(await spend()).toEqual({ outcome: 'counted' });
  expect(await spend()).toEqual({ outcome: 'counted' });
  expect(await spend()).toMatchObject({ outcome: 'over' });
});

/** A key that the master behind `client` holds. */
async function keyAt(client: { keys(pattern: string): Promise<string[]> }): Promise<string> {
  await Promise.all(Array.from({ length: 30 }, (_, n) => state.spend(`at-${n}`, { n: 1 }, 100)));
  await Promise.all(
    Array.from({ length: 30 }, (_, n) => state.remove(`at-${n}`).then(() => state.spend(`at-${n}`, { n: 1 }, 100))),
  );
  const [found] = await client.keys('kapu:at-*');
  await state.remove(found!.slice('kapu:'.length));
  return found!.slice('kapu:'.length);
}
