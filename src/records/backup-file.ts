/**
 * A backup as a file: gzip over lines of JSON. First what it is; then of each table a line with its columns and one line a
 * row; last how many rows there were, and a SHA-256 over every line before. A file that ends early has no last line. The checksum
 * finds damage, not malice: who can change the file can also write another checksum.
 *
 * This file knows no database. The file holds password hashes and all that people entrusted: its mode is 0600.
 */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Batch, Content, Row } from './records.ts';

const format = 'kapu-records-1';
const rowsAtOnce = 500;

/** What a backup says of itself. */
export interface Summary {
  schema: string;
  at: Date;
  /** By table. */
  rows: Record<string, number>;
  sha256: string;
}

/** The file is no backup, or not all of one, or not as it was written. The message says which, for an operator. */
export class BackupDamaged extends Error {
  override name = 'BackupDamaged';
}

/**
 * Writes `content` to `file`, which must not exist yet; once it resolves, all of it is on the disk. After a fault there
 * is no file. Throws the system's faults (EEXIST, ENOSPC, …) and those of `content`.
 */
export async function writeBackup(file: string, content: Content, at: Date): Promise<Summary> {
  const { schema } = content;
  const rows: Record<string, number> = {};
  const hash = createHash('sha256');

  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const hashed = (text: string) => {
    hash.update(text);
    return text;
  };
  let sha256 = '';
  async function* lines() {
    yield hashed(line({ format, schema, at }));
    let last: string | undefined;
    for await (const { table, columns, rows: batch } of content.batches) {
      if (table !== last) yield hashed(line({ table, columns }));
      last = table;
      rows[table] = (rows[table] ?? 0) + batch.length;
      yield hashed(batch.map(line).join(''));
    }
    sha256 = hash.digest('hex');
    yield line({ rows, sha256 });
  }

  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  let made = false;
  target.once('open', () => {
    made = true;
  });
  try {
    await pipeline(Readable.from(lines()), createGzip(), target);
  } catch (fault) {
    if (made) await unlink(file);
    throw fault;
  }
  return { schema, at, rows, sha256 };
}

/**
 * The backup in `file`, read once from end to end before anything is given. Its batches read it a second time, and end in
 * BackupDamaged when the file has changed since. Throws BackupDamaged, and the system's faults (ENOENT, …).
 */
export async function readBackup(file: string): Promise<Summary & Content> {
  const whole = batchesIn(file);
  for (let next = await whole.next(); ; next = await whole.next()) {
    if (!next.done) continue;
    const summary = next.value;
    return { ...summary, batches: again(file, summary) };
  }
}

async function* again(file: string, { sha256 }: Summary): AsyncGenerator<Batch> {
  const summary = yield* batchesIn(file);
  if (summary.sha256 !== sha256) throw new BackupDamaged('it has changed while it was read');
}

async function* batchesIn(file: string): AsyncGenerator<Batch, Summary> {
  const hash = createHash('sha256');
  let header: { schema: string; at: string } | undefined;
  let batch: Batch | undefined;
  let end: { rows: Record<string, number>; sha256: string } | undefined;
  const rows: Record<string, number> = {};

  for await (const line of linesIn(file)) {
    if (end) throw new BackupDamaged('it goes on after its end');
    const value = parsed(line);
    if (!header) {
      if (value.format !== format)
        throw new BackupDamaged('it is no backup of Kapu, or one that only a later version reads');
      header = value;
    } else if (Array.isArray(value)) {
      if (value.length !== batch?.columns.length) throw new BackupDamaged('a row does not fit its table');
      batch.rows.push(value as Row);
      rows[batch.table] = (rows[batch.table] ?? 0) + 1;
      if (batch.rows.length === rowsAtOnce) {
        yield batch;
        batch = { ...batch, rows: [] };
      }
    } else {
      if (batch && batch.rows.length > 0) yield batch;
      if (value.table !== undefined) batch = { table: value.table, columns: value.columns, rows: [] };
      else end = value;
    }
    if (!end) hash.update(line).update('\n');
  }
  if (!header || !end) throw new BackupDamaged('it ends too early');
  const { sha256 } = end;
  if (hash.digest('hex') !== sha256) throw new BackupDamaged('it is not as it was written: its checksum differs');
  return { schema: header.schema, at: new Date(header.at), rows, sha256 };
}

// biome-ignore lint/suspicious/noExplicitAny: a line may be any of four things; what is wrong in one changes the checksum
function parsed(line: string): any {
  try {
    const value = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {} // not JSON
  throw new BackupDamaged('it is not as it was written');
}

/** Not node:readline, which also ends a line at U+2028, as a name may hold it. */
async function* linesIn(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const unpacked = createGunzip();
  source.once('error', (fault) => unpacked.destroy(fault));
  let rest = '';
  try {
    for await (const text of source.pipe(unpacked).setEncoding('utf8')) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (fault) {
    const { code = '', message } = fault as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw new BackupDamaged('it ends too early');
    if (code.startsWith('Z_')) throw new BackupDamaged(`it is not as it was written: ${message}`);
    throw fault;
  } finally {
    source.destroy();
    unpacked.destroy();
  }
  if (rest !== '') throw new BackupDamaged('it ends too early');
}
