/** A real Redis with Sentinels on loopback: a master, replicas, and three Sentinels that watch them. */

import { eventually } from './eventually.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis.ts';

export interface RedisSentinels {
  /** The name that the Sentinels know the master by. */
  name: string;
  /** 'host:port' of the Sentinels. */
  nodes: string[];
  /** The server that is the master at the start. */
  master: RedisServer;
  replicas: RedisServer[];
  sentinels: RedisServer[];
  /** The port of the master, as the Sentinels say now. */
  masterPort(): Promise<number>;
  stop(): Promise<void>;
}

/** How long a master may be silent before the Sentinels choose another, in milliseconds. */
const downAfter = 1000;
const name = 'kapu-master';

/** A set in which the replicas are up to date and the Sentinels agree; with `tls` all of it speaks nothing else. */
export async function startRedisSentinels({
  replicas: count = 1,
  tls,
}: Pick<RedisServerOptions, 'tls'> & { replicas?: number } = {}): Promise<RedisSentinels> {
  const inTls = tls ? ['--tls-replication', 'yes'] : [];
  const args = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', ...inTls];
  const master = await startRedis({ tls, args });
  const following = [...args, '--replicaof', '127.0.0.1', `${master.port}`];
  const replicas = await Promise.all(Array.from({ length: count }, () => startRedis({ tls, args: following })));
  await eventually('the replicas are up to date', async () => {
    const infos = await Promise.all(replicas.map(({ client }) => client.info('replication')));
    return infos.every((info) => info.includes('master_link_status:up'));
  });
  const sentinel = [
    `sentinel monitor ${name} 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    `sentinel failover-timeout ${name} 5000`,
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => startRedis({ tls, sentinel, args: inTls })));
  await eventually(
    'the Sentinels agree',
    async () => {
      const views = await Promise.all(sentinels.map(({ client }) => client.info('sentinel')));
      return views.every((view) =>
        view.includes(`status=ok,address=127.0.0.1:${master.port},slaves=${count},sentinels=3`),
      );
    },
    20_000,
  );
  return {
    name,
    nodes: sentinels.map(({ port }) => `127.0.0.1:${port}`),
    master,
    replicas,
    sentinels,
    async masterPort() {
      const [, port] = (await sentinels[0]!.client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [
        string,
        string,
      ];
      return Number(port);
    },
    async stop() {
      await Promise.all([...sentinels, master, ...replicas].map((server) => server.stop()));
    },
  };
}
