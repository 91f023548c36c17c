/** Everything out of one database and into another: as it was at one moment, all or nothing, between both engines. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { tables } from '../../src/records/content.ts';
import { migrations } from '../../src/records/migrations/index.ts';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import type { Account, Batch, Content, Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { closing } from '../support/closing.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { gathered } from './gathered.ts';

let server: PostgresServer;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'kapu-backup-'));
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});
const atEnd = closing();

const start = new Date('2026-11-22T10:00:00.123Z');
let databases = 0;

/** An empty database, that may be opened several times, and statements past Records. */
const engines = {
  async PostgreSQL() {
    const url = await server.createDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    atEnd(() => client.end());
    return {
      open: () => opened(createPostgresRecords({ url, connections: 3, queryPatience: 5000, now: () => start })),
      run: async (statement: string) => void (await client.query(statement)),
    };
  },
  async SQLite() {
    databases += 1;
    const file = join(folder, `${databases}.sqlite`);
    const direct = new DatabaseSync(file);
    atEnd(() => direct.close());
    return {
      open: () => opened(createSqliteRecords({ file, now: () => start })),
      run: async (statement: string) => direct.exec(statement),
    };
  },
};
type Engine = keyof typeof engines;
const both = Object.keys(engines) as Engine[];

async function opened(opening: Promise<Records>): Promise<Records> {
  const records = await opening;
  atEnd(() => records.end());
  return records;
}

async function migrated(engine: Engine): Promise<Records> {
  const records = await (await engines[engine]()).open();
  await records.migrate();
  return records;
}

const names = ['anna', 'Kovács.Béla', 'one\u2028line', `O'Neil \\ "x"; --`];

async function fill(records: Records): Promise<void> {
  const people: Account[] = [];
  for (const username of names) {
    const email = `${people.length}@demo.example`;
    const person = { username, locale: 'hu', email, emailVerified: true, birthDate: '1980-02-29' } as const;
    people.push(await records.accounts.add(person, `hash of ${username}`));
  }
  await records.accounts.add({ username: 'nobody', locale: 'en' });
  await records.accounts.setStatus(people[1]!.id, 'disabled');
  const held = { since: start, until: new Date(start.getTime() + 1000) };
  const key = { id: 'key', method: 'passkey', data: { counter: 1 }, name: 'Telefon 🌻' };
  await records.accounts.change(people[2]!.id, { hold: held, formerEmail: 'former@demo.example', add: [key] });
  await records.accounts.change(people[3]!.id, { noticeEmail: 'second@demo.example', deleteAt: start });
  await records.credentials.use(people[2]!.id, key, { counter: 2 });
  await records.clients.put('tax', { client_name: 'Adó 🌻', odd: ['\0', null, 1.5, true, 'é'.repeat(1 << 20)] });
  await records.clients.put('health', {});
  await records.consents.allow(people[0]!.id, 'tax', ['openid', 'email']);
  await records.aliases.used('tax', 'ukp');
  await records.notices.add(people[0]!.id, { kind: 'newBrowser', detail: { browser: 'Firefox' } });
  for (const event of ['first', 'second', 'third']) {
    await records.audit.append({ at: start, event, accountId: people[0]!.id, detail: { tries: 3, known: false } });
  }
}

/** All that can be asked. */
async function everything(records: Records) {
  const accounts = await records.accounts.list({ limit: 1000 });
  return {
    signIns: await Promise.all(accounts.map(({ username }) => records.accounts.findForPassword(username))),
    credentials: await Promise.all(accounts.map(({ id }) => records.credentials.list(id))),
    consents: await Promise.all(accounts.map(({ id }) => records.consents.find(id, 'tax'))),
    clients: await records.clients.list(),
    aliases: await records.aliases.list(),
    audit: await records.audit.list({ limit: 1000 }),
    notice: await records.notices.oldest(),
  };
}

/** Content taken out whole. */
const taken = (records: Records): Promise<{ schema: string; batches: Batch[] }> =>
  records.backup(async ({ schema, batches }) => ({ schema, batches: await gathered(batches) }));

/** `batches`, then a fault where one is given. */
function content(schema: string, batches: Batch[], fault?: Error): Content {
  return {
    schema,
    batches: (async function* () {
      yield* batches;
      if (fault) throw fault;
    })(),
  };
}

const newest = Object.keys(migrations).at(-1)!;
const refusedAs = (reason: string) => expect.objectContaining({ name: 'ContentRefused', reason });

