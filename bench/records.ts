/**
 * `npm run bench -- records [ACCOUNTS]`: what accounts, credentials, consents, clients and audit entries take on the disk, in PostgreSQL
 * and in SQLite, indexes included, and how long a backup and a restore of all of it take. One million accounts unless told
 * otherwise. Rows are as long as those of a public service: figures of rows do not depend on the machine, times do.
 */

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { readBackup, writeBackup } from '../src/records/backup-file.ts';
import { tables } from '../src/records/content.ts';
import { migrations } from '../src/records/migrations/index.ts';
import { createPostgresRecords } from '../src/records/postgres.ts';
import type { Batch, Content, Records, Row } from '../src/records/records.ts';
import { createSqliteRecords } from '../src/records/sqlite.ts';
import { startPostgres } from '../test/support/postgres.ts';

const accounts = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 1_000_000);
const clients = 200;
/** Scopes of one consent, which a third of the people have given to one client; audit entries for each account. */
const scopes = ['openid', 'profile', 'email'];
const entriesEach = 3;
const now = Date.parse('2026-11-22T10:00:00Z');

const columns: Record<string, string[]> = {
  accounts:
    'id username username_key email email_verified name birth_name birth_date locale status created_at updated_at'.split(
      ' ',
    ),
  credentials: 'account_id method id data created_at updated_at'.split(' '),
  clients: 'id metadata updated_at'.split(' '),
  consents: 'account_id client_id scope granted_at'.split(' '),
  audit: 'id at event reference account_id client_id origin detail writer number hash'.split(' '),
};

/** As many accounts as asked for, with all that hangs on them. */
function made(): Content {
  const ids = Array.from({ length: accounts }, () => randomUUID());
  const words = (count: number) =>
    Array.from({ length: count }, () => randomBytes(5).toString('hex').slice(randomInt(4)));
  const account = (n: number): Row => {
    const [family, given] = words(2);
    const username = `${given}.${family}${n}`;
    const name = `${family} ${given}`;
    return [
      ids[n]!,
      username,
      username,
      `${username}@example.hu`,
      1,
      name,
      name,
      '1980-02-29',
      'hu',
      'active',
      now,
      now,
    ];
  };
  const credential = (n: number): Row => {
    const hash = `k1:$argon2id$v=19$m=19456,t=2,p=1$${'x'.repeat(22)}$${randomBytes(32).toString('base64url')}`;
    return [ids[n]!, 'password', '', JSON.stringify({ hash }), now, now];
  };
  const client = (n: number): Row => [`client-${n}`, JSON.stringify({ client_name: 'x'.repeat(450) }), now];
  const consent = (n: number): Row => {
    const owner = Math.floor(n / scopes.length);
    return [ids[owner * 3]!, `client-${owner % clients}`, scopes[n % scopes.length]!, now];
  };
  const entry = (n: number): Row => [
    n + 1,
    now + n,
    ['password.passed', 'email-code.passed', 'sign-in.completed'][n % 3]!,
    randomBytes(5).toString('hex'),
    ids[(n * 7919) % accounts]!,
    `client-${n % clients}`,
    '198.51.100.207',
    n % 3 === 2 ? '{"acr":"plus","methods":"password email-code"}' : '{"method":"email-code"}',
    // A chain of a process that writes a hundred thousand.
    `writer-${Math.floor(n / 100_000)}`.padEnd(16, 'x'),
    (n % 100_000) + 1,
    randomBytes(32).toString('base64url'),
  ];
  const plan: [string, number, (n: number) => Row][] = [
    ['accounts', accounts, account],
    ['credentials', accounts, credential],
    ['clients', clients, client],
    ['consents', Math.floor(accounts / 3) * scopes.length, consent],
    ['audit', accounts * entriesEach, entry],
  ];
  async function* batches(): AsyncGenerator<Batch> {
    for (const [table, count, row] of plan) {
      for (let from = 0; from < count; from += 500) {
        const rows = Array.from({ length: Math.min(500, count - from) }, (_, n) => row(from + n));
        yield { table, columns: columns[table]!, rows };
      }
    }
  }
  return { schema: Object.keys(migrations).at(-1)!, batches: batches() };
}

