import { beforeEach, describe, expect, test } from '@jest/globals';
import argon2 from 'argon2';
import {
  createPasswords,
  maxPasswordLength,
  type PasswordsOptions,
  threadsNeeded,
} from '../../src/passwords/passwords.ts';

const cheap = { timeCost: 2, memoryCost: 64, parallelism: 1, atOnce: 0, queue: 10, queuePatience: 5 };
const old = { id: 'old', key: 'o'.repeat(32) };
const current = { id: 'p1', key: 'p'.repeat(32) };
const next = { id: 'p2', key: 'n'.repeat(32) };

/** What argon2 was asked to do: one entry a hash that was computed. */
let costs: string[];
const argon: PasswordsOptions['argon'] = {
  hash: ((password: string, options: argon2.Options) => {
    costs.push(`m=${options.memoryCost},t=${options.timeCost},p=${options.parallelism}`);
    return argon2.hash(password, options);
  }) as typeof argon2.hash,
  verify: (digest, password, options) => {
    costs.push(/\$(m=[^$]+)\$/.exec(digest)![1]!);
    return argon2.verify(digest, password, options);
  },
  needsRehash: argon2.needsRehash,
};

function passwords(options: Partial<PasswordsOptions> = {}) {
  return createPasswords({ settings: cheap, peppers: [current], cores: 2, now: () => new Date(), argon, ...options });
}

async function hashed(password: string, options: Partial<PasswordsOptions> = {}): Promise<string> {
  const outcome = await passwords(options).hash(password);
  if (outcome.outcome !== 'hashed') throw new Error(outcome.outcome);
  return outcome.hash;
}

beforeEach(() => {
  costs = [];
});

describe('hashing', () => {
  test('keeps the pepper id beside an argon2id hash with the parameters of the settings', async () => {
    expect(await hashed('kapu-demo-2026')).toMatch(/^p1:\$argon2id\$v=19\$m=64,t=2,p=1\$[^$]+\$[^$]+$/);
  });

  test('the same password hashes to something else each time', async () => {
    expect(await hashed('kapu-demo-2026')).not.toBe(await hashed('kapu-demo-2026'));
  });

  test('a password past the bound is a fault of whoever let it come this far', async () => {
    await expect(passwords().hash('x'.repeat(maxPasswordLength + 1))).rejects.toThrow(RangeError);
  });
});

describe('verifying', () => {
  test('right, wrong, and nothing else', async () => {
    const stored = await hashed('kapu-demo-2026');
    expect(await passwords().verify(stored, 'kapu-demo-2026')).toEqual({ outcome: 'right' });
    expect(await passwords().verify(stored, 'kapu-demo-2027')).toEqual({ outcome: 'wrong' });
    expect(await passwords().verify(stored, '')).toEqual({ outcome: 'wrong' });
  });

  test('takes the password as it is: case, spaces, NUL, emoji, length', async () => {
    for (const password of [' a b ', 'A\0B', '🔑🔑🔑🔑', 'x'.repeat(maxPasswordLength)]) {
      expect(await passwords().verify(await hashed(password), password)).toEqual({ outcome: 'right' });
    }
    expect(await passwords().verify(await hashed('A\0B'), 'A\0C')).toEqual({ outcome: 'wrong' });
    expect(await passwords().verify(await hashed('Abc'), 'abc')).toEqual({ outcome: 'wrong' });
  });

  test('an accent is the same whether the keyboard composes it or not; look-alikes are not', async () => {
    const stored = await hashed('Árvíztűrő'.normalize('NFD'));
    expect(await passwords().verify(stored, 'Árvíztűrő'.normalize('NFC'))).toEqual({ outcome: 'right' });
    expect(await passwords().verify(await hashed('x²'), 'x2')).toEqual({ outcome: 'wrong' });
  });

  test('ASVS 6.3.8: known, unknown and far too long cost one hash each, at the same parameters', async () => {
    const stored = await hashed('kapu-demo-2026');
    costs = [];
    const tooLong = 'kapu-demo-2026'.repeat(100_000);
    expect(await passwords().verify(stored, 'wrong')).toEqual({ outcome: 'wrong' });
    expect(await passwords().verify(undefined, 'wrong')).toEqual({ outcome: 'wrong' });
    expect(await passwords().verify(stored, tooLong)).toEqual({ outcome: 'wrong' });
    expect(await passwords().verify(undefined, tooLong)).toEqual({ outcome: 'wrong' });
    expect(costs).toEqual(Array(4).fill('m=64,t=2,p=1'));
  });

  test('a password too long is wrong even where the empty one would be right', async () => {
    const stored = await hashed('');
    expect(await passwords().verify(stored, 'x'.repeat(maxPasswordLength + 1))).toEqual({ outcome: 'wrong' });
  });
});

