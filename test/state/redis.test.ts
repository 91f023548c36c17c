import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { State } from '../../src/state/state.ts';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { stateContract } from './contract/contract.ts';
import { elapse, openState } from './redis-harness.ts';

stateContract('redis', async () => {
  const server = await startRedis();
  const open = () => openState(server, 'contract:');
  const peers = await Promise.all([open(), open(), open()]);
  return {
    peers,
    elapse: (seconds) => elapse(server.client, seconds),
    another: open,
    async end() {
      await Promise.all(peers.map((peer) => peer.end()));
      await server.stop();
    },
  };
});

let server: RedisServer;
let state: State;

beforeAll(async () => {
  server = await startRedis();
  state = await openState(server, 'kapu:');
});
afterAll(async () => {
  await state.end();
  await server.stop();
});

/** How often the server has run `command`. */
async function calls(command: string): Promise<number> {
  const [, times] = (await server.client.info('commandstats')).match(`cmdstat_${command}:calls=(\\d+)`) ?? [];
  return Number(times ?? 0);
}

test('redis: by the clock of the server, too, all comes to its end', async () => {
  await state.put('document', 'value', 1);
  await state.merge('record', { a: '1' }, {}, 1);
  await state.close('closed', 1);
  await state.spend('counts', { n: 1 }, 1);
  await state.offer('brief', 'secret', 1, 1);
  await state.offer('secrets', 'brief', 1, 100);
  await state.offer('secrets', 'long', 100, 100);
  // Whatever was written before this expires before it.
  await state.put('last', 'value', 1);
  await eventually('the expiry', async () => (await state.get('last')) === undefined);
  expect(await state.get('document')).toBeUndefined();
  expect(await state.fields('record')).toBeUndefined();
  expect(await state.merge('closed', { a: '1' }, {}, 100)).toBe(true);
  expect(await state.spend('counts', { n: 1 }, 100)).toEqual({ outcome: 'counted' });
  expect(await state.guess('brief', 'secret', 5)).toEqual({ outcome: 'none' });
  expect(await state.guess('secrets', 'brief', 5)).toEqual({ outcome: 'wrong', left: 4 });
  expect(await state.guess('secrets', 'long', 5)).toEqual({ outcome: 'right', wrong: 1 });
});

test('redis: no key is kept without an expiry, or outside the prefix', async () => {
  await state.put('kept-document', 'value', 100);
  await state.consume('kept-document', new Date());
  await state.add('kept-added', 'value', 100);
  await state.merge('kept-record', { a: '1' }, { n: '1' }, 100);
  await state.merge('kept-greatest', {}, { n: '1' }, 100);
  await state.close('kept-closed', 100);
  await state.begin('kept-begun', 'a', {}, 100);
  await state.spend('kept-counts', { a: 2, b: 2 }, 100);
  await state.spend('kept-counts', { b: 2 }, 100);
  await state.refund('kept-counts', ['a']);
  await state.refund('kept-nothing', ['a']);
  await state.spend('kept-refunded', { a: 1 }, 100);
  await state.refund('kept-refunded', ['a']);
  await state.offer('kept-secrets', 'secret', 100, 100);
  await state.guess('kept-secrets', 'wrong', 5);
  await state.guess('kept-nothing', 'wrong', 5);
  await state.consume('kept-nothing', new Date());
  const keys = (await server.client.keys('*kept-*')).sort();
  expect(keys).toEqual(
    ['added', 'begun', 'closed', 'counts', 'document', 'greatest', 'record', 'secrets'].map(
      (name) => `kapu:kept-${name}`,
    ),
  );
  for (const key of keys) {
    const left = await server.client.pttl(key);
    expect(left).toBeGreaterThan(90_000);
    expect(left).toBeLessThanOrEqual(100_000);
  }
});

test('redis: secrets that have expired take no room beside those that have not', async () => {
  for (let n = 0; n < 10; n++) {
    await state.offer('room', `secret ${n}`, 10, 100);
    await elapse(server.client, 6);
  }
  expect((await server.client.hkeys('kapu:room')).length).toBeLessThanOrEqual(2);
});

test('redis: two prefixes are two stores', async () => {
  const other = await openState(server, 'other:');
  await state.put('key', 'value', 100);
  expect(await other.get('key')).toBeUndefined();
  await other.end();
});

test('redis: a script is sent once; when the server forgets it, it is sent again and nobody notices', async () => {
  await state.spend('warm', { n: 99 }, 100);
  const before = await calls('eval');
  for (let n = 0; n < 10; n++) await state.spend('warm', { n: 99 }, 100);
  expect(await calls('eval')).toBe(before);

  await server.client.script('FLUSH');
  const spends = await Promise.all(Array.from({ length: 20 }, () => state.spend('flushed', { n: 15 }, 100)));
  expect(spends.filter(({ outcome }) => outcome === 'counted')).toHaveLength(15);
  expect(await calls('eval')).toBeGreaterThan(before);

  await server.client.script('FLUSH');
  await state.put('flushed-document', 'value', 100);
  expect(await state.consume('flushed-document', new Date(5))).toBe('consumed');
  await state.offer('flushed-secrets', 'secret', 100, 100);
  expect(await state.guess('flushed-secrets', 'secret', 5)).toEqual({ outcome: 'right', wrong: 0 });
  expect(await state.merge('flushed-record', { a: '1' }, {}, 100)).toBe(true);
  expect(await state.begin('flushed-record', 'a', {}, 100)).toEqual({ a: '1' });
  await state.refund('flushed', ['n']);
  await state.close('flushed-record', 100);
  expect(await state.merge('flushed-record', { a: '1' }, {}, 100)).toBe(false);
});
