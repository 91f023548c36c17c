/**
 * Run by backup.test.ts as a process of its own, with a small heap: fills records with far more than that, writes a backup of it,
 * and restores it. Arguments: 'postgres' or 'sqlite', the url or file of an empty database, a folder, megabytes.
 */

import { join } from 'node:path';
import { readBackup, writeBackup } from '../../src/records/backup-file.ts';
import { createPostgresRecords } from '../../src/records/postgres.ts';
import type { Batch } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';

const [kind, place, folder, megabytes] = process.argv.slice(2) as [string, string, string, string];
const count = Number(megabytes) * 1000;

async function* much(): AsyncGenerator<Batch> {
  for (let from = 0; from < count; from += 500) {
    const rows = Array.from({ length: 500 }, (_, n) => [from + n + 1, 0, 'event', `${from + n} ${'x'.repeat(1000)}`]);
    yield { table: 'audit', columns: ['id', 'at', 'event', 'reference'], rows };
  }
}

const records =
  kind === 'postgres'
    ? await createPostgresRecords({ url: place, connections: 1, queryPatience: 60_000 })
    : await createSqliteRecords({ file: place });
const file = join(folder, `${kind}.backup`);
const { needed } = await records.schema();
await records.restore({ schema: needed, batches: much() }, { replace: false });
await records.backup((content) => writeBackup(file, content, new Date()));
const { rows } = await records.restore(await readBackup(file), { replace: true });
const [newest] = await records.audit.list({ limit: 1 });
console.log(JSON.stringify({ rows, newest: newest?.reference?.slice(0, 10) }));
await records.end();
