/** The codes of an authenticator app: RFC 6238's own values, drift, and the address that hands the key over. */

import { describe, expect, test } from '@jest/globals';
import { newKey, setupAddress, stepOf } from '../../interactions/methods/totp/app.ts';
import { codeAt } from './app.ts';

/** '12345678901234567890' in base32: the key of RFC 6238, appendix B. */
const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

// The last six of the eight digits of the appendix.
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('at %i seconds the code is %s (RFC 6238, appendix B)', async (seconds, code) => {
  const at = new Date(seconds * 1000);
  expect(await stepOf(key, code, at)).toBe(Math.floor(seconds / 30));
  expect(codeAt(key, at)).toBe(code);
});

describe('a code counts', () => {
  const at = new Date(1_764_000_015_000);
  const now = Math.floor(at.getTime() / 30_000);
  test.each([
    [-2, undefined],
    [-1, now - 1],
    [0, now],
    [1, now + 1],
    [2, undefined],
  ])('%i steps away: %p', async (later, step) => {
    expect(await stepOf(key, codeAt(key, at, later), at)).toBe(step);
  });

  test('for the whole of its step and of the two beside it, to the second', async () => {
    const code = codeAt(key, at);
    const start = now * 30;
    const within = async (second: number) => (await stepOf(key, code, new Date(second * 1000))) !== undefined;
    expect(await Promise.all([start - 31, start - 30, start, start + 59, start + 60].map(within))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

test('a new key has 160 bits, and no two are alike', () => {
  const keys = Array.from({ length: 50 }, newKey);
  expect(new Set(keys).size).toBe(50);
  for (const each of keys) expect(each).toMatch(/^[A-Z2-7]{32}$/);
});

test('the address names deployment and person, without a colon in either, and nothing that is as everywhere', () => {
  const address = setupAddress({ issuer: 'Minta: Ügyfélkapu', username: 'anna:kiss' }, key);
  expect(decodeURIComponent(address)).toBe(
    `otpauth://totp/Minta  Ügyfélkapu:anna kiss?secret=${key}&issuer=Minta  Ügyfélkapu`,
  );
});
