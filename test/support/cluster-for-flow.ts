/** The cluster of the second run of test/flow, started and ended in jest's main process (jest.config.js). */

import { startRedisCluster } from './redis-cluster.ts';
import { nodesVariable } from './state-in-cluster.ts';

let stop: (() => Promise<void>) | undefined;

export default async function start(): Promise<void> {
  const cluster = await startRedisCluster();
  stop = cluster.stop;
  process.env[nodesVariable] = cluster.nodes.join(',');
}

export async function end(): Promise<void> {
  await stop?.();
}
