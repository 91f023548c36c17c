/** State in a Redis that Sentinels watch. */

import { afterAll, beforeAll } from '@jest/globals';
import { type RedisSentinels, startRedisSentinels } from '../support/redis-sentinel.ts';
import { stateContract } from './contract/contract.ts';
import { elapse, openState } from './redis-harness.ts';

let sentinel: RedisSentinels;

beforeAll(async () => {
  sentinel = await startRedisSentinels();
});
afterAll(() => sentinel.stop());

stateContract('redis sentinel', async () => {
  const open = () => openState({ sentinel }, 'contract:');
  const peers = await Promise.all([open(), open(), open()]);
  return {
    peers,
    elapse: (seconds) => elapse(sentinel.master.client, seconds),
    another: open,
    end: async () => {
      await Promise.all(peers.map((peer) => peer.end()));
    },
  };
});
