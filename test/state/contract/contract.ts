/**
 * What every implementation of `State` promises. Each has a test file that runs this suite over it.
 * It knows nothing of implementations; time passes by the harness's `elapse`.
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StateUnavailable } from '../../../src/state/state.ts';
import { callers } from './callers.ts';
import { counts } from './counts.ts';
import { documents } from './documents.ts';
import { races } from './races.ts';
import { records } from './records.ts';
import type { Harness, Suite } from './suite.ts';

export function stateContract(name: string, open: () => Promise<Harness>): void {
  let harness: Harness;
  let keys = 0;
  const suite: Suite = {
    name,
    get state() {
      return harness.peers[0]!;
    },
    elapse: (seconds) => harness.elapse(seconds),
    newKey: () => `key-${++keys}`,
    atOnce: (times, call) => {
      const { peers } = harness;
      return Promise.all(Array.from({ length: times }, (_, index) => call(peers[index % peers.length]!, index)));
    },
  };

  beforeAll(async () => {
    harness = await open();
  });
  afterAll(() => harness.end());

  documents(suite);
  records(suite);
  counts(suite);
  races(suite);
  callers(suite);

  test(`${name}: it is ready until it is ended, then answers nothing; ending again is no fault`, async () => {
    const one = await harness.another();
    expect(await one.ready()).toBe(true);
    await one.end();
    expect(await one.ready()).toBe(false);
    await expect(one.get('key')).rejects.toThrow(StateUnavailable);
    await expect(one.put('key', 'value', 100)).rejects.toThrow(StateUnavailable);
    await expect(one.guess('key', 'secret', 5)).rejects.toThrow(StateUnavailable);
    await one.end();
  });
}
