/** A person's phone, for tests: an authenticator app with the key of one account, written from RFC 6238 and not with Kapu's library. */

import { createHmac } from 'node:crypto';

/** Bytes of base32 (RFC 4648, 6). */
function bytesOf(base32: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...base32].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** What an app with `key` shows at `at`, or so many steps of 30 seconds later: RFC 4226, 5.3 and RFC 6238, 4. */
export function codeAt(key: string, at: Date, later = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 30_000) + later));
  const digest = createHmac('sha1', bytesOf(key)).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1)! & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