interface Measured {
  engine: string;
  /** By table. */
  bytes: Record<string, number>;
  rows: Record<string, number>;
  backup: { seconds: number; bytes: number; memory: number };
  restore: { seconds: number; memory: number };
}

const folder = await mkdtemp(join(tmpdir(), 'kapu-bench-'));
const file = join(folder, 'records.backup');

async function measure(
  engine: string,
  records: Records,
  content: Content,
  sizes: () => Promise<Record<string, number>>,
): Promise<Measured> {
  const timed = async <T>(work: () => Promise<T>) => {
    const began = performance.now();
    let memory = 0;
    const looking = setInterval(() => {
      memory = Math.max(memory, process.memoryUsage.rss());
    }, 200);
    const result = await work();
    clearInterval(looking);
    return { result, seconds: (performance.now() - began) / 1000, memory };
  };
  const restored = await timed(() => records.restore(content, { replace: false }));
  console.error(`${engine}: restored in ${restored.seconds.toFixed(0)} s`);
  const bytes = await sizes();
  await rm(file, { force: true });
  const taken = await timed(() => records.backup((all) => writeBackup(file, all, new Date())));
  console.error(`${engine}: backed up in ${taken.seconds.toFixed(0)} s`);
  await records.end();
  return {
    engine,
    bytes,
    rows: restored.result.rows,
    restore: { seconds: restored.seconds, memory: restored.memory },
    backup: { seconds: taken.seconds, bytes: (await stat(file)).size, memory: taken.memory },
  };
}

async function inPostgres(): Promise<Measured> {
  const server = await startPostgres({ settings: { max_wal_size: '4GB' } });
  const url = await server.createDatabase();
  const records = await createPostgresRecords({ url, connections: 1, queryPatience: 60_000 });
  const measured = await measure('PostgreSQL', records, made(), async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('vacuum analyze');
    const all: Record<string, number> = {};
    for (const table of tables) {
      const { rows } = await client.query(`select pg_total_relation_size('${table}') as size`);
      all[table] = Number(rows[0].size);
    }
    await client.end();
    return all;
  });
  await server.stop();
  return measured;
}

/** Filled from the other's backup, which is how records move. */
async function inSqlite(): Promise<Measured> {
  const database = join(folder, 'kapu.sqlite');
  const records = await createSqliteRecords({ file: database });
  return measure('SQLite', records, await readBackup(file), async () => {
    const reader = new DatabaseSync(database, { readOnly: true });
    const pages = reader.prepare(
      'select m.tbl_name as name, sum(s.pgsize) as size from dbstat s join sqlite_master m on m.name = s.name group by 1',
    );
    const all = Object.fromEntries(pages.all().map(({ name, size }) => [String(name), Number(size)]));
    reader.close();
    return all;
  });
}

const results = [await inPostgres(), await inSqlite()];
await rm(folder, { recursive: true });

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const each = ({ bytes, rows }: Measured, table: string) => Math.round((bytes[table] ?? 0) / (rows[table] ?? 1));
const report = [
  `# Records of ${accounts.toLocaleString('en')} accounts`,
  '',
  'Bytes a row, indexes included:',
  '',
  `| | ${Object.keys(columns).join(' | ')} |`,
  `|---|${Object.keys(columns)
    .map(() => '---|')
    .join('')}`,
  ...results.map(
    (one) =>
      `| ${one.engine} | ${Object.keys(columns)
        .map((table) => each(one, table))
        .join(' | ')} |`,
  ),
  '',
  '| | in all | backup | of it a file of | restore | memory of the process, backup and restore |',
  '|---|---|---|---|---|---|',
  ...results.map(
    ({ engine, bytes, backup, restore }) =>
      `| ${engine} | ${megabytes(Object.values(bytes).reduce((sum, size) => sum + size, 0))} | ${backup.seconds.toFixed(0)} s | ${megabytes(backup.bytes)} | ${restore.seconds.toFixed(0)} s | ${megabytes(backup.memory)}, ${megabytes(restore.memory)} |`,
  ),
  '',
].join('\n');
await writeFile(new URL('./report.records.md', import.meta.url), report);
console.log(report);
