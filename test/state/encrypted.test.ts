/** Encrypted state: the contract, what the store gets to see, and what happens to values that somebody touched. */

import { expect, test } from '@jest/globals';
import { encryptState, storedName } from '../../src/state/encrypted.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { stateContract } from './contract/contract.ts';

const key = 'K'.repeat(44);
const other = 'O'.repeat(44);
const now = () => new Date('2026-11-22T10:00:00Z');

stateContract('encrypted', async () => {
  let passed = 0;
  const clock = () => new Date(now().getTime() + passed * 1000);
  const open = () => encryptState(createMemoryState({ now: clock }), [key]);
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

/** A store, and the encrypted one over it. */
function pair(keys = [key]) {
  const store = createMemoryState({ now });
  const unreadable: string[] = [];
  return { store, state: encryptState(store, keys, (name) => unreadable.push(name)), unreadable };
}

test('the store sees neither names nor values, but the kind of a key, the names of fields, and numbers', async () => {
  const { store, state } = pair();
  await state.put('Session:the-cookie', 'the value', 100);
  await state.merge('email-code-mail:the-uid', { delivery: 'the value' }, { at: '1795341600123' }, 100);
  expect(await store.get('Session:the-cookie')).toBeUndefined();
  const name = storedName('Session:the-cookie');
  expect(name).toMatch(/^Session:[\w-]{32}$/);
  expect((await store.get(name))!.value).toMatch(/^[\w-]{50,60}$/);
  const fields = await store.fields(storedName('email-code-mail:the-uid'));
  expect(fields).toEqual({ delivery: expect.stringMatching(/^[\w-]{50,60}$/), at: '1795341600123' });
});

test('the kind of a key is never what it hides', () => {
  for (const odd of ['', 'a b:c', 'a@b.hu:x', '1:2', 'űő:x', '__proto__:', ' a:b', 'no-colon'])
    expect(storedName(odd)).toMatch(/^[\w-]{32}$/);
});

test('the same value twice is two different ones to the store', async () => {
  const { store, state } = pair();
  await state.put('key', 'value', 100);
  const before = await store.get(storedName('key'));
  await state.put('key', 'value', 100);
  expect(await store.get(storedName('key'))).not.toEqual(before);
});

test('a value that was changed, cut, moved to another key, or made up is not there, and is reported', async () => {
  const { store, state, unreadable } = pair();
  await state.put('mine', 'value', 100);
  await state.put('yours', 'value', 100);
  const { value } = (await store.get(storedName('mine')))!;
  const middle = value.length / 2;
  const changed = value.slice(0, middle) + (value[middle] === 'A' ? 'B' : 'A') + value.slice(middle + 1);
  const { value: moved } = (await store.get(storedName('yours')))!;
  const forged = [changed, value.slice(0, -4), value.slice(0, 10), value.slice(0, 4), '', 'the value', '123', moved];
  for (const each of forged) {
    await store.put(storedName('mine'), each, 100);
    expect(await state.get('mine')).toBeUndefined();
    expect(await state.take('mine')).toBeUndefined();
  }
  // Both read it, and the second removes it: what does not open is gone as well.
  expect(unreadable).toHaveLength(2 * forged.length);
  expect(new Set(unreadable)).toEqual(new Set([storedName('mine')]));
  await store.put(storedName('mine'), value, 100);
  expect(await state.get('mine')).toEqual({ value: 'value' });
});

test('a record of which one field was moved or changed is not there', async () => {
  const { store, state } = pair();
  await state.merge('record', { uid: 'one', name: 'two' }, { n: '3' }, 100);
  const name = storedName('record');
  const sealed = (await store.fields(name))!;
  await store.merge(name, { uid: sealed.name! }, {}, 100);
  expect(await state.fields('record')).toBeUndefined();
  await store.merge(name, { uid: 'one' }, {}, 100);
  expect(await state.fields('record')).toBeUndefined();
  await store.merge(name, { uid: sealed.uid! }, {}, 100);
  expect(await state.fields('record')).toEqual({ uid: 'one', name: 'two', n: '3' });
});

test('a field that cannot be opened has begun all the same; what is in the record is not told', async () => {
  const { store, state, unreadable } = pair();
  const before = encryptState(store, [other]);
  expect(await before.begin('record', 'begun', { by: 'one' }, 100)).toBeUndefined();
  expect(await state.begin('record', 'begun', {}, 100)).toEqual({});
  expect(unreadable.length).toBeGreaterThan(0);
  expect(await before.begin('record', 'begun', {}, 100)).toEqual({ begun: '', by: 'one' });
  expect(await state.begin('record', 'another', { by: 'two' }, 100)).toBeUndefined();
});

test('keys rotate: the first seals, all open; without its key a value is not there', async () => {
  const store = createMemoryState({ now });
  const [before, between, after] = [[key], [other, key], [other]].map((keys) => encryptState(store, keys));
  await before!.put('old', 'value', 100);
  await between!.put('new', 'value', 100);
  expect(await between!.get('old')).toEqual({ value: 'value' });
  expect(await after!.get('new')).toEqual({ value: 'value' });
  expect(await after!.get('old')).toBeUndefined();
  expect(await before!.get('new')).toBeUndefined();
});

test('no key is a fault of the caller', () => {
  expect(() => pair([])).toThrow(RangeError);
});
