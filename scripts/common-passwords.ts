/**
 * Writes the list of common and breached passwords: what zxcvbn-ts knows (@zxcvbn-ts/language-common, MIT), the Hungarian
 * ones beside this script, and further lists of an operator.
 *
 *   node_modules/.bin/node scripts/common-passwords.ts [--out FILE] [--at-most N] [LIST ...]
 *
 * A LIST has one password a line, or one SHA-1 digest in hexadecimal, with or without ':count', as Have I Been Pwned gives
 * them; most frequent first. Of each the first N lines are taken, 1,000,000 by default: 6 bytes each in the file. Without
 * LIST the file is the one that comes with Kapu, byte for byte.
 */

import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { dictionary } from '@zxcvbn-ts/language-common';
import { digestFrom, digestOf, writeCommonPasswords } from '../src/passwords/common-passwords.ts';
import { shippedList } from '../src/passwords/rules.ts';
import { folded } from '../src/passwords/spelling.ts';

const hungarian = new URL('common-passwords/hungarian.txt', import.meta.url);

/** Shorter ones say nothing of a password that is long enough, not even as a part of it. */
const shortest = 4;

/** The bytes of the list, with the first `atMost` lines of each of `files`. Rejects when a file cannot be read. */
export async function buildList(files: readonly (string | URL)[] = [], atMost = 1_000_000): Promise<Buffer> {
  const digests = new Set<number>();
  const add = (line: string) => {
    if (/^[0-9a-f]{40}(:\d+)?$/i.test(line)) digests.add(digestFrom(line));
    else if (line.length >= shortest) digests.add(digestOf(folded(line)));
  };
  dictionary['passwords-common'].forEach(add);
  // Its own comments are none of the passwords; a list of others has no comments.
  await eachLine(hungarian, Number.POSITIVE_INFINITY, (line) => line.startsWith('#') || add(line));
  for (const file of files) await eachLine(file, atMost, add);
  return writeCommonPasswords(digests);
}

async function eachLine(file: string | URL, atMost: number, take: (line: string) => void): Promise<void> {
  let taken = 0;
  const stream = createReadStream(file);
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (taken++ >= atMost) break;
    take(line);
  }
  stream.destroy();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string', default: fileURLToPath(shippedList) }, 'at-most': { type: 'string' } },
  });
  const atMost = values['at-most'] === undefined ? undefined : Number(values['at-most']);
  if (atMost !== undefined && !(Number.isSafeInteger(atMost) && atMost > 0))
    throw new Error('--at-most takes a number');
  const bytes = await buildList(positionals, atMost);
  await writeFile(values.out, bytes);
  console.log(`${values.out}: ${bytes.length} bytes`);
}
