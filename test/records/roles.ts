/** The statements that docs/operating.md gives for roles, so that what operators are told is what is tried. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is to be run before the first migration, and after it, in the database `name`; passwords left out. */
export function roleStatements(name: string): [before: string, after: string] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operating.md'), 'utf8');
  const [before, after] = [...text.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, statements]) => statements!);
  if (!before || !after) throw new Error('docs/operating.md names no statements for roles');
  return [before.replaceAll('DATABASE kapu', `DATABASE ${name}`).replaceAll(" PASSWORD '…'", ''), after];
}
