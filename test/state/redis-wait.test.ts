/** Steps that wait for replicas: with one there, with none in time, and in a cluster. */

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createRedisState } from '../../src/state/redis.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { startSlowProxy } from '../faults/slow-proxy.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { commandPatience, faultOf, slack } from './redis-harness.ts';

const atEnd = closing();
const wait = { replicas: 1, patience: 400 };
/** Where a replica is there, however busy the machine is. */
const longWait = { replicas: 1, patience: 5000 };
const at = new Date('2026-11-22T10:00:00Z');

let master: RedisServer;
let replica: RedisServer;
let state: State;
let patient: State;

beforeAll(async () => {
  const args = ['--repl-diskless-sync-delay', '0'];
  master = await startRedis({ args });
  replica = await startRedis({ args: [...args, '--replicaof', '127.0.0.1', `${master.port}`] });
  await replicated();
  const options = { url: master.url, prefix: 'kapu:', commandPatience };
  state = await createRedisState({ ...options, wait });
  patient = await createRedisState({ ...options, wait: longWait });
});
afterEach(async () => {
  replica.resume();
  await replicated();
});
afterAll(async () => {
  await Promise.all([state.end(), patient.end()]);
  await replica.stop();
  await master.stop();
});

async function replicated(): Promise<void> {
  await eventually('the replica follows', async () => (await master.client.wait(1, 50)) === 1);
}

/** How often the master has run `command`. */
async function calls(command: string): Promise<number> {
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await master.client.info('commandstats'))?.[1] ?? 0);
}

test('what must not be undone is known to the replica when it counts as done; all else does not wait', async () => {
  // Scripts are sent whole at first, with their WAIT.
  await patient.consume('none', at);
  await patient.close('none', 100);
  await patient.guess('no-secrets', 'secret', 5);
  const before = await calls('wait');
  await patient.put('document', 'value', 100);
  await patient.merge('record', { a: '1' }, {}, 100);
  await patient.begin('record', 'b', {}, 100);
  await patient.spend('counts', { n: 1 }, 100);
  await patient.refund('counts', ['n']);
  await patient.offer('secrets', 'secret', 100, 100);
  expect(await calls('wait')).toBe(before);

  expect(await patient.consume('document', at)).toBe('consumed');
  expect(await replica.client.get('kapu:document')).not.toContain('---');
  await patient.close('record', 100);
  expect(await replica.client.hkeys('kapu:record')).toEqual(['']);
  expect(await patient.guess('secrets', 'secret', 5)).toEqual({ outcome: 'right', wrong: 0 });
  expect(await replica.client.exists('kapu:secrets')).toBe(0);
  expect(await patient.take('document')).toEqual({ value: 'value', consumedAt: at });
  expect(await replica.client.exists('kapu:document')).toBe(0);
  await patient.merge('session', {}, { revoked: '1' }, 100, 'hold');
  expect(await replica.client.hget('kapu:session', 'revoked')).toBe('1');
  expect(await calls('wait')).toBe(before + 5);
});

test('a replica that is silent: the step is made, and nothing is handed out', async () => {
  await state.put('used', 'value', 100);
  await state.put('taken', 'value', 100);
  await state.offer('guessed', 'secret', 100, 100);
  replica.pause();
  const steps = [() => state.consume('used', at), () => state.take('taken'), () => state.guess('guessed', 'secret', 5)];
  for (const step of steps) {
    const { fault, after } = await faultOf(step());
    expect(fault).toBeInstanceOf(StateUnavailable);
    expect(fault.message).toContain('made the step, but only 0 of 1 replicas knew of it within 400 ms');
    expect(after).toBeLessThan(wait.patience + slack);
  }
  expect(await state.consume('used', at)).toBe('already');
  expect(await state.take('taken')).toBeUndefined();
  expect(await state.guess('guessed', 'secret', 5)).toEqual({ outcome: 'none' });
});

