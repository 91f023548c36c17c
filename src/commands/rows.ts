/**
 * The rows of a file that accounts come from, one after the other, however many there are: CSV with a head (RFC 4180) or lines of
 * JSON. This file knows what such a file looks like; what the rows say is for its caller to judge.
 */

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { type CsvError, parse } from 'csv-parse';
import { Refused } from './command.ts';

export type Format = 'csv' | 'jsonl';

/** `line` is the one that the row ends at, from 1. `problem` holds nothing of the row. */
export type Read = { line: number } & ({ row: Record<string, unknown> } | { problem: string });

/** Whatever comes in pieces: a file, the standard input. */
export type Source = AsyncIterable<Uint8Array | string>;

/** Characters of a row. No row of ours is so long: a quote has been left open, or it is no such file. */
const longest = 64 * 1024;

/** Rows that cannot be read until the next one that can. Past so many it is no such file, and they are not kept. */
const mostFaulty = 10_000;

/** The format that a file's name tells. */
export function formatOf(file: string): Format | undefined {
  if (/\.csv$/i.test(file)) return 'csv';
  return /\.(jsonl|ndjson)$/i.test(file) ? 'jsonl' : undefined;
}

/**
 * The rows of `source`, and at the end what its bytes hash to (SHA-256, hexadecimal). Throws Refused where it cannot be read on: no
 * head, a column that is not among `columns`, a quote without an end, too many rows in a row that are none.
 */
export async function* rowsOf(
  source: Source,
  { format, columns, separator }: { format: Format; columns: readonly string[]; separator: string },
): AsyncGenerator<Read, string> {
  const hash = createHash('sha256');
  const bytes = hashed(source, (piece) => hash.update(piece));
  yield* format === 'csv' ? csv(bytes, columns, separator) : jsonLines(bytes, columns);
  return hash.digest('hex');
}

async function* hashed(source: Source, update: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    update(bytes);
    yield bytes;
  }
}

async function* csv(
  bytes: AsyncIterable<Uint8Array>,
  columns: readonly string[],
  separator: string,
): AsyncGenerator<Read> {
  const faulty: Read[] = [];
  const parser = parse({
    bom: true,
    delimiter: separator,
    columns: (head: string[]) => columnsOf(head, columns, separator),
    info: true,
    max_record_size: longest,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip(fault) {
      const { code, lines } = fault as CsvError & { lines: number };
      const cells = String(code).startsWith('CSV_RECORD_INCONSISTENT');
      const problem = cells
        ? 'there are not as many cells as in the head'
        : 'this is no row of CSV: look at its quotes';
      if (faulty.length === mostFaulty) throw new Refused(`${mostFaulty} rows in a row are none`, tellSeparator);
      faulty.push({ line: lines, problem });
      return undefined;
    },
  });
  const fed = pipeline(bytes, parser);
  // It fails by the loop below as well.
  fed.catch(() => {});
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      yield* faulty.splice(0);
      yield { line: info.lines, row: withoutEmpty(record) };
    }
    await fed;
    yield* faulty;
  } catch (fault) {
    yield* faulty;
    const { code, lines } = fault as CsvError & { lines?: number };
    if (code === 'CSV_MAX_RECORD_SIZE' || code === 'CSV_QUOTE_NOT_CLOSED')
      throw new Refused(`a row before line ${(lines ?? 0) + 1} has no end`, 'look for a quote that is left open');
    throw fault;
  }
}

const tellSeparator = "say by what columns are separated: --separator ';'";

/** The columns that the head names, by our names for them. */
function columnsOf(head: readonly string[], columns: readonly string[], separator: string): string[] {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, '');
  const named = head.map((cell) => columns.find((name) => plain(name) === plain(cell)));
  const known = `the first line names the columns: ${columns.join(', ')}`;
  if (head.length === 1 && separator === ',' && head[0]!.includes(';'))
    throw new Refused('the columns are not separated by commas', tellSeparator);
  const unknown = named.indexOf(undefined);
  if (unknown >= 0) throw new Refused(`column ${unknown + 1} is none that an account has`, known);
  if (new Set(named).size < named.length) throw new Refused('a column is there twice', known);
  if (!named.includes(columns[0])) throw new Refused(`there is no column '${columns[0]}'`, known);
  return named as string[];
}

/** An empty cell says nothing. */
function withoutEmpty(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([, cell]) => cell.trim() !== ''));
}

async function* jsonLines(bytes: AsyncIterable<Uint8Array>, columns: readonly string[]): AsyncGenerator<Read> {
  let line = 0;
  for await (const text of lines(bytes)) {
    line += 1;
    if (text === undefined) yield { line, problem: 'this line is too long' };
    else if (text.trim() !== '') yield { line, ...rowIn(text, columns) };
  }
}

function rowIn(text: string, columns: readonly string[]): { row: Record<string, unknown> } | { problem: string } {
  try {
    const row = JSON.parse(text);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return { problem: 'this is no JSON object' };
    if (Object.keys(row).some((name) => !columns.includes(name)))
      return { problem: `there is a member that is none of ${columns.join(', ')}` };
    return { row };
  } catch {
    return { problem: 'this is no JSON' };
  }
}

/** Lines of text; undefined for one that is too long to be a row, which is passed over. */
async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let over = false;
  for await (const piece of bytes) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      yield over || part.length > longest ? undefined : part;
      over = false;
    }
    if (rest.length > longest) {
      over = true;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (over) yield undefined;
  else if (rest !== '') yield rest;
}
