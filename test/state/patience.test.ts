import { expect, test } from '@jest/globals';
import { createMemoryState } from '../../src/state/memory.ts';
import { createPatience } from '../../src/state/patience.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { stateContract } from './contract/contract.ts';

stateContract('within a patience', async () => {
  let passed = 0;
  const open = () => createPatience(1000).over(createMemoryState({ now: () => new Date(1e12 + passed * 1000) }));
  const state = open();
  return {
    peers: [state],
    elapse: async (seconds) => {
      passed += seconds;
    },
    another: async () => open(),
    end: () => state.end(),
  };
});

/** A store that takes `delay` milliseconds for everything, and says how often it was asked. */
function slow(delay: number) {
  const asked = { times: 0 };
  const get = async () => {
    asked.times += 1;
    await new Promise((resolve) => setTimeout(resolve, delay));
    return { value: 'value' };
  };
  return { asked, store: { ...createMemoryState({ now: () => new Date() }), get } satisfies State };
}

test('a store that is slow, yet in time for each command: the request is ended when it has waited enough in all', async () => {
  const { asked, store } = slow(40);
  const patience = createPatience(100);
  const state = patience.over(store);
  const started = performance.now();
  const fault = await patience.run(async () => {
    for (;;) {
      const refusal = await state.get('key').then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (refusal) return refusal;
    }
  });
  expect(fault).toBeInstanceOf(StateUnavailable);
  expect(asked.times).toBeLessThanOrEqual(3);
  expect(performance.now() - started).toBeGreaterThan(90);
  expect(performance.now() - started).toBeLessThan(1500);
});

test('with nothing left the store is not asked', async () => {
  const { asked, store } = slow(20);
  const patience = createPatience(10);
  const state = patience.over(store);
  await patience.run(async () => {
    await expect(state.get('key')).rejects.toThrow('the state store took more than 10 ms of one request');
    await expect(state.get('key')).rejects.toThrow(StateUnavailable);
  });
  expect(asked.times).toBe(1);
});

test('each request has a patience of its own, what it does besides is not counted, and outside of any there is no limit', async () => {
  const { store } = slow(200);
  const patience = createPatience(500);
  const state = patience.over(store);
  const once = () => patience.run(() => state.get('key'));
  expect(await Promise.all([once(), once(), once()])).toHaveLength(3);
  await patience.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 550));
    await state.get('key');
  });
  for (let n = 0; n < 3; n++) await state.get('key');
});
