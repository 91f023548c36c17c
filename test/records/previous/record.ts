/**
 * What a version of Kapu asks of its database: every statement that every verb of Records makes, with its values and its
 * answer, as the database itself gave it. Written to a file when a version is released (`take.ts`), it is what remains of
 * that version's queries when the code has moved on.
 */

import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, PostgresDialect, type PostgresPool, type SqliteDatabase, SqliteDialect } from 'kysely';
import pg from 'pg';
import { migrations } from '../../../src/records/migrations/index.ts';
import type { Records } from '../../../src/records/records.ts';
import type { Schema } from '../../../src/records/schema.ts';
import { sqlRecords } from '../../../src/records/sql.ts';

export interface Statement {
  sql: string;
  values: unknown[];
  rows: unknown[];
}

export interface Recording {
  /** The statements of each migration, by its name. */
  migrations: Record<string, string[]>;
  /** In the order in which they were asked. */
  statements: Statement[];
}

/** A database that answers statements; `end` closes it. */
export interface Asked {
  ask(sql: string, values: readonly unknown[]): Promise<unknown[]>;
  end(): Promise<void>;
}

/** A connection that reads BIGINT as the server's version of it does: as a number. */
async function connected(url: string): Promise<pg.Client> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  return client;
}

export async function askPostgres(url: string): Promise<Asked> {
  const client = await connected(url);
  return {
    ask: async (sql, values) => (await client.query(sql, [...values])).rows,
    end: () => client.end(),
  };
}

export function askSqlite(file: string): Asked {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  return {
    ask: async (sql, values) =>
      database
        .prepare(sql)
        .all(...(values as SQLInputValue[]))
        .map((row) => ({ ...row })),
    end: async () => database.close(),
  };
}

/** Makes the tables of this version in an empty PostgreSQL database and uses every verb, listening. */
export async function recordPostgres(url: string): Promise<Recording> {
  const client = await connected(url);
  const heard: Statement[] = [];
  const pool = {
    connect: async () => ({
      async query(sql: string, values: unknown[]) {
        const result = await client.query(sql, values);
        heard.push({ sql, values, rows: result.rows });
        return result;
      },
      release() {},
    }),
    end: () => client.end(),
  };
  return record(new Kysely({ dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }) }), heard);
}

/** The same in SQLite, in memory. */
export async function recordSqlite(): Promise<Recording> {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  const heard: Statement[] = [];
  const listening: SqliteDatabase = {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all(values) {
          const rows = statement.all(...(values as SQLInputValue[]));
          heard.push({ sql, values: [...values], rows: rows.map((row) => ({ ...row })) });
          return rows;
        },
        run(values) {
          heard.push({ sql, values: [...values], rows: [] });
          return statement.run(...(values as SQLInputValue[]));
        },
        iterate: () => [][Symbol.iterator](),
      };
    },
  };
  return record(new Kysely({ dialect: new SqliteDialect({ database: listening }) }), heard);
}

async function record(db: Kysely<Schema>, heard: Statement[]): Promise<Recording> {
  const made: Recording['migrations'] = {};
  for (const [name, { up }] of Object.entries(migrations)) {
    await up(db);
    made[name] = heard.splice(0).map(({ sql }) => sql);
  }
  const now = () => new Date('2026-11-22T10:00:00.123Z');
  const unused = async () => {
    throw new Error('the journey opens, measures and copies nothing');
  };
  const records = sqlRecords({ db, writable: unused, patiently: unused, end: unused }, now);
  const used = new Set<string>();
  await journey(noting(records, used));
  const all = groups.flatMap((group) => Object.keys(records[group]).map((verb) => `${group}.${verb}`));
  const missing = all.filter((verb) => !used.has(verb));
  if (missing.length > 0) throw new Error(`the journey leaves out ${missing.join(', ')}: add them`);
  await db.destroy();
  return { migrations: made, statements: heard };
}

const groups = ['accounts', 'credentials', 'clients', 'consents', 'aliases', 'audit', 'notices'] as const;

/** `records`, with each verb that is used noted as 'group.verb'. */
function noting(records: Records, used: Set<string>): Records {
  const noted = <Verbs extends object>(group: string, verbs: Verbs): Verbs =>
    new Proxy(verbs, {
      get(target, verb, receiver) {
        used.add(`${group}.${String(verb)}`);
        return Reflect.get(target, verb, receiver);
      },
    });
  return { ...records, ...Object.fromEntries(groups.map((group) => [group, noted(group, records[group])])) };
}