test.each(both.flatMap((from) => both.map((to) => [from, to] as const)))(
  'from %s to %s: all is as it was',
  async (from, to) => {
    const one = await migrated(from);
    const other = await (await engines[to]()).open();
    await fill(one);
    const before = await everything(one);
    expect(before.signIns.map((found) => found?.passwordHash)).toContain('hash of anna');

    const { rows, rebuilt } = await one.backup((all) => other.restore(all, { replace: false }));
    expect(rows).toEqual({ accounts: 5, credentials: 5, clients: 2, consents: 2, alias_uses: 1, audit: 3, notices: 1 });
    expect(rebuilt).toBe(false);
    expect(await everything(other)).toEqual(before);

    // And it works on.
    await other.audit.append({ at: start, event: 'fourth' });
    expect((await other.audit.list({ limit: 2 })).map(({ event }) => event)).toEqual(['fourth', 'third']);
    expect(await other.accounts.setPassword(before.signIns[0]!.account.id, 'new')).toBe(true);
    await other.accounts.add({ username: 'late', locale: 'hu' }, 'hash');
  },
);

describe.each(both)('%s', (engine) => {
  test('is taken at one moment, while others write and are not held up', async () => {
    const database = await engines[engine]();
    const records = await database.open();
    await records.migrate();
    await fill(records);
    const before = await everything(records);
    const others = await database.open();
    const restored = await migrated(engine);

    let during = 0;
    await records.backup(async ({ schema, batches }) => {
      const slow: Content = {
        schema,
        batches: (async function* () {
          for await (const batch of batches) {
            during += 1;
            // Between the batches: each in a transaction of its own, as servers do.
            await others.accounts.add({ username: `during ${during}`, locale: 'hu' }, 'hash');
            await others.accounts.setPassword(before.signIns[0]!.account.id, `changed during ${batch.table}`);
            await others.clients.remove('tax');
            await others.audit.append({ at: start, event: batch.table });
            yield batch;
          }
        })(),
      };
      await restored.restore(slow, { replace: false });
    });
    expect(await everything(restored)).toEqual(before);
    const now = await everything(others);
    expect(now.signIns).toHaveLength(before.signIns.length + during);
    expect(now.clients.map(({ id }) => id)).toEqual(['health']);
  });

  test('comes in batches, however much there is', async () => {
    const records = await migrated(engine);
    for (let n = 0; n < 3; n++) await records.clients.put(`long-${n}`, { text: 'x'.repeat(700_000) });
    const entries = Array.from({ length: 1203 }, (_, n) => ({ at: start, event: `event.${n}` }));
    for (const entry of entries) await records.audit.append(entry);
    const { batches } = await taken(records);
    expect(batches.map(({ table, rows }) => [table, rows.length])).toEqual([
      ['clients', 2],
      ['clients', 1],
      ['audit', 500],
      ['audit', 500],
      ['audit', 203],
    ]);
    const other = await migrated(engine);
    await other.restore(content(newest, batches), { replace: false });
    expect((await other.audit.list({ limit: 2000 })).map(({ event }) => event)).toEqual(
      entries.map(({ event }) => event).reverse(),
    );
  }, 60_000);

  test('a database that holds anything is refused, unless it is to be replaced', async () => {
    const source = await migrated(engine);
    await fill(source);
    const { batches } = await taken(source);
    const target = await migrated(engine);
    await target.audit.append({ at: start, event: 'only this' });
    await target.clients.put('other', {});
    const before = await everything(target);
    await expect(target.restore(content(newest, batches), { replace: false })).rejects.toEqual(refusedAs('not-empty'));
    expect(await everything(target)).toEqual(before);
    await target.restore(content(newest, batches), { replace: true });
    expect(await everything(target)).toEqual(await everything(source));
  });

  test('of two restores at once into one empty database one is refused', async () => {
    const source = await migrated(engine);
    await fill(source);
    const { batches } = await taken(source);
    const database = await engines[engine]();
    const targets = [await database.open(), await database.open()];
    const outcomes = await Promise.allSettled(
      targets.map((target) => target.restore(content(newest, batches), { replace: false })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { reason: 'not-empty' } });
    expect(await everything(targets[0]!)).toEqual(await everything(source));
  });

  const breaks: [string, (batches: Batch[]) => Content][] = [
    ['whose content breaks off', (batches) => content(newest, batches, new Error('gone'))],
    ['whose content breaks off in its middle', (batches) => content(newest, batches.slice(0, 2), new Error('gone'))],
    ['with a credential of nobody', (batches) => content(newest, batches.slice(1))],
    ['with a row twice', (batches) => content(newest, [...batches, batches[0]!])],
    ['with a table that is not there', (batches) => content(newest, [...batches, { ...batches[0]!, table: 'none' }])],
    ['of an older schema that breaks off', (batches) => content('0003-audit', batches.slice(0, 3), new Error('gone'))],
  ];
  test.each(breaks)('a restore %s changes nothing', async (_what, broken) => {
    const source = await migrated(engine);
    await fill(source);
    const { batches } = await taken(source);

    const empty = await migrated(engine);
    await expect(empty.restore(broken(batches), { replace: false })).rejects.toThrow();
    expect((await taken(empty)).batches).toEqual([]);
    expect((await empty.schema()).state).toBe('current');
    // It can be tried again at once, which also shows that no transaction is left open.
    await empty.restore(content(newest, batches), { replace: false });

    const held = await everything(empty);
    await expect(empty.restore(broken(batches), { replace: true })).rejects.toThrow();
    expect(await everything(empty)).toEqual(held);
  });

  /** The batch as it was before there were such columns. */
  function without({ table, columns, rows }: Batch, later: string[]): Batch {
    const kept = (_: unknown, at: number) => !later.includes(columns[at]!);
    return { table, columns: columns.filter(kept), rows: rows.map((row) => row.filter(kept)) };
  }

  test('content of an older version goes into the tables of then, which are brought up to date', async () => {
    const source = await migrated(engine);
    await fill(source);
    const { batches } = await taken(source);
    const columns = {
      accounts: [
        'valid_since',
        'held_since',
        'held_until',
        'former_email',
        'notice_email',
        'notice_email_at',
        'delete_at',
        'signed_up',
      ],
      credentials: ['label', 'used_at'],
      audit: ['writer', 'number', 'link', 'hash'],
    };
    const later = Object.values(columns).flat();
    const unknown = { validSince: undefined, hold: undefined, formerEmail: undefined };
    const missing = {
      ...unknown,
      noticeEmail: undefined,
      noticeEmailSince: undefined,
      deleteAt: undefined,
      signedUp: undefined,
    };
    const older = batches
      .filter(({ table }) => table !== 'alias_uses' && table !== 'notices')
      .map((batch) => without(batch, later));
    for (const target of [await (await engines[engine]()).open(), await migrated(engine)]) {
      const { rebuilt } = await target.restore(content('0003-audit', older), { replace: false });
      expect(rebuilt).toBe(true);
      expect(await target.schema()).toEqual({ state: 'current', found: newest, needed: newest });
      const held = await everything(source);
      const signIns = held.signIns.map((each) => each && { ...each, account: { ...each.account, ...missing } });
      const credentials = held.credentials.map((each) =>
        each.map((credential) => ({ ...credential, name: undefined, usedAt: undefined })),
      );
      expect(await everything(target)).toEqual({ ...held, signIns, credentials, aliases: [], notice: undefined });
      expect(await target.migrate()).toEqual([]);
    }
  });

  test('what a later version wrote is refused, and so is a database of one', async () => {
    const database = await engines[engine]();
    const records = await database.open();
    await expect(records.restore(content('9999-later', []), { replace: true })).rejects.toEqual(refusedAs('newer'));
    expect((await records.schema()).state).toBe('empty');
    await records.migrate();
    await database.run("insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01T00:00:00Z')");
    await expect(records.restore(content(newest, []), { replace: true })).rejects.toEqual(refusedAs('other-schema'));
    await expect(taken(records)).rejects.toEqual(refusedAs('other-schema'));
  });
});

test('a backup has every table that the migrations make', async () => {
  const file = join(folder, 'tables.sqlite');
  const records = await createSqliteRecords({ file });
  await records.migrate();
  await records.end();
  const database = new DatabaseSync(file);
  const made = database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
    .all();
  database.close();
  const ours = made.map(({ name }) => String(name)).filter((name) => !name.startsWith('kysely_'));
  expect(ours.sort()).toEqual([...tables].sort());
});

test.each([
  ['postgres', () => server.createDatabase()],
  ['sqlite', async () => join(folder, 'much.sqlite')],
])(
  '%s: a backup and a restore of 60 MB need no more than a heap of 40 MB',
  async (kind, place) => {
    const args = ['--max-old-space-size=40', join(import.meta.dirname, 'much.ts'), kind, await place(), folder, '60'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({ rows: { audit: 60_000 }, newest: '59999 xxxx' });
  },
  180_000,
);
