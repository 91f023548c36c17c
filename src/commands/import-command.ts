/** `kapu account import` as it is typed: opens the file, the folder of letters and the report, and leaves the rest to import.ts. */

import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { ActivationCodes, Handing } from '../../interactions/activate/code.ts';
import { type LetterFacts, lettersIn } from '../../interactions/activate/letters.ts';
import { oneLine } from '../../interactions/plain-words.ts';
import type { Records } from '../records/records.ts';
import type { Vault } from '../vault.ts';
import { Misused, Refused, type Terminal } from './command.ts';
import { importAccounts } from './import.ts';
import type { RefusedRow } from './import-row.ts';
import { type Format, formatOf, type Source } from './rows.ts';

export interface ImportCommandOptions {
  format?: Format;
  separator: string;
  locale: string;
  activation?: Handing;
  letters?: string;
  report?: string;
  dryRun?: boolean;
}

export interface ImportCommandEffects {
  records: Pick<Records, 'accounts' | 'audit'>;
  codes: ActivationCodes;
  vault: Pick<Vault, 'seal'>;
  letterFacts: LetterFacts;
  terminal: Terminal;
  now: () => Date;
}

/** Refused rows that are printed where there is no file for them. */
const printed = 20;

/** Imports `file`, '-' for standard input; true when no row was refused. Throws Refused. */
export async function importFile(
  file: string,
  { letters: folder, report: reportFile, ...options }: ImportCommandOptions,
  { letterFacts, ...effects }: ImportCommandEffects,
): Promise<boolean> {
  const { terminal } = effects;
  const { activation, dryRun } = options;
  const format = options.format ?? formatOf(file);
  if (!format) throw new Misused(`it is not said what '${file}' is`, 'add --format csv or --format jsonl');
  if (activation === 'letter' && folder === undefined)
    throw new Misused('there is no folder for the letters', 'add --letters FOLDER');
  if (activation !== 'letter' && folder !== undefined)
    throw new Misused('letters are for codes that go by letter', 'add --activation letter');
  // What a row needs is of no use a moment later. V8 would let such rubbish grow to twice the memory of all else.
  setFlagsFromString('--semi-space-growth-factor=1');
  const source: Source = file === '-' ? inputOf(terminal) : createReadStream(file);
  const report = await openReport(reportFile, terminal);
  try {
    const letters = folder === undefined || dryRun ? undefined : await lettersIn(folder, letterFacts);
    const counts = await importAccounts(source, { ...options, format }, { ...effects, letters, report: report.add });
    return counts.refused === 0;
  } catch (fault) {
    const { code, syscall } = fault as NodeJS.ErrnoException;
    if (syscall) throw new Refused(`a file cannot be read or written (${code})`, 'check paths, permissions and space');
    throw fault;
  } finally {
    await report.end();
  }
}

const inputOf = (terminal: Terminal): Source => terminal.input?.() ?? typed(terminal);

async function* typed(terminal: Terminal): AsyncGenerator<string> {
  yield await terminal.read('');
}

/** Where refused rows are written: to a file of CSV, readable by its owner alone, or the first of them to the terminal. */
async function openReport(file: string | undefined, terminal: Terminal) {
  let count = 0;
  const handle: FileHandle | undefined = file === undefined ? undefined : await create(file);
  await handle?.write('line,username,reason\r\n');
  return {
    async add({ line, username, reason }: RefusedRow) {
      count += 1;
      if (handle) await handle.write(`${[line, username, reason].map(cell).join()}\r\n`);
      else if (count <= printed) terminal.err(`line ${line}${username && ` '${oneLine(username)}'`}: ${reason}`);
    },
    async end() {
      if (!handle && count > printed) terminal.err(`… and ${count - printed} more: --report FILE takes them all`);
      await handle?.close();
    },
  };
}

async function create(file: string): Promise<FileHandle> {
  return open(file, 'wx', 0o600).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Refused(`'${file}' cannot be made (${code})`, 'name a file for the report that is not there yet');
  });
}

/** A cell of CSV that no spreadsheet takes for a formula (ASVS 1.2.10). */
function cell(value: string | number): string {
  const text = oneLine(String(value));
  return `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
