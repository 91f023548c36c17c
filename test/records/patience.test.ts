/** One request's patience with records: spent by all its queries together, by nothing else, and by no other request. */

import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createRecordsPatience } from '../../src/records/patience.ts';
import { type Records, RecordsUnavailable } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';

/** Records whose look-ups answer when they are told to; `asked` counts them. */
async function waiting() {
  const records = await createSqliteRecords({ file: ':memory:' });
  const answers: (() => void)[] = [];
  let asked = 0;
  const find = () => {
    asked += 1;
    return new Promise<undefined>((resolve) => answers.push(() => resolve(undefined)));
  };
  const slow: Records = { ...records, accounts: { ...records.accounts, find } };
  return { slow, answer: () => answers.shift()!(), asked: () => asked };
}

test('what is answered in time is answered, with its values', async () => {
  const patience = createRecordsPatience(5000);
  const records = patience.over(await createSqliteRecords({ file: ':memory:' }));
  await records.migrate();
  const added = await patience.run(() => records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash'));
  expect(await patience.run(() => records.accounts.findForPassword('anna'))).toEqual({
    account: added,
    passwordHash: 'hash',
  });
  expect(await records.ready()).toBe(true);
  await records.end();
});

test('once it is spent nothing more is asked, in that run alone', async () => {
  const patience = createRecordsPatience(100);
  const { slow, answer, asked } = await waiting();
  const records = patience.over(slow);
  await patience.run(async () => {
    await expect(records.accounts.find('a')).rejects.toThrow(RecordsUnavailable);
    await expect(records.accounts.find('b')).rejects.toThrow(/more than 100 ms of one request/);
    expect(asked()).toBe(1);
  });
  answer();
  const other = patience.run(() => records.accounts.find('c'));
  answer();
  expect(await other).toBeUndefined();
});

test('what a request does besides is not counted, and outside of one there is no limit', async () => {
  const patience = createRecordsPatience(50);
  const { slow, answer } = await waiting();
  const records = patience.over(slow);
  await patience.run(async () => {
    await pause(80);
    const found = records.accounts.find('a');
    answer();
    expect(await found).toBeUndefined();
  });
  const outside = records.accounts.find('b');
  await pause(80);
  answer();
  expect(await outside).toBeUndefined();
});
