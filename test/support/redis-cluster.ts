/** A real Redis Cluster on loopback: three masters, each with a replica or more. */

import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis.ts';

export interface RedisCluster {
  servers: RedisServer[];
  /** 'host:port' of all of them. */
  nodes: string[];
  /** The servers that are masters now, as they themselves say. */
  masters(): Promise<RedisServer[]>;
  stop(): Promise<void>;
}

/** What a master may be silent for before its replica takes its place, in milliseconds. */
const nodeTimeout = 1000;
const shards = 3;
const slots = 16_384;

/** A cluster in which every master has replicas that are up to date; with `tls` it speaks nothing else. */
export async function startRedisCluster({
  tls,
  replicas = 1,
}: Pick<RedisServerOptions, 'tls'> & { replicas?: number } = {}): Promise<RedisCluster> {
  const servers = await Promise.all(Array.from({ length: (1 + replicas) * shards }, () => startNode(tls)));
  await Promise.all(servers.map((server, n) => server.client.cluster('SET-CONFIG-EPOCH', n + 1)));
  const [first] = servers;
  for (const { client } of servers.slice(1))
    await client.call('CLUSTER', 'MEET', '127.0.0.1', first!.port, busPorts.get(first!.port)!);
  for (let shard = 0; shard < shards; shard++) {
    const from = Math.ceil((slots * shard) / shards);
    const to = Math.ceil((slots * (shard + 1)) / shards) - 1;
    await servers[shard]!.client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  await eventually('all know of all', async () => {
    const known = await Promise.all(servers.map(({ client }) => client.cluster('INFO')));
    return known.every((info) => info.includes(`cluster_known_nodes:${servers.length}\r`));
  });
  for (const [n, { client }] of servers.entries()) {
    if (n < shards) continue;
    const id = await servers[n % shards]!.client.cluster('MYID');
    await eventually('the replica knows its master', () => client.cluster('REPLICATE', id).then(Boolean, () => false));
  }
  await eventually('the cluster is complete', () => complete(servers, replicas), 20_000);
  return {
    servers,
    nodes: servers.map(({ port }) => `127.0.0.1:${port}`),
    async masters() {
      const roles = await Promise.all(servers.map(roleOf));
      return servers.filter((_, n) => roles[n] === 'master');
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** The port that a server's peers speak to, by its own. */
const busPorts = new Map<number, number>();

async function startNode(tls: RedisServerOptions['tls']): Promise<RedisServer> {
  const bus = await freePort();
  const own = ['--cluster-enabled', 'yes', '--cluster-port', `${bus}`, '--cluster-node-timeout', `${nodeTimeout}`];
  const replication = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  const inTls = tls ? ['--tls-cluster', 'yes', '--tls-replication', 'yes'] : [];
  const server = await startRedis({ tls, args: [...own, ...replication, ...inTls] });
  busPorts.set(server.port, bus);
  return server;
}

async function complete(servers: RedisServer[], replicas: number): Promise<boolean> {
  const infos = await Promise.all(
    servers.map(async ({ client }) => `${await client.cluster('INFO')}${await client.info('replication')}`),
  );
  const ready = (info: string) =>
    info.includes('role:master\r')
      ? info.includes(`connected_slaves:${replicas}\r`)
      : info.includes('link_status:up\r');
  return infos.every((info) => info.includes('cluster_state:ok') && ready(info));
}

/** 'master' or 'slave'; undefined while the server is away. */
async function roleOf({ client, alive }: RedisServer): Promise<string | undefined> {
  return alive ? /role:(\w+)/.exec(await client.info('replication'))?.[1] : undefined;
}
