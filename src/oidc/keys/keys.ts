/**
 * The file that holds the signing keys: read whole, written whole, by one writer at a time. Its loss or a half-written
 * file would end every service's trust, so a new file is complete on disk before it takes the old one's name.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { problemsOf } from '../../../config/problems.ts';
import { decryptKey, encryptKey } from './encryption.ts';
import {
  addKey,
  generateKey,
  type KeyAlgorithm,
  KeysRefused,
  keySetSchema,
  missingAlgorithms,
  type SigningKey,
} from './life.ts';

/**
 * The keys in `file`, opened with whichever of `secrets` they are encrypted with. Throws KeysRefused when it is missing,
 * unreadable, not a set of keys, or none of the secrets opens one of them.
 */
export async function readKeys(file: string, secrets: readonly string[] = []): Promise<SigningKey[]> {
  return opened(await readAsWritten(file), secrets);
}

/** The keys as they stand in `file`: of encrypted ones all but the private part. Throws KeysRefused. */
export async function readAsWritten(file: string): Promise<SigningKey[]> {
  const keys = await readIfThere(file);
  if (!keys) throw new KeysRefused(`the keys file '${file}' does not exist`, 'make it: `kapu keys add`');
  return keys;
}

/**
 * Reads the keys (none where the file is missing), changes them, and writes them, all encrypted with the first of `secrets` if
 * there is one: nobody else changes them meanwhile. A `change` that throws changes nothing. Throws KeysRefused like
 * readKeys, and when another change does not end within `lockPatience` milliseconds.
 */
export async function changeKeys(
  file: string,
  change: (keys: SigningKey[]) => SigningKey[] | Promise<SigningKey[]>,
  secrets: readonly string[] = [],
  lockPatience = 5_000,
): Promise<SigningKey[]> {
  await mkdir(dirname(file), { recursive: true });
  const unlock = await lock(file, lockPatience);
  try {
    const keys = await change(await opened((await readIfThere(file)) ?? [], secrets));
    const [first] = secrets;
    await write(file, first === undefined ? keys : await Promise.all(keys.map((key) => encryptKey(key, first))));
    return keys;
  } finally {
    await unlock();
  }
}

/** Makes sure that every algorithm of `wanted` has a key that signs; keys that are there stay. Gives all keys. */
export async function ensureKeys(
  file: string,
  wanted: readonly KeyAlgorithm[],
  now: () => Date,
  secrets: readonly string[] = [],
): Promise<SigningKey[]> {
  const present = await opened((await readIfThere(file)) ?? [], secrets);
  if (missingAlgorithms(present, wanted).length === 0) return present;
  return changeKeys(
    file,
    async (keys) => {
      let all = keys;
      for (const alg of missingAlgorithms(keys, wanted)) all = addKey(all, await generateKey(alg, now()), now());
      return all;
    },
    secrets,
  );
}

function opened(keys: readonly SigningKey[], secrets: readonly string[]): Promise<SigningKey[]> {
  return Promise.all(keys.map((key) => decryptKey(key, secrets)));
}

/** Whether others than the owner may read `file`. */
export async function isExposed(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o077) !== 0;
}

async function readIfThere(file: string): Promise<SigningKey[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new KeysRefused(
      `the keys file '${file}' cannot be read (${code})`,
      'let the user that runs Kapu read it: chown, chmod 600',
    );
  }
  const json = parseJson(text);
  const parsed = keySetSchema.safeParse(json);
  if (parsed.success) return parsed.data.keys;
  const [first] = problemsOf(parsed.error, keySetSchema, json);
  throw new KeysRefused(
    `the keys file '${file}' is broken at ${first?.path || 'its start'}: ${first?.problem}`,
    'bring it back from a backup; it is written by `kapu keys` alone',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function write(file: string, keys: SigningKey[]): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ keys }, null, 2)}\n`);
    await handle.sync();
    await handle.close();
    await rename(draft, file);
  } catch (fault) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw fault;
  }
}

/** Takes the lock beside `file` and gives its release. A file made exclusively is the lock: one maker wins, on every system. */
async function lock(file: string, patience: number): Promise<() => Promise<void>> {
  const path = `${file}.lock`;
  const until = performance.now() + patience;
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return () => rm(path, { force: true });
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
    }
    if (performance.now() > until) {
      throw new KeysRefused(
        `another command is changing '${file}'`,
        `try again; when no other runs, one was cut off: remove '${path}'`,
      );
    }
    await pause(20);
  }
}
