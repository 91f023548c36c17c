/** One request's patience with the stores: spent by all its steps together, by nothing else, and by no other request. */

import { expect, test } from '@jest/globals';
import { createPatience } from '../../src/patience.ts';
import { RecordsUnavailable } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { patientRecords, patientState } from '../../src/stores.ts';
import { stateContract } from '../state/contract/contract.ts';

stateContract('within a patience', async () => {
  let passed = 0;
  const open = () =>
    patientState(createMemoryState({ now: () => new Date(1e12 + passed * 1000) }), createPatience(1000));
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
  const state = patientState(store, patience);
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
  const state = patientState(store, patience);
  await patience.run(async () => {
    await expect(state.get('key')).rejects.toThrow('the stores took more than 10 ms of one request');
    await expect(state.get('key')).rejects.toThrow(StateUnavailable);
  });
  expect(asked.times).toBe(1);
});

test('each request has a patience of its own, what it does besides is not counted, and outside of any there is no limit', async () => {
  const { store } = slow(200);
  const patience = createPatience(500);
  const state = patientState(store, patience);
  const once = () => patience.run(() => state.get('key'));
  expect(await Promise.all([once(), once(), once()])).toHaveLength(3);
  await patience.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 550));
    await state.get('key');
  });
  for (let n = 0; n < 3; n++) await state.get('key');
});

test('what state has taken is gone for records, and what operators do has no limit', async () => {
  const patience = createPatience(50);
  const opened = await createSqliteRecords({ file: ':memory:' });
  const [state, records] = [patientState(slow(200).store, patience), patientRecords(opened, patience)];
  await records.migrate();
  await records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash');
  await patience.run(async () => {
    expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash');
    await expect(state.get('key')).rejects.toThrow(StateUnavailable);
    await expect(records.accounts.findByUsername('anna')).rejects.toThrow(RecordsUnavailable);
    expect(await records.ready()).toBe(true);
    expect(await records.schema()).toMatchObject({ state: 'current' });
  });
  await records.end();
});

test('each step that finds its store away is told of, the audit apart from other records', async () => {
  const failed: string[] = [];
  const away = async () => {
    throw new StateUnavailable('away');
  };
  const state = patientState({ ...slow(0).store, get: away }, createPatience(1000), (store) => failed.push(store));
  await expect(state.get('key')).rejects.toThrow(StateUnavailable);
  const sqlite = await createSqliteRecords({ file: ':memory:' });
  const broken = async () => {
    throw new RecordsUnavailable('away');
  };
  const records = patientRecords(
    { ...sqlite, accounts: { ...sqlite.accounts, find: broken }, audit: { ...sqlite.audit, append: broken } },
    createPatience(1000),
    (store) => failed.push(store),
  );
  await expect(records.accounts.find('id')).rejects.toThrow(RecordsUnavailable);
  await expect(records.audit.append({ at: new Date(), event: 'sign-in.cancelled' })).rejects.toThrow(
    RecordsUnavailable,
  );
  expect(failed).toEqual(['state', 'records', 'audit']);
  await sqlite.end();
});
