/** What every command shares: the terminal it speaks to, how it refuses, and records that are fit to work with. */

import type { Settings } from '../../config/settings.ts';
import type { Records } from '../records/records.ts';
import { openRecords } from '../stores.ts';

/** Where a command reads and writes. Tests hand in their own. */
export interface Terminal {
  /** One line, or several, to standard output: what was asked for. */
  out(text: string): void;
  /** One line, or several, to standard error: remarks. */
  err(text: string): void;
  /** Everything on standard input; a person at a terminal is asked with `prompt`, and what is typed is not shown. */
  read(prompt: string): Promise<string>;
  /** Standard input as it comes, for what may be more than memory holds. Missing: `read` gives all of it. */
  input?(): AsyncIterable<Uint8Array>;
}

/** A command cannot do what it was told. `message` says why in one line, `hint` what to do. */
export class Refused extends Error {
  override name = 'Refused';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** What was told makes no sense, whatever the state of things: wrong usage. */
export class Misused extends Refused {
  override name = 'Misused';
}

/** Runs `work` with the records of `settings`, then closes them. Throws Refused when their schema cannot be worked with. */
export async function withRecords<T>(settings: Settings, work: (records: Records) => Promise<T>): Promise<T> {
  const records = await openRecords(settings);
  try {
    await requireSchema(records);
    return await work(records);
  } finally {
    await records.end();
  }
}

/**
 * Throws Refused when the schema is older than this version needs. A newer one is fine: migrations expand before they
 * contract, so that the version before can run beside the next.
 */
async function requireSchema(records: Pick<Records, 'schema'>): Promise<void> {
  const { state, found, needed } = await records.schema();
  if (state === 'empty') throw new Refused('the database is empty', 'make its tables: `kapu migrate`');
  if (state === 'behind') {
    throw new Refused(
      `the database is at ${found}, this version needs ${needed}`,
      'bring it up to date: `kapu migrate`',
    );
  }
}

/** Rows as aligned columns, the first row as their heads. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
