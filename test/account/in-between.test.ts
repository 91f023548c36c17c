/** What comes in between a request's reading of an account and its writing: nothing that was proven before a stop goes on after it. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { codeAt } from '../methods/app.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { seen } from '../support/secrets.ts';
import { visit } from './journey.ts';

const clock = testClock();
let kapu: TestKapu;
let records: Records;
/** Done once, as soon as the next request has read the account. */
let meanwhile: ((id: string) => Promise<unknown>) | undefined;

beforeAll(async () => {
  records = await createSqliteRecords({ file: ':memory:', now: clock.now });
  const find: Records['accounts']['find'] = async (id) => {
    const found = await records.accounts.find(id);
    const once = meanwhile;
    meanwhile = undefined;
    await once?.(id);
    return found;
  };
  const slow = { ...records, accounts: { ...records.accounts, find } };
  kapu = await startKapu({ clock, records: slow, change: roomy });
});
afterAll(async () => {
  await kapu.stop();
  await records.end();
});

const john = async () => (await records.accounts.findByUsername('john'))!;
const comings: [string, (id: string) => Promise<unknown>][] = [
  ['sessions are ended', (id) => records.accounts.endSessions(id)],
  ['the account is disabled', (id) => records.accounts.setStatus(id, 'disabled')],
];

test.each(comings)('nothing is set up where meanwhile %s', async (_, coming) => {
  await clock.pass(60_000);
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, '/account/methods/totp', 'john');
  const [, key] = /secret=([A-Z2-7]+)/.exec(page.html)!;
  seen.add('app key', key!);
  meanwhile = coming;
  await agent.submit(page, { code: codeAt(key!, clock.now()) });
  expect(meanwhile).toBeUndefined();
  expect((await john()).setUp).toEqual(['password']);
  await records.accounts.setStatus((await john()).id, 'active');
});

test.each(comings)('no account is given up where meanwhile %s', async (_, coming) => {
  await clock.pass(60_000);
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, '/account/data/delete', 'john');
  meanwhile = coming;
  await agent.submit(page, { delete: '1' });
  expect(meanwhile).toBeUndefined();
  expect((await john()).deleteAt).toBeUndefined();
  await records.accounts.setStatus((await john()).id, 'active');
});

test.each(comings)('nothing is taken away where meanwhile %s', async (_, coming) => {
  await clock.pass(60_000);
  const { id } = await john();
  const agent = kapu.agent();
  await visit(kapu, agent, '/account/email', 'john');
  await records.credentials.add(id, { method: 'passkey', id: 'of-john', data: {} });
  const page = await agent.get('/account/methods/remove?method=passkey&id=of-john');
  meanwhile = coming;
  await agent.submit(page, { remove: '1' });
  expect(meanwhile).toBeUndefined();
  expect((await john()).setUp).toContain('passkey');
  await records.credentials.remove(id, 'passkey', 'of-john');
  await records.accounts.setStatus(id, 'active');
});
