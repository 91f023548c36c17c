/**
 * Servers that are killed while they send notices: what has been written is sent, by whoever comes next; a kill between the mail
 * server's answer and the mark has one notice sent twice, and no other.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { SettingsInput } from '../../config/settings.ts';
import { settingsSchema } from '../../config/settings.ts';
import { ensureKeys } from '../../src/oidc/keys/keys.ts';
import type { Records } from '../../src/records/records.ts';
import { openRecords } from '../../src/stores.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import { type Smtp, startSmtp } from '../support/smtp.ts';

const atEnd = closing();

let smtp: Smtp;
beforeEach(async () => {
  smtp = await startSmtp();
  atEnd(smtp.stop);
});

/** A folder for a server that looks often. */
async function place(store?: SettingsInput['records']): Promise<Place> {
  const made = await makePlace(smtp.port);
  atEnd(made.remove);
  await made.change((settings) => {
    settings.notices = { ...settings.notices, lookEvery: '1s' };
    if (store) settings.records = store;
  });
  await ensureKeys(settingsSchema.parse(made.settings).keysFile, ['ES256', 'RS256'], () => new Date());
  return made;
}

async function recordsOf({ settings }: Place): Promise<Records> {
  const records = await openRecords(settingsSchema.parse(settings));
  atEnd(() => records.end());
  await records.migrate();
  return records;
}

/** A server, once it is ready. */
async function serving(at: Place): Promise<ChildProcess> {
  const child = at.start(['serve']);
  const ended = once(child, 'close');
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface({ input: child.stdout! });
  await new Promise<void>((ready, reject) => {
    lines.on('line', (line) => line.includes('"msg":"ready"') && ready());
    child.once('close', () => reject(new Error('kapu did not start')));
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** So many people with a notice each; their addresses. */
async function write(records: Records, count: number): Promise<string[]> {
  const emails: string[] = [];
  for (let n = 0; n < count; n++) {
    const email = `person-${n}@demo.example`;
    const { id } = await records.accounts.add({ username: email, locale: 'en', email, emailVerified: true }, 'hash');
    await records.accounts.setPassword(id, 'another', { kind: 'passwordSet' });
    emails.push(email);
  }
  return emails;
}

const recipients = () => smtp.mails.flatMap((mail) => mail.recipients);
const doubled = () => recipients().filter((one, at, all) => all.indexOf(one) !== at);
const none = (records: Records) => async () => (await records.notices.oldest()) === undefined;
const leaseEnds = 'update notices set due_at = 0 where due_at is not null';

describe('SQLite', () => {
  test('killed between the change and the mail: the next server sends it, when the lease has ended, once', async () => {
    const at = await place();
    const records = await recordsOf(at);
    const direct = new DatabaseSync(at.at('kapu.sqlite'), { timeout: 10_000 });
    atEnd(() => direct.close());
    // No server runs when it is written.
    const emails = await write(records, 2);
    smtp.behave('hang');
    const first = await serving(at);
    await eventually('a mail is being sent', () => smtp.connections() > 0);
    await kill(first);
    smtp.behave('accept');

    await serving(at);
    await eventually('the other one is sent', () => smtp.mails.length === 1);
    const [held] = direct.prepare('select due_at, tries from notices').all() as { due_at: number; tries: number }[];
    expect(held!.tries).toBe(1);
    expect(held!.due_at).toBeGreaterThan(Date.now() + 60_000);
    direct.exec(leaseEnds);
    await eventually('none waits', none(records));
    expect(recipients().toSorted()).toEqual(emails);
  });

  test('killed between the mail and the mark: this one is sent twice, and the others once', async () => {
    const at = await place();
    const records = await recordsOf(at);
    const direct = new DatabaseSync(at.at('kapu.sqlite'), { timeout: 10_000 });
    atEnd(() => direct.close());
    const emails = await write(records, 4);
    direct.exec(`create view endless as with recursive n(i) as (select 1 union all select i + 1 from n) select i from n;
      create trigger stop before delete on notices begin select count(*) from endless; end`);
    const first = await serving(at);
    await eventually('the first mail has been taken', () => smtp.mails.length === 1);
    await kill(first);
    direct.exec('drop trigger stop; drop view endless');

    await serving(at);
    await eventually('the others are sent', () => smtp.mails.length === 4);
    direct.exec(leaseEnds);
    await eventually('none waits', none(records));
    expect(new Set(recipients())).toEqual(new Set(emails));
    expect(doubled()).toEqual([emails[0]]);
  });

  test('told to stop: the one in hand is finished, and the others wait', async () => {
    const at = await place();
    const records = await recordsOf(at);
    const emails = await write(records, 60);
    const first = await serving(at);
    await eventually('some are sent', () => smtp.mails.length >= 5);
    const ended = once(first, 'close');
    first.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const count = smtp.mails.length;
    expect(count).toBeLessThan(60);
    const direct = new DatabaseSync(at.at('kapu.sqlite'), { timeout: 10_000 });
    atEnd(() => direct.close());
    // Nothing is left claimed.
    expect(direct.prepare('select count(*) as left, sum(tries) as tries from notices').get()).toEqual({
      left: 60 - count,
      tries: 0,
    });
    await serving(at);
    await eventually('none waits', none(records));
    expect(recipients().toSorted()).toEqual(emails.toSorted());
  });
});

test('two servers on PostgreSQL and 1,000 notices, one killed half-way: none is lost, one at most is doubled by the kill', async () => {
  const postgres = await startPostgres();
  atEnd(postgres.stop);
  const url = await postgres.createDatabase();
  const store = { kind: 'postgres' as const, url, connections: 3, queryPatience: 5000 };
  const places = [await place(store), await place(store)];
  const records = await recordsOf(places[0]!);
  const emails = await write(records, 1000);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  atEnd(() => client.end());

  const [one] = await Promise.all(places.map(serving));
  await eventually('half of them are sent', () => smtp.mails.length >= 500, 120_000);
  await kill(one!);
  const waiting = async () => (await client.query('select count(*)::int as count from notices')).rows[0].count;
  await eventually('one at most waits for the end of its lease', async () => (await waiting()) <= 1, 120_000);
  expect(doubled()).toEqual([]);
  await client.query(leaseEnds);
  await eventually('none waits', none(records));
  expect(new Set(recipients())).toEqual(new Set(emails));
  expect(doubled().length).toBeLessThanOrEqual(1);
  const { rows } = await client.query(
    "select count(distinct account_id)::int as told from audit where event = 'notice.sent'",
  );
  process.stdout.write(
    `1,000 notices, two servers, one killed: ${smtp.mails.length} mails, ${rows[0].told} in the audit\n`,
  );
}, 300_000);

test('two servers on PostgreSQL that live: each of 60 notices is sent once, and both send', async () => {
  const postgres = await startPostgres();
  atEnd(postgres.stop);
  const store = {
    kind: 'postgres' as const,
    url: await postgres.createDatabase(),
    connections: 3,
    queryPatience: 5000,
  };
  const places = [await place(store), await place(store)];
  const records = await recordsOf(places[0]!);
  const servers = await Promise.all(places.map(serving));
  const emails = await write(records, 60);
  await eventually('none waits', none(records), 120_000);
  expect(recipients().toSorted()).toEqual(emails.toSorted());
  for (const server of servers) {
    const ended = once(server, 'close');
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
}, 300_000);
