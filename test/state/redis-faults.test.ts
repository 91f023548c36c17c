/** Redis away, slow, refusing or forgetful: the store says so within its patience, and finds its own way back. */

import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { createRedisState } from '../../src/state/redis.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { faultOf, slack } from './redis-harness.ts';

const commandPatience = 300;

const verbs: [string, (state: State) => Promise<unknown>][] = [
  ['put', (state) => state.put('key', 'value', 100)],
  ['add', (state) => state.add('key', 'value', 100)],
  ['get', (state) => state.get('key')],
  ['consume', (state) => state.consume('key', new Date())],
  ['take', (state) => state.take('key')],
  ['remove', (state) => state.remove('key')],
  ['merge', (state) => state.merge('record', { a: '1' }, {}, 100)],
  ['begin', (state) => state.begin('begun', 'b', { a: '1' }, 100)],
  ['fields', (state) => state.fields('record')],
  ['close', (state) => state.close('record', 100)],
  ['spend', (state) => state.spend('counts', { n: 9 }, 100)],
  ['refund', (state) => state.refund('counts', ['n'])],
  ['offer', (state) => state.offer('secrets', 'secret', 100, 100)],
  ['guess', (state) => state.guess('secrets', 'secret', 5)],
];

let printed: ReturnType<typeof jest.spyOn>;
beforeAll(() => {
  printed = jest.spyOn(console, 'error');
});
afterAll(() => {
  // ioredis prints an 'error' event that nobody listens to.
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

let server: RedisServer;
let state: State;
beforeEach(async () => {
  server = await startRedis();
  state = await createRedisState({ url: server.url, prefix: 'kapu:', commandPatience });
});
afterEach(async () => {
  await state.end();
  await server.stop();
});

const recovered = (store: State) => eventually('the way back', () => store.ready());

test('redis: killed: every verb says so at once; started again: every verb answers again, by itself', async () => {
  await server.kill();
  expect(await state.ready()).toBe(false);
  for (const [name, call] of verbs) {
    const { fault, after } = await faultOf(call(state));
    expect([name, fault.name]).toEqual([name, 'StateUnavailable']);
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(fault.cause).toBeInstanceOf(Error);
    expect(after).toBeLessThan(commandPatience + slack);
  }
  await server.restart();
  await recovered(state);
  for (const [, call] of verbs) await call(state);
});

test('redis: killed again and again, it comes back each time', async () => {
  for (let round = 0; round < 3; round++) {
    await server.restart();
    await recovered(state);
    expect(await state.spend('counts', { n: 1 }, 100)).toEqual({ outcome: 'counted' });
  }
});

test('redis: silent: every verb gives up within the patience; speaking again: every verb answers', async () => {
  server.pause();
  const faults = await Promise.all([...verbs.map(([, call]) => call(state))].map(faultOf));
  for (const { fault, after } of faults) {
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(after).toBeLessThan(commandPatience + slack);
  }
  expect(await state.ready()).toBe(false);
  server.resume();
  await recovered(state);
  for (const [, call] of verbs) await call(state);
});

test('redis: silent for long: the connection is given up, verbs fail at once, and the way back is found', async () => {
  server.pause();
  await faultOf(state.get('key'));
  await eventually('giving the connection up', async () => {
    const { fault, after } = await faultOf(state.get('key'));
    expect(fault).toBeInstanceOf(StateUnavailable);
    return after < 50;
  });
  server.resume();
  await recovered(state);
  await state.put('key', 'value', 100);
  expect(await state.get('key')).toEqual({ value: 'value' });
});

test('redis: a step whose answer was lost is not made again behind the caller', async () => {
  const spend = () => state.spend('counts', { n: 1 }, 100);
  await spend();
  server.pause();
  const lost = faultOf(spend());
  await server.restart();
  expect((await lost).fault).toBeInstanceOf(StateUnavailable);
  await recovered(state);
  expect(await spend()).toEqual({ outcome: 'counted' });
});

test('redis: out of memory: the fault names the reason and holds nothing of what was to be stored', async () => {
  await server.client.config('SET', 'maxmemory', '1');
  for (const call of [state.put('key', 'the document', 100), state.merge('record', { a: 'the document' }, {}, 100)]) {
    const { fault } = await faultOf(call);
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(fault.message).toContain('OOM');
    expect(inspect(fault, { depth: 10, showHidden: true })).not.toContain('the document');
  }
  await server.client.config('SET', 'maxmemory', '0');
  await state.put('key', 'value', 100);
});

test.each([
  ['a command', (store: State) => store.put('key', 'value', 100)],
  ['a script', (store: State) => store.spend('counts', { n: 9 }, 100)],
])(
  'redis: refusing to write by %s, as an old primary does after a failover: a new connection is made',
  async (_, write) => {
    const newest = async () =>
      Math.max(...[...String(await server.client.client('LIST')).matchAll(/\bid=(\d+)/g)].map(([, id]) => Number(id)));
    await write(state);
    const before = await newest();
    await server.client.replicaof('127.0.0.1', await freePort());
    expect((await faultOf(write(state))).fault).toBeInstanceOf(StateUnavailable);
    await server.client.replicaof('NO', 'ONE');
    await recovered(state);
    await write(state);
    expect(await newest()).toBeGreaterThan(before);
  },
);

test('redis: another password for a while: it asks again until it is let in', async () => {
  await server.client.config('SET', 'requirepass', 'another');
  await server.client.client('KILL', 'SKIPME', 'YES');
  await eventually('being refused', async () => !(await state.ready()));
  expect((await faultOf(state.get('key'))).fault).toBeInstanceOf(StateUnavailable);
  await server.client.config('SET', 'requirepass', '');
  await recovered(state);
});

test('redis: ended while the server is away or silent: it ends in bounded time', async () => {
  const silent = await createRedisState({ url: server.url, prefix: 'kapu:', commandPatience });
  server.pause();
  const start = performance.now();
  await silent.end();
  expect(performance.now() - start).toBeLessThan(commandPatience + slack);
  expect((await faultOf(silent.get('key'))).fault).toBeInstanceOf(StateUnavailable);
  await server.kill();
  await state.end();
  await server.restart();
  expect((await faultOf(state.get('key'))).fault).toBeInstanceOf(StateUnavailable);
});
