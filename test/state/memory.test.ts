import { expect, test } from '@jest/globals';
import { createMemoryState } from '../../src/state/memory.ts';
import { eventually } from '../support/eventually.ts';
import { stateContract } from './contract/contract.ts';

/** A clock that moves when it is told. */
function handClock() {
  let time = Date.parse('2026-11-22T10:00:00Z');
  return {
    now: () => new Date(time),
    elapse: async (seconds: number) => {
      time += seconds * 1000;
    },
  };
}

stateContract('memory', async () => {
  const { now, elapse } = handClock();
  const state = createMemoryState({ now });
  return { peers: [state], elapse, another: async () => createMemoryState({ now }), end: () => state.end() };
});

test('memory: what has expired is swept out, whether or not anyone asks for it', async () => {
  const { now, elapse } = handClock();
  const state = createMemoryState({ now, sweepEvery: 5 });
  await state.put('long', 'value', 1000);
  for (let n = 0; n < 500; n++) {
    await state.put(`document-${n}`, 'value', 10);
    await state.merge(`record-${n}`, { a: '1' }, {}, 10);
    await state.close(`closed-${n}`, 10);
    await state.spend(`counts-${n}`, { n: 1 }, 10);
    await state.begin(`begun-${n}`, 'a', {}, 10);
    await state.offer(`secrets-${n}`, 'secret', 10, 10);
  }
  expect(state.size()).toBe(3001);
  await elapse(10);
  await eventually('the sweep', () => state.size() === 1);
  expect(await state.get('long')).toEqual({ value: 'value' });
  await state.end();
});

test('memory: what has expired is dropped when it is met', async () => {
  const { now, elapse } = handClock();
  const state = createMemoryState({ now, sweepEvery: 1_000_000 });
  await state.put('key', 'value', 10);
  await elapse(10);
  expect(await state.get('key')).toBeUndefined();
  expect(state.size()).toBe(0);
  await state.end();
});

test('memory: asking a key for another kind of thing is a fault', async () => {
  const state = createMemoryState({ now: () => new Date() });
  await state.put('key', 'value', 10);
  await expect(state.fields('key')).rejects.toThrow('key holds a document, not a record or closed');
  await state.end();
});
