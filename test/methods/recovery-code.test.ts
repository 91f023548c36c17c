/** The method `recovery-code`: the contract, and what only codes on paper can do wrong (ASVS 6.5.1, 6.5.2). */

import { describe, expect, test } from '@jest/globals';
import { codeOf, hashOf, newCode, written } from '../../interactions/methods/recovery-code/codes.ts';
import { newSet } from '../../interactions/methods/recovery-code/credential.ts';
import { recoveryCode } from '../../interactions/methods/recovery-code/recovery-code.ts';
import { type Driver, methodContract } from './contract.ts';

/** The sheets of people, without what they have crossed out. */
const sheets = new Map<string, string[]>();

const driver: Driver = {
  facts: recoveryCode,
  async setUp({ kapu }, account) {
    const { codes, credentials } = newSet(account, kapu.settings.secrets.credentialKeys);
    for (const credential of credentials) await kapu.records.credentials.add(account.id, credential);
    sheets.set(account.id, codes);
  },
  right: async (_, { id }) => ({ code: written(sheets.get(id)!.shift()!) }),
  wrong: () => ({ code: written(newCode()) }),
  malformed: [{ code: '' }, { code: 'ABCD-EFGH' }, { code: 'ABCD-EFGH-JKMN-PQR!' }],
  limit: 10,
  again: 'refused',
  without: { mailbox: true },
};

methodContract(driver);

describe('a code', () => {
  test('has 80 bits: 16 characters, each of 32 as likely as another', () => {
    const codes = Array.from({ length: 400 }, newCode);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(new Set(codes).size).toBe(400);
    const counts = new Map<string, number>();
    for (const character of codes.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
    // 200 of each are to be expected; one in so many runs that nobody will see it has 100 more or less.
    expect([counts.size, Math.min(...counts.values()) > 100, Math.max(...counts.values()) < 300]).toEqual([
      32,
      true,
      true,
    ]);
  });

  test.each([
    ['abcd-efgh-jkmn-pqrs', 'ABCDEFGHJKMNPQRS'],
    [' ABCD EFGH JKMN PQRS\n', 'ABCDEFGHJKMNPQRS'],
    ['ABCD–EFGH—JKMN\u00a0PQRS', 'ABCDEFGHJKMNPQRS'],
    ['\u200eABCD.EFGH.JKMN.PQRS\u200b', 'ABCDEFGHJKMNPQRS'],
    ['ＡＢＣＤ-EFGH-JKMN-PQRS', 'ABCDEFGHJKMNPQRS'],
    ['oOiI-lL01-0000-0000', '0011110100000000'],
    ['ABCD-EFGH-JKMN-PQR', undefined],
    ['ABCD-EFGH-JKMN-PQRST', undefined],
    ['UBCD-EFGH-JKMN-PQRS', undefined],
    ['ABCD-EFGH-JKMN-PQRÁ', undefined],
    ['', undefined],
  ])('typed as %j is %s', (typed, code) => {
    expect(codeOf(typed)).toBe(code);
  });

  test('is kept as a hash under a key, of one account', () => {
    const code = newCode();
    const hash = hashOf('k'.repeat(32), 'anna', code);
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect(hashOf('k'.repeat(32), 'anna', code)).toBe(hash);
    expect(hashOf('l'.repeat(32), 'anna', code)).not.toBe(hash);
    expect(hashOf('k'.repeat(32), 'john', code)).not.toBe(hash);
  });
});