describe('settings that change', () => {
  test('other parameters ask for a new hash, when the password is right', async () => {
    const stored = await hashed('kapu-demo-2026');
    for (const settings of [
      { ...cheap, memoryCost: 128 },
      { ...cheap, timeCost: 3 },
      { ...cheap, memoryCost: 32 },
    ]) {
      const changed = passwords({ settings });
      expect(await changed.verify(stored, 'kapu-demo-2026')).toEqual({ outcome: 'right', rehash: true });
      expect(await changed.verify(stored, 'wrong')).toEqual({ outcome: 'wrong' });
    }
  });

  test('a pepper that is not the first still verifies, and asks for a new hash', async () => {
    const stored = await hashed('kapu-demo-2026', { peppers: [current] });
    const rotated = passwords({ peppers: [next, current] });
    expect(await rotated.verify(stored, 'kapu-demo-2026')).toEqual({ outcome: 'right', rehash: true });
    expect(await hashed('kapu-demo-2026', { peppers: [next, current] })).toMatch(/^p2:/);
  });

  test('the hash is worth nothing without its pepper', async () => {
    const stored = await hashed('kapu-demo-2026');
    const guessed = passwords({ peppers: [{ id: 'p1', key: 'q'.repeat(32) }] });
    expect(await guessed.verify(stored, 'kapu-demo-2026')).toEqual({ outcome: 'wrong' });
    await expect(argon2.verify(stored.slice('p1:'.length), 'kapu-demo-2026')).resolves.toBe(false);
  });

  test('a pepper that has gone is a fault that says which one', async () => {
    const stored = await hashed('kapu-demo-2026', { peppers: [old] });
    await expect(passwords().verify(stored, 'kapu-demo-2026')).rejects.toThrow(/'old'.*secrets\.peppers.*it has p1/);
  });

  test('what is not a hash of ours is a fault that does not repeat it', async () => {
    for (const stored of ['', 'secret-in-clear', '$argon2id$v=19$m=64,t=2,p=1$AAAA$AAAA', 'p1:$2b$12$abc']) {
      await expect(passwords().verify(stored, 'x')).rejects.toThrow('not of the form <pepper id>:$argon2id$');
    }
  });
});

describe('under load', () => {
  test('past the bound the answer is busy, with a time to come back', async () => {
    const full = passwords({ settings: { ...cheap, atOnce: 1, queue: 1, queuePatience: 7 } });
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => full.verify(undefined, 'x')));
    expect(outcomes.slice(0, 2)).toEqual([{ outcome: 'wrong' }, { outcome: 'wrong' }]);
    expect(outcomes.slice(2)).toEqual(Array(3).fill({ outcome: 'busy', retryAfter: 7 }));
    expect(full.load()).toEqual({ running: 0, waiting: 0, oldest: 0, refused: 3 });
    expect(costs).toHaveLength(2);
  });

  test('setting passwords stands in the same queue', async () => {
    const full = passwords({ settings: { ...cheap, atOnce: 1, queue: 0 } });
    const outcomes = await Promise.all([full.verify(undefined, 'x'), full.hash('x')]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['wrong', 'busy']);
  });

  test('the thread pool has room beside the hashes', () => {
    expect(threadsNeeded({ atOnce: 0 }, 8)).toBe(12);
    expect(threadsNeeded({ atOnce: 2 }, 8)).toBe(6);
  });
});
