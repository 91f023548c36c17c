/**
 * The search for secrets in what a server has logged and in its audit (docs/design.md, section 7, rule 9; ASVS 16.2.5). Whoever starts
 * a server in a test has it searched when it ends. How much was searched is noted for scan-reporter.ts.
 */

import { appendFileSync } from 'node:fs';
import type { Settings } from '../../config/settings.ts';
import type { Records } from '../../src/records/records.ts';
import { type Kind, type Leak, type Secrets, seen } from './secrets.ts';

/** Where jest's main process tells its workers the file for notes. */
export const notesVariable = 'KAPU_TEST_SCANS';

/** A line of the notes. */
export type Note =
  | { what: 'started'; server: string }
  | { what: 'scanned'; server: string; lines: number; entries: number; secrets: Record<Kind, number> };

/** Notes that something was started that has to be scanned when it ends. */
export function noteStart(server: string): void {
  note({ what: 'started', server });
}

function note(each: Note): void {
  const file = process.env[notesVariable];
  if (file) appendFileSync(file, `${JSON.stringify(each)}\n`);
}

/** The lines that hold a secret. */
export function leaksIn(lines: readonly string[], secrets: Secrets = seen): Leak[] {
  return lines.flatMap((line) => secrets.leakIn(line) ?? []);
}

/** All of the audit, an entry a line. */
export async function auditLines(records: Pick<Records, 'audit'>): Promise<string[]> {
  const lines: string[] = [];
  for (let after: number | undefined; ; ) {
    const page = await records.audit.page({ ...(after !== undefined && { after }), limit: 1000 });
    // Its hash is a long word of letters and digits that nobody chose.
    for (const { chain: _, ...entry } of page) lines.push(JSON.stringify(entry));
    after = page.at(-1)?.id;
    if (page.length < 1000) return lines;
  }
}

/** Adds what the stores hold of secrets in clear: the addresses of people, and the secrets of clients. */
export async function addKept({ accounts, clients }: Pick<Records, 'accounts' | 'clients'>): Promise<void> {
  for (const { email } of await accounts.list({ limit: 1000 })) seen.add('address', email);
  for (const { metadata } of await clients.list()) seen.add('client secret', metadata.client_secret as string);
}

/** Adds the secrets of the settings, and the private parts of what the keys file holds. */
export function addKeys({ secrets }: Pick<Settings, 'secrets'>, keysFile: string): void {
  const { peppers, pairwiseSalt, ...lists } = secrets;
  const shared = [...peppers.map(({ key }) => key), pairwiseSalt, ...Object.values(lists).flat()];
  const own = [...keysFile.matchAll(/"d": ?"([^"]+)"/g)].map(([, d]) => d);
  for (const key of [...shared, ...own]) seen.add('key', key);
}

/** Searches them, and notes it. Throws when a line holds a secret, with the line and the secret masked. */
export function scan(server: string, log: readonly string[], audit: readonly string[]): void {
  note({ what: 'scanned', server, lines: log.length, entries: audit.length, secrets: seen.count() });
  const told = [...leaksIn(log).map(inWords('log')), ...leaksIn(audit).map(inWords('audit'))];
  if (told.length > 0) throw new Error(`${server} has written secrets:\n${told.slice(0, 10).join('\n')}`);
}

const inWords =
  (where: string) =>
  ({ kind, masked }: Leak) =>
    `  ${where}, ${kind}: ${masked.slice(0, 500)}`;
