/**
 * Passwords: hashing and checking them by argon2id, keyed with a pepper, behind a bounded queue. This folder knows
 * nothing of accounts, stores or pages; who may try, and how often, is the throttle's.
 *
 * A stored hash is `<pepper id>:<PHC string>`, for example
 * `p1:$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. The pepper is argon2's secret input (RFC 9106, 3.1), so it can
 * be neither read from the hash nor checked without it, and its id says which of the configured ones was used.
 */

import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import type { Settings } from '../../config/settings.ts';
import { createQueue, type Queue, type QueueLoad } from './queue.ts';

export type HashOutcome = { outcome: 'hashed'; hash: string } | Busy;

export type VerifyOutcome =
  /** `rehash`: it was hashed with other parameters or another pepper than today's; hash it again and store that. */
  { outcome: 'right'; rehash?: boolean } | { outcome: 'wrong' } | Busy;

/** Too much to hash at the moment; nothing was compared. `retryAfter` is in whole seconds. */
export type Busy = { outcome: 'busy'; retryAfter: number };

export interface Passwords {
  /** Hashes a password for storing. Throws RangeError past `maxPasswordLength`: whoever sets passwords checks that. */
  hash(password: string): Promise<HashOutcome>;
  /**
   * Compares `password` with a stored hash. Every call costs one hash, also when there is no account (`stored` is
   * undefined) or the password is too long, so that time does not tell (ASVS 6.3.8).
   * With 'first' it is before all others in the queue.
   * Throws when `stored` is not a hash of ours, or its pepper is not configured.
   */
  verify(stored: string | undefined, password: string, turn?: 'first'): Promise<VerifyOutcome>;
  load(): QueueLoad;
}

/** The functions of argon2 that are used; tests count their calls. */
export type Argon2 = Pick<typeof argon2, 'hash' | 'verify' | 'needsRehash'>;

export interface PasswordsOptions {
  settings: Pick<
    Settings['password'],
    'timeCost' | 'memoryCost' | 'parallelism' | 'atOnce' | 'queue' | 'queuePatience'
  >;
  /** The first hashes, all verify. */
  peppers: Settings['secrets']['peppers'];
  /** Cores of the machine: as many hashes at once where the setting says 0. */
  cores: number;
  /** Where hashes wait for their turn; otherwise a queue of its own, as the settings bound it. */
  queue?: Queue;
  now: () => Date;
  argon?: Argon2;
}

/** UTF-16 code units. NIST SP 800-63B-4, 3.1.1.2 wants 64 at least; the bound keeps a megabyte out of the hash. */
export const maxPasswordLength = 1024;

/** Hashing under `peppers`, of which there must be one. Nothing is hashed yet. */
export function createPasswords(options: PasswordsOptions): Passwords {
  const { settings, peppers, cores, now, argon = argon2 } = options;
  const [first] = peppers;
  if (!first) throw new Error('secrets.peppers is empty: passwords cannot be hashed');
  const secrets = new Map(peppers.map(({ id, key }) => [id, Buffer.from(key)]));
  const cost = { timeCost: settings.timeCost, memoryCost: settings.memoryCost, parallelism: settings.parallelism };
  const dummy = `${first.id}:${hashOfNothing(cost)}`;
  const { atOnce, queue: length, queuePatience: patience } = settings;
  const queue = options.queue ?? createQueue({ atOnce: atOnce || cores, length, patience, now });

  /** The parts of a stored hash. */
  function read(stored: string): { phc: string; pepper: string; secret: Buffer } {
    const [, pepper, phc] = /^([^:]+):(\$argon2id\$.+)$/.exec(stored) ?? [];
    if (!pepper || !phc) throw new Error('a stored password hash is not of the form <pepper id>:$argon2id$...');
    const secret = secrets.get(pepper);
    if (!secret) {
      const known = [...secrets.keys()].join(', ');
      throw new Error(
        `a stored password was hashed with the pepper '${pepper}', which secrets.peppers does not have (it has ${known}): put it back, after the first`,
      );
    }
    return { phc, pepper, secret };
  }

  return {
    async hash(password) {
      if (password.length > maxPasswordLength)
        throw new RangeError(`a password has ${maxPasswordLength} characters at most`);
      const keyed = { ...cost, secret: secrets.get(first.id)! };
      const run = await queue.run(() => argon.hash(normalised(password), keyed));
      return run.outcome === 'busy' ? run : { outcome: 'hashed', hash: `${first.id}:${run.value}` };
    },

    async verify(stored, password, turn) {
      const tooLong = password.length > maxPasswordLength;
      const { phc, pepper, secret } = read(stored ?? dummy);
      // A password too long to be anyone's is not cut short, which would make it another password; an empty one is
      // hashed in its place, at the usual cost, and the answer is wrong whatever comes out.
      const work = () => argon.verify(phc, tooLong ? '' : normalised(password), { secret });
      const run = await queue.run(work, turn);
      if (run.outcome === 'busy') return run;
      if (!run.value || tooLong || stored === undefined) return { outcome: 'wrong' };
      // Not only when the setting has risen: a hash that costs more than today's would show by its time.
      const rehash = pepper !== first.id || argon.needsRehash(phc, cost);
      return rehash ? { outcome: 'right', rehash } : { outcome: 'right' };
    },

    load: queue.load,
  };
}

/**
 * The threads that libuv needs for `UV_THREADPOOL_SIZE`, which must be in the environment before the process starts:
 * one for each hash at once, and four beside them, libuv's own default, for files, names and signing. Hashes at once
 * that fill the pool make everything else wait behind them.
 */
export function threadsNeeded(settings: Pick<Settings['password'], 'atOnce'>, cores: number): number {
  return (settings.atOnce || cores) + 4;
}

/** The same characters, however a keyboard composes them: RFC 8265, 4.2.2 and NIST SP 800-63B-4, 3.1.1.2. */
function normalised(password: string): string {
  return password.normalize('NFC');
}

/** A well-formed hash that no password is known for, at the given cost. Making it takes no hashing. */
function hashOfNothing({
  memoryCost,
  timeCost,
  parallelism,
}: {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}): string {
  const base64 = (length: number) => randomBytes(length).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(16)}$${base64(32)}`;
}