test('a replica that is silent: what changed nothing is answered, and plain steps do not stand behind the waiting ones', async () => {
  await state.offer('secrets', 'secret', 100, 100);
  replica.pause();
  const waiting = Array.from({ length: 3 }, (_, n) => state.put(`w-${n}`, 'v', 100).then(() => state.take(`w-${n}`)));
  const faults = Promise.all(waiting.map(faultOf));
  await eventually('the first step waits', async () =>
    (await master.client.info('clients')).includes('blocked_clients:1'),
  );
  const started = performance.now();
  await state.put('plain', 'value', 100);
  expect(performance.now() - started).toBeLessThan(wait.patience);
  for (const { fault } of await faults) expect(fault).toBeInstanceOf(StateUnavailable);
  expect(await state.guess('secrets', 'wrong', 5)).toEqual({ outcome: 'wrong', left: 4 });
  expect(await state.consume('never-was', at)).toBe('missing');
});

test('closing is tried twice: a replica that is back by then is enough; one that stays away is not', async () => {
  await state.merge('back', { a: '1' }, {}, 100);
  replica.pause();
  const closing = state.close('back', 100);
  await eventually('the first waits', async () => (await master.client.info('clients')).includes('blocked_clients:1'));
  replica.resume();
  await closing;

  replica.pause();
  await state.merge('away', { a: '1' }, {}, 100);
  expect((await faultOf(state.close('away', 100))).fault).toBeInstanceOf(StateUnavailable);
  expect(await state.fields('away')).toBeUndefined();
});

test('a script that the server forgot is sent again, with its waiting', async () => {
  await patient.put('document', 'value', 100);
  await master.client.script('FLUSH');
  expect(await patient.consume('document', at)).toBe('consumed');
  expect(await replica.client.get('kapu:document')).not.toContain('---');
});

test('what is lost with a master: without waiting, what the replica did not know; with it, nothing that was answered', async () => {
  for (const waits of [false, true]) {
    const args = ['--repl-diskless-sync-delay', '0'];
    const [old, heir] = [await startRedis({ args }), await startRedis({ args })];
    const line = await startSlowProxy(old.port);
    for (const { stop } of [old, heir, line]) atEnd(stop);
    await heir.client.replicaof('127.0.0.1', line.port);
    await eventually('the replica follows', async () => (await old.client.wait(1, 50)) === 1);
    const options = { prefix: 'kapu:', commandPatience };
    const before = await createRedisState({
      ...options,
      url: old.url,
      ...(waits && { wait: { replicas: 1, patience: 2000 } }),
    });
    await before.put('known', 'value', 100);
    await before.put('unknown', 'value', 100);
    await old.client.wait(1, 1000);
    expect(await before.consume('known', at)).toBe('consumed');
    await old.client.wait(1, 1000);

    line.stop();
    const answered = await before.consume('unknown', at).catch((fault: Error) => fault.name);
    expect(answered).toBe(waits ? 'StateUnavailable' : 'consumed');
    await old.kill();
    await heir.client.replicaof('NO', 'ONE');

    const after = await createRedisState({ ...options, url: heir.url });
    expect(await after.consume('known', at)).toBe('already');
    expect(await after.consume('unknown', at)).toBe('consumed');
    await Promise.all([before.end(), after.end()]);
  }
}, 40_000);

test('in a cluster each step waits for the replica of its own master, also after its slot has moved', async () => {
  const cluster = await startRedisCluster();
  atEnd(cluster.stop);
  const clustered = await createRedisState({ cluster, prefix: 'kapu:', commandPatience, wait: longWait });
  const keys = Array.from({ length: 30 }, (_, n) => `key-${n}`);
  await Promise.all(keys.map((key) => clustered.put(key, 'value', 100)));
  const heard = await Promise.all(keys.map((key) => clustered.consume(key, at)));
  expect(new Set(heard)).toEqual(new Set(['consumed']));

  // A replica takes over from its master, by arrangement: the client has not heard of it.
  const [first] = await cluster.masters();
  const heir = cluster.servers[cluster.servers.indexOf(first!) + 3]!;
  await heir.client.cluster('FAILOVER');
  await eventually('the replica is the master, and the master its replica', async () => {
    return /role:master\r[\s\S]*connected_slaves:1\r\nslave0:.*state=online/.test(
      await heir.client.info('replication'),
    );
  });
  // A connection that is being made to the new master may still fail; it is there by itself soon.
  await eventually('the client follows', async () => {
    const found = await Promise.allSettled(keys.map((key) => clustered.get(key)));
    return found.every(({ status }) => status === 'fulfilled');
  });
  const taken = await Promise.all(keys.map((key) => clustered.take(key)));
  expect(taken.map((document) => document?.value)).toEqual(keys.map(() => 'value'));
  await clustered.end();
});
