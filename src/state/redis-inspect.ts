/**
 * What an operator should know of a Redis before people rely on it: version, eviction, persistence, replicas, rights. It
 * asks, and tries every verb on a key of its own that expires at once; it changes nothing.
 */

import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { createRedisState, type RedisStateOptions } from './redis.ts';
import { connectRedis, type RedisClient } from './redis-connection.ts';
import { StateUnavailable } from './state.ts';

export interface RedisFinding {
  outcome: 'ok' | 'warn' | 'fail';
  text: string;
  hint?: string;
}

/** What is found about the Redis that `options` name. Throws StateUnavailable, for the operator, when it cannot be reached. */
export async function inspectRedis(options: RedisStateOptions): Promise<RedisFinding[]> {
  const { commandPatience, connectPatience = 5000, wait } = options;
  const { client } = await connectRedis(options, commandPatience, connectPatience);
  try {
    const rights = await rightsFinding(options);
    const servers = await masters(client);
    if (!servers) {
      const hint = 'allow INFO, as docs/operating.md lists it';
      return [...rights, { outcome: 'warn', text: 'does not tell its version, eviction and persistence', hint }];
    }
    const doubts = servers.flatMap((facts) => serverFindings(facts, wait?.replicas ?? 0));
    const known = new Map([...doubts, ...rights].map((finding) => [finding.text, finding]));
    return [summary(options, servers), ...known.values()];
  } finally {
    client.disconnect();
  }
}

/** What INFO says, by name. */
type Facts = Record<string, string>;

/** INFO of each master; undefined when it may not be asked. */
async function masters(client: RedisClient): Promise<Facts[] | undefined> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const texts = await Promise.all(nodes.map((node) => node.info())).catch(() => undefined);
  return texts?.map((text) =>
    Object.fromEntries([...text.matchAll(/^(\w+):(.*)\r?$/gm)].map(([, name, value]) => [name, value!.trim()])),
  );
}

function summary({ tls, url, cluster }: RedisStateOptions, servers: Facts[]): RedisFinding {
  const versions = [...new Set(servers.map(({ redis_version: version }) => version))].join(' and ');
  const how = tls || url?.startsWith('rediss:') ? 'over TLS' : 'without TLS';
  const count = cluster ? ` with ${servers.length} masters` : '';
  return { outcome: 'ok', text: `Redis ${versions}${count} answers, ${how}` };
}

function serverFindings(facts: Facts, wanted: number): RedisFinding[] {
  const { redis_version: version = '', maxmemory_policy: policy, maxmemory, role } = facts;
  const replicas = Number(facts.connected_slaves ?? 0);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [
    finding(major < 6 || (major === 6 && minor < 2), 'fail', `version ${version} is too old`, 'use Redis 6.2 or later'),
    finding(
      role !== 'master',
      'fail',
      'is a replica, which may not be written to',
      'name the master, or its Sentinels',
    ),
    finding(
      policy !== 'noeviction',
      'fail',
      `throws away what has not expired when memory is short (${policy}): limits would be lifted, people signed out`,
      'set maxmemory-policy noeviction',
    ),
    finding(
      maxmemory === '0',
      'warn',
      'has no limit of memory: the system ends it when memory is short',
      'set maxmemory, with room for replication and snapshots beside it',
    ),
    finding(
      facts.aof_enabled === '0',
      'warn',
      'keeps no append-only file: after a restart everyone signs in again, or a snapshot brings back what had ended',
      'set appendonly yes; or, where that is accepted, save "" so that there is no snapshot either',
    ),
    finding(
      replicas < wanted,
      'fail',
      `has ${replicas} of the ${wanted} replicas that state.wait asks for: nobody can sign in`,
      'start the replicas, or lower state.wait.replicas',
    ),
    finding(
      wanted > 0 && replicas === wanted,
      'warn',
      'has just as many replicas as state.wait asks for: with one away nobody can sign in',
      'add a replica, or lower state.wait.replicas',
    ),
  ].flat();
}

function finding(holds: boolean, outcome: RedisFinding['outcome'], text: string, hint: string): RedisFinding[] {
  return holds ? [{ outcome, text, hint }] : [];
}

/** One of each verb, so that an access list which lacks something is found now and not by a person who signs in. */
async function rightsFinding(options: RedisStateOptions): Promise<RedisFinding[]> {
  const state = await createRedisState(options);
  const key = (kind: string) => `check:${kind}:${randomUUID()}`;
  const [document, taken, record, counts, secrets] = ['document', 'taken', 'record', 'counts', 'secrets'].map(key) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const verbs: [string, () => Promise<unknown>][] = [
    ['put', () => state.put(document, '', 10)],
    ['add', () => state.add(taken, '', 10)],
    ['get', () => state.get(document)],
    ['consume', () => state.consume(document, new Date())],
    ['take', () => state.take(taken)],
    ['merge', () => state.merge(record, { a: '' }, { n: '1' }, 10)],
    ['merge', () => state.merge(record, {}, { n: '2' }, 10)],
    ['begin', () => state.begin(record, 'b', {}, 10)],
    ['fields', () => state.fields(record)],
    ['close', () => state.close(record, 10)],
    ['spend', () => state.spend(counts, { a: 1 }, 10)],
    ['spend', () => state.spend(counts, { a: 1 }, 10)],
    ['refund', () => state.refund(counts, ['a'])],
    ['offer', () => state.offer(secrets, 'secret', 10, 10)],
    ['offer', () => state.offer(secrets, 'another', 10, 10)],
    ['guess', () => state.guess(secrets, 'wrong', 5)],
    ['guess', () => state.guess(secrets, 'secret', 5)],
    ...[document, taken, record, counts, secrets].map((each): [string, () => Promise<unknown>] => [
      'remove',
      () => state.remove(each),
    ]),
  ];
  const refusals = new Set<string>();
  try {
    for (const [name, verb] of verbs) {
      await verb().catch((fault: unknown) => refusals.add(`does not let Kapu ${name}: ${reasonOf(fault)}`));
    }
    if (refusals.size === 0 && !(await state.ready())) refusals.add('is not ready to be written to');
  } finally {
    await state.end();
  }
  const hint = 'give its user the rights that docs/operating.md lists, and look at its memory and disk';
  return [...refusals].map((text) => ({ outcome: 'fail', text, hint }));
}

/** The reason that Redis gave, without the script that met it. */
function reasonOf(fault: unknown): string {
  if (!(fault instanceof StateUnavailable)) throw fault;
  const { message } = (fault.cause ?? fault) as Error;
  return message.replace(/ script: .*$/s, '').replace(/^(ERR|NOPERM|OOM|READONLY) /, '');
}