/** Every verb, both where it finds something and where it does not. */
async function journey({ accounts, credentials, clients, consents, aliases, audit, notices }: Records): Promise<void> {
  const whole = {
    locale: 'hu',
    email: 'a@demo.example',
    emailVerified: true,
    name: 'A',
    birthName: 'B',
    birthDate: '1980-02-29',
  } as const;
  const anna = await accounts.add({ username: 'anna', ...whole }, 'hash');
  const bela = await accounts.add({ username: 'béla', ...whole });
  await accounts.add({ username: 'ANNA', locale: 'en' }).catch(() => {});
  await accounts.setPassword(bela.id, 'hash');
  await accounts.setPassword(bela.id, 'another');
  await accounts.rehashPassword(anna.id, 'hash', 'stronger');
  await accounts.setStatus(bela.id, 'disabled');
  await accounts.endSessions(anna.id);
  for (const name of ['anna', 'nobody']) {
    await accounts.findForPassword(name);
    await accounts.findByUsername(name);
  }
  await accounts.find(anna.id);
  await accounts.list({ limit: 1 });
  await accounts.list({ limit: 10, after: 'anna' });

  for (const name of ['Tax', 'Tax', 'Taxes']) await clients.put('tax', { client_name: name });
  await clients.put('health', {});
  await clients.find('tax');
  await clients.list();

  await consents.allow(anna.id, 'tax', ['openid', 'email']);
  await consents.allow(anna.id, 'tax', ['openid']);
  await consents.find(anna.id, 'tax');
  await consents.list(anna.id);
  await consents.allow(anna.id, 'health', ['openid']);
  for (let n = 0; n < 2; n++) await consents.remove(anna.id, 'health');
  await aliases.used('tax', 'ukp');
  await aliases.used('tax', 'ukp');
  await aliases.list();

  await audit.append({ at: anna.createdAt, event: 'least' });
  await audit.append({
    at: anna.createdAt,
    event: 'most',
    reference: 'K7QX-2M4P',
    accountId: anna.id,
    clientId: 'tax',
    origin: '192.0.2.0/24',
    detail: { tries: 1 },
  });
  await audit.list({ limit: 10 });
  await audit.list({ accountId: anna.id, limit: 10 });
  await audit.recent({ accountId: anna.id, limit: 10 });
  await audit.recent({ accountId: anna.id, event: 'most', before: 9, since: anna.createdAt, limit: 10 });
  await audit.clientsIn(anna.id, 'most', 100);
  const [first] = await audit.chained({ limit: 1 });
  await audit.chained({ after: first, limit: 10 });
  await audit.unchained({ limit: 10 });
  await audit.page({ limit: 10 });
  await audit.page({ after: 1, accountId: anna.id, since: anna.createdAt, limit: 10 });
  await audit.seen(first!);
  await audit.heads({ limit: 10 });
  await audit.heads({ after: first!.writer, below: 2, limit: 10 });
  await audit.firstSince(anna.createdAt);
  await clients.remove('tax');
  await clients.remove('tax');

  await accounts.setPassword(anna.id, 'told', { kind: 'passwordSet' });
  await accounts.setStatus(anna.id, 'active', { kind: 'accountEnabled' });
  await notices.add(anna.id, { kind: 'newBrowser', detail: { browser: 'Firefox' }, onlyAfter: 'most' });
  await notices.oldest();
  const claim = () => notices.claim({ kinds: ['passwordSet', 'newBrowser'], lease: 1000 });
  const [one, other, none] = [await claim(), await claim(), await claim()];
  await notices.sent(one!.id);
  await notices.retry(other!.id, anna.createdAt);
  await notices.failed(other!.id, 'no server takes it');
  if (none) await notices.sent(none.id);

  const key = { id: 'key', method: 'passkey', data: { counter: 1 }, name: 'Phone' };
  const second = { ...key, id: 'second' };
  const held = { since: anna.createdAt, until: anna.createdAt };
  await accounts.change(anna.id, { hold: held, formerEmail: 'former@demo.example', add: [key] });
  await accounts.change(anna.id, { hold: null }, { seen: anna });
  const seen = (await accounts.find(anna.id))!;
  const all = { email: 'new@demo.example', emailVerified: true, noticeEmail: 'two@demo.example', deleteAt: held.since };
  const anew = { passwordHash: 'changed', endSessions: true, clear: ['passkey'], add: [second] };
  await accounts.change(anna.id, { ...all, ...anew, hold: null }, { seen, notices: [{ kind: 'passwordSet' }] });
  await credentials.add(anna.id, key, { kind: 'passkeyAdded' });
  await credentials.add(anna.id, key);
  await credentials.add('nobody', key);
  await credentials.use(anna.id, key, { counter: 2 });
  await credentials.rename(anna.id, 'passkey', 'key', 'Telephone');
  await credentials.list(anna.id);
  await credentials.list(anna.id, 'passkey');
  await credentials.owner('passkey', 'key');
  await credentials.remove(anna.id, 'passkey', 'key', { kind: 'passkeyRemoved' });
  await credentials.remove(anna.id, 'passkey', 'key');

  const arrival = { account: { username: 'many', ...whole }, credentials: [key], notice: { kind: 'passwordSet' } };
  const id = '11111111-1111-4111-8111-111111111111';
  await accounts.addMany([{ id, ...arrival }]);
  await accounts.addMany([{ id, ...arrival }]);
  await accounts.findMany(['anna', 'nobody']);
  await notices.oldest(['passwordSet']);
  await notices.purge(anna.createdAt);
  await accounts.change(id, { uses: key, passwordHash: 'x' });
  await accounts.change(id, { uses: key, passwordHash: 'x' });
}
