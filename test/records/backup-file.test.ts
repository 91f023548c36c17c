/** A backup as a file: what was written is read, and whatever else has become of it is found out before it is used. */

import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BackupDamaged, readBackup, writeBackup } from '../../src/records/backup-file.ts';
import type { Batch, Content } from '../../src/records/records.ts';
import { gathered } from './gathered.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kapu-backup-'));
  file = join(folder, 'records.backup');
});
afterEach(() => rm(folder, { recursive: true }));

const at = new Date('2026-11-22T10:00:00.123Z');
const odd = ['anna', 'a\nb\r\nc\u2028d\u2029', '🌻'.repeat(20_000), '"\\', '', null, 0, -1, 2 ** 53 - 1];
const batches: Batch[] = [
  { table: 'accounts', columns: odd.map((_, n) => `c${n}`), rows: [odd, odd.toReversed()] },
  { table: 'accounts', columns: odd.map((_, n) => `c${n}`), rows: [odd] },
  { table: 'audit', columns: ['id'], rows: Array.from({ length: 1203 }, (_, n) => [n]) },
];
const content = (given = batches, fault?: Error): Content => ({
  schema: '0004-alias-uses',
  batches: (async function* () {
    yield* given;
    if (fault) throw fault;
  })(),
});

test('what was written is read, in batches of its own', async () => {
  const written = await writeBackup(file, content(), at);
  expect(written).toMatchObject({ schema: '0004-alias-uses', at, rows: { accounts: 3, audit: 1203 } });
  const { batches: read, ...summary } = await readBackup(file);
  expect(summary).toEqual(written);
  const all = await gathered(read);
  expect(all.map(({ table, rows }) => [table, rows.length])).toEqual([
    ['accounts', 3],
    ['audit', 500],
    ['audit', 500],
    ['audit', 203],
  ]);
  expect(all[0]!.rows).toEqual([odd, odd.toReversed(), odd]);
  expect(all.slice(1).flatMap(({ rows }) => rows)).toEqual(batches[2]!.rows);
});

test('an empty one is one', async () => {
  await writeBackup(file, content([]), at);
  const { batches: read, rows } = await readBackup(file);
  expect([rows, await gathered(read)]).toEqual([{}, []]);
});

test('is for its owner alone, and never takes the place of a file', async () => {
  await writeBackup(file, content(), at);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const first = await readFile(file);
  await expect(writeBackup(file, content(), at)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(file)).toEqual(first);
});

test('one that could not be finished leaves no file', async () => {
  await expect(writeBackup(file, content(batches, new Error('gone')), at)).rejects.toThrow('gone');
  await expect(writeBackup(join(folder, 'none', 'x'), content(), at)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readdir(folder)).toEqual([]);
});

test('one that ends too early is refused, wherever it ends', async () => {
  await writeBackup(file, content(), at);
  const whole = await readFile(file);
  const lengths = [0, 1, 9, 10, 100, whole.length >> 1, whole.length - 9, whole.length - 1];
  for (const length of lengths) {
    await writeFile(file, whole.subarray(0, length));
    await expect(readBackup(file)).rejects.toThrow(BackupDamaged);
  }
});

test('one in which any byte has changed is refused, unless it is a bit that says nothing', async () => {
  const written = await writeBackup(
    file,
    content([{ table: 'accounts', columns: ['id'], rows: [['anna'], ['béla']] }]),
    at,
  );
  const whole = await readFile(file);
  const silent: number[] = [];
  // After gzip's header, whose time and system nobody reads (RFC 1952, 2.3).
  for (let place = 10; place < whole.length; place++) {
    const changed = Buffer.from(whole);
    changed[place]! ^= 0x10;
    await writeFile(file, changed);
    const outcome = await readBackup(file).catch((fault: unknown) => fault);
    if (outcome instanceof BackupDamaged) continue;
    expect(outcome).toMatchObject({ sha256: written.sha256 });
    silent.push(place);
  }
  // The last block of deflate ends within a byte.
  expect(silent.length).toBeLessThanOrEqual(1);
});

test('one whose lines were changed and packed again is refused', async () => {
  await writeBackup(file, content(), at);
  const lines = gunzipSync(await readFile(file))
    .toString()
    .split('\n');
  const end = lines.length - 2;
  const changes: string[][] = [
    lines.map((line) => line.replace('anna', 'anne')),
    lines.toSpliced(2, 1),
    lines.toSpliced(2, 0, lines[2]!),
    lines.toSpliced(2, 2, lines[3]!, lines[2]!),
    lines.toSpliced(end, 1),
    lines.toSpliced(end, 0, lines[end]!),
    [...lines.slice(0, -1), '[1]', ''],
    lines.toSpliced(2, 0, '[1,2]'),
    lines.toSpliced(2, 0, 'null'),
    lines.toSpliced(2, 0, 'DROP TABLE'),
    lines.toSpliced(0, 1),
    lines.slice(0, -1),
    ['{"format":"kapu-records-2"}', ''],
  ];
  for (const changed of changes) {
    await writeFile(file, gzipSync(changed.join('\n')));
    await expect(readBackup(file)).rejects.toThrow(BackupDamaged);
  }
  await writeFile(file, gzipSync(lines.join('\n')));
  expect((await readBackup(file)).schema).toBe('0004-alias-uses');
});

test("what is no backup at all is refused; what cannot be read is the system's fault", async () => {
  for (const other of ['', 'Dear diary', gzipSync('Dear diary\n'), gzipSync('{}\n'), gzipSync('x'.repeat(1 << 20))]) {
    await writeFile(file, other);
    await expect(readBackup(file)).rejects.toThrow(BackupDamaged);
  }
  await expect(readBackup(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readBackup(folder)).rejects.toMatchObject({ code: 'EISDIR' });
});

test('one that changes between the two readings is found out at the end of the second', async () => {
  await writeBackup(file, content(), at);
  const { batches: read } = await readBackup(file);
  await rm(file);
  await writeBackup(file, content(batches.slice(0, 2)), at);
  await chmod(file, 0o600);
  await expect(gathered(read)).rejects.toThrow(BackupDamaged);
});
