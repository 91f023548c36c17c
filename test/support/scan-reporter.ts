/**
 * Sums up, at the end of a run of jest, what was searched for secrets (scan.ts): so that a search of nothing is seen, and a server
 * that was started and never searched fails the run.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Note, notesVariable } from './scan.ts';
import { kinds } from './secrets.ts';

/** What the notes come to: words for the reader, and what is wrong. */
export function summary(notes: readonly Note[], wholeRun: boolean): { words: string; wrong: string[] } {
  const scanned = notes.filter((note) => note.what === 'scanned');
  const open = new Map<string, number>();
  for (const { what, server } of notes) open.set(server, (open.get(server) ?? 0) + (what === 'started' ? 1 : -1));
  const sum = (count: (note: (typeof scanned)[number]) => number) => scanned.map(count).reduce((a, b) => a + b, 0);
  const lines = sum((note) => note.lines);
  const entries = sum((note) => note.entries);
  const counts = kinds.map((kind) => [kind, sum((note) => note.secrets[kind])] as const);
  const told = counts.map(([kind, count]) => `${kind} ${count}`).join(', ');
  return {
    words: `Searched for secrets: ${scanned.length} servers, ${lines} lines of log, ${entries} entries of the audit.\nLooked for: ${told}.`,
    wrong: [
      ...[...open].filter(([, more]) => more > 0).map(([server]) => `${server} was never searched: was it stopped?`),
      ...(wholeRun ? counts.filter(([, count]) => count === 0).map(([kind]) => `no ${kind} was looked for`) : []),
      ...(wholeRun && (lines === 0 || entries === 0) ? ['nothing was searched'] : []),
    ],
  };
}

export default class ScanReporter {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kapu-scans-'));
  readonly #wholeRun: boolean;
  #wrong: string[] = [];

  constructor({ testPathPatterns }: { testPathPatterns: { patterns: string[] } }) {
    this.#wholeRun = testPathPatterns.patterns.length === 0;
    process.env[notesVariable] = join(this.#folder, 'notes');
  }

  onRunComplete(): void {
    const file = join(this.#folder, 'notes');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    rmSync(this.#folder, { recursive: true });
    const notes = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Note);
    if (notes.length === 0 && !this.#wholeRun) return;
    const { words, wrong } = summary(notes, this.#wholeRun);
    this.#wrong = wrong;
    process.stdout.write(`\n${[words, ...wrong].join('\n')}\n`);
  }

  /** Whatever it gives fails the run. */
  getLastError(): Error | undefined {
    return this.#wrong.length > 0 ? new Error(this.#wrong.join('\n')) : undefined;
  }
}
