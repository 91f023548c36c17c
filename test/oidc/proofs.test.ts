import { expect, test } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { dpop } from '../../src/oidc/clients/signed.ts';

const now = new Date('2026-11-23T12:00:00Z');
const seconds = now.getTime() / 1000;
const asked = (proof: string) =>
  dpop('a secret', false, () => now).requireNonce({ get: () => proof } as unknown as KoaContextWithOIDC);
const proof = (payload: string | Buffer) => `e30.${Buffer.from(payload).toString('base64url')}.c2ln`;

test.each([
  ['10 s ahead', proof(`{"iat":${seconds + 10}}`), false],
  ['11 s ahead', proof(`{"iat":${seconds + 11}}`), true],
  // The library reads past a byte order mark, so it must not hide the time from us.
  ['11 s ahead, behind a byte order mark', proof(`\uFEFF{"iat":${seconds + 11}}`), true],
  ['11 s ahead, with another before it', proof(`{"iat":1,"iat":${seconds + 11}}`), true],
  ['not JSON', proof('nonsense'), true],
  ['not UTF-8', proof(Buffer.from([0x7b, 0xff, 0x7d])), true],
  ['no object', proof('null'), true],
  ['no JWT', 'nonsense', true],
  ['two at once', `${proof('{}')}, ${proof('{}')}`, true],
])('RFC 9449, 11.1: a proof that is %s', (_what, text, isRefused) => {
  if (isRefused) expect(() => asked(text)).toThrow(expect.objectContaining({ error: 'invalid_dpop_proof' }));
  else expect(asked(text)).toBe(false);
});
