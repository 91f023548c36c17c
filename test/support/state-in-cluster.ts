/**
 * The second run of test/flow: the same files, with the state of every server in one Redis Cluster that all of them share.
 * jest.config.js starts the cluster before it and says to each file that it is in this run.
 */

import { randomUUID } from 'node:crypto';
import { Cluster, type Redis } from 'ioredis';
import type { SettingsInput } from '../../config/settings.ts';
import { elapse } from '../state/redis-harness.ts';

/** Where jest's main process tells its workers the cluster's servers. */
export const nodesVariable = 'KAPU_TEST_CLUSTER';

export interface StateInCluster {
  /** For one server, with a prefix of its own. */
  settings: SettingsInput['state'];
  /** The masters' clients. */
  masters(): Redis[];
  /** The names of all that the server keeps. */
  pattern: string;
  /** Makes what the server keeps older. */
  elapse(milliseconds: number): Promise<void>;
  /** Removes what the server has kept. */
  stop(): Promise<void>;
}

/** Whether this file runs for the second time. */
export function isOverCluster(): boolean {
  return 'kapuStateInCluster' in globalThis;
}

/** State for one server of the second run. */
export async function stateInCluster(): Promise<StateInCluster> {
  const nodes = process.env[nodesVariable]!.split(',');
  const prefix = `flow-${randomUUID()}:`;
  const pattern = `${prefix}*`;
  const cluster = new Cluster(nodes.map((node) => `redis://${node}`));
  await new Promise((resolve, reject) => void cluster.once('ready', resolve).once('error', reject));
  const masters = () => cluster.nodes('master');
  const age = async (milliseconds: number) => {
    await Promise.all(masters().map((client) => elapse(client, milliseconds / 1000, pattern)));
  };
  return {
    settings: { kind: 'redis', cluster: { nodes }, prefix, commandPatience: 5000 },
    masters,
    pattern,
    elapse: age,
    async stop() {
      await age(Number.MAX_SAFE_INTEGER);
      cluster.disconnect();
    },
  };
}
