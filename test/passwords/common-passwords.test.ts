import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dictionary } from '@zxcvbn-ts/language-common';
import fc from 'fast-check';
import { buildList } from '../../scripts/common-passwords.ts';
import { digestOf, readCommonPasswords, width, writeCommonPasswords } from '../../src/passwords/common-passwords.ts';
import { readList, shippedList } from '../../src/passwords/rules.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

/** Most frequent first. */
const frequent = dictionary['passwords-common'] as readonly string[];

describe('the list that comes with Kapu', () => {
  const shipped = readCommonPasswords(readFileSync(shippedList));

  test('has the 3,000 most frequent that are long enough, and all others (ASVS 6.2.4)', () => {
    const fit = frequent.filter((password) => [...password].length >= 8);
    expect(fit.length).toBeGreaterThan(3_000);
    expect(fit.slice(0, 3_000).filter((password) => !shipped.has(password))).toEqual([]);
    expect(frequent.filter((password) => password.length >= 4 && !shipped.has(password))).toEqual([]);
    expect(shipped.size).toBeGreaterThan(49_000);
  });

  test.each(['jelszó', 'Jelszo', 'ÜGYFÉLKAPU', 'szeretlek', 'hajráfradi'])('has %s', (password) => {
    expect(shipped.has(password)).toBe(true);
  });

  test.each(['', '#', 'kapu-demo-2026', 'correct horse battery staple'])('does not have %j', (password) => {
    expect(shipped.has(password)).toBe(false);
  });

  test('is what its script writes', async () => {
    expect((await buildList()).equals(readFileSync(shippedList))).toBe(true);
  });
});

describe('a list', () => {
  test('finds whatever was put into it', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: width }), (passwords, wide) => {
        const list = readCommonPasswords(
          writeCommonPasswords(
            passwords.map((each) => digestOf(each, wide)),
            wide,
          ),
        );
        expect(passwords.filter((each) => !list.has(each))).toEqual([]);
      }),
    );
  });

  test('finds what is not in it as seldom as it says: once in 2^(8 * width) / entries', () => {
    const wide = 3;
    const passwords = Array.from({ length: 100_000 }, (_, i) => digestOf(`in ${i}`, wide));
    const list = readCommonPasswords(writeCommonPasswords(passwords, wide));
    const asked = 100_000;
    const found = Array.from({ length: asked }, (_, i) => list.has(`out ${i}`)).filter(Boolean).length;
    const expected = (asked * list.size) / 2 ** (8 * wide);
    // Some 600 of them, and the texts are always the same.
    expect(found).toBeGreaterThan(expected * 0.85);
    expect(found).toBeLessThan(expected * 1.15);
  });

  test('holds each once, however its letters are composed', () => {
    const list = readCommonPasswords(writeCommonPasswords([digestOf('\u00d3'), digestOf('O\u0301'), digestOf('x')]));
    expect(list.size).toBe(2);
    expect([list.has('\u00d3'), list.has('O\u0301'), list.has('O')]).toEqual([true, true, false]);
  });

  test('is refused when it is cut short, or no list', () => {
    const whole = writeCommonPasswords([digestOf('one'), digestOf('two')]);
    expect(readCommonPasswords(whole).size).toBe(2);
    for (const bytes of [
      whole.subarray(0, -1),
      whole.subarray(0, 9),
      Buffer.alloc(0),
      Buffer.from('password\n'.repeat(9)),
    ])
      expect(() => readCommonPasswords(bytes)).toThrow(/list of common passwords/);
  });
});

describe("an operator's own", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kapu-list-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('adds passwords and digests of breached ones to it', async () => {
    const [plain, breached, out] = ['plain.txt', 'breached.txt', 'own.bin'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(plain, 'Minta Város 1896\r\n#hashtag12\nbehind the limit\n');
    // 'Correct Horse Battery Staple', in capitals, as Have I Been Pwned gives it.
    await writeFile(
      breached,
      `${sha1('Correct Horse Battery Staple').toUpperCase()}:321\n${sha1('lower case').toLowerCase()}\n`,
    );
    await writeFile(out, await buildList([plain, breached], 2));
    const own = await readList(out);
    for (const password of ['minta varos 1896', '#hashtag12', 'Correct Horse Battery Staple', 'lower case', 'jelszó'])
      expect([password, own.has(password)]).toEqual([password, true]);
    expect(own.has('behind the limit')).toBe(false);
    expect(own.has('correct horse battery staple')).toBe(false);
  });

  test('that is not there is named', async () => {
    await expect(readList(join(folder, 'nothing.bin'))).rejects.toThrow(/nothing\.bin/);
    await expect(buildList([join(folder, 'nothing.txt')])).rejects.toThrow(/nothing\.txt/);
  });
});
