/**
 * The list of common and breached passwords: a file of sorted, shortened SHA-1 digests, so that nobody reads passwords in
 * it and a look-up is a binary search in the bytes as they are. `scripts/common-passwords.ts` writes it.
 *
 * SHA-1, because public lists of breached passwords (Have I Been Pwned) come as its digests. It is a key to look up by:
 * nothing rests on its strength, and a shortened one would collide under any name.
 *
 * The file: 'KAPUPW', version 1 and the width of an entry as one byte each, the number of entries as 32 bits, then the
 * entries; all big-endian. A text that is not in the list is found by chance once in 2^(8 * width) / entries look-ups.
 */

import { createHash } from 'node:crypto';
import { folded } from './spelling.ts';

export interface CommonPasswords {
  size: number;
  /** Whether `text` is in the list, as it is or folded. A text that is in it is always found. */
  has(text: string): boolean;
}

const magic = Buffer.from('KAPUPW\u0001', 'latin1');
const headLength = magic.length + 1 + 4;

/** Bytes of an entry; numbers of up to 48 bits are exact. With a million entries, one text in 280 million is found by chance. */
export const width = 6;

/** The list in the bytes of a file. Throws when they are not one: nobody's password is judged by half a list. */
export function readCommonPasswords(bytes: Buffer): CommonPasswords {
  if (bytes.length < headLength || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new Error('not a list of common passwords: write one by scripts/common-passwords.ts');
  }
  const wide = bytes.readUInt8(magic.length);
  const size = bytes.readUInt32BE(magic.length + 1);
  if (wide < 1 || wide > width || bytes.length !== headLength + size * wide) {
    throw new Error(
      'the list of common passwords is cut short or damaged: write it again by scripts/common-passwords.ts',
    );
  }
  const entry = (index: number) => bytes.readUIntBE(headLength + index * wide, wide);

  function holds(digest: number): boolean {
    let [from, to] = [0, size];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const found = entry(middle);
      if (found === digest) return true;
      if (found < digest) from = middle + 1;
      else to = middle;
    }
    return false;
  }
  return { size, has: (text) => holds(digestOf(text, wide)) || holds(digestOf(folded(text), wide)) };
}

/** The bytes of a file with these digests, each once. */
export function writeCommonPasswords(digests: Iterable<number>, wide: number = width): Buffer {
  const sorted = Float64Array.from(new Set(digests)).sort();
  const bytes = Buffer.alloc(headLength + sorted.length * wide);
  magic.copy(bytes);
  bytes.writeUInt8(wide, magic.length);
  bytes.writeUInt32BE(sorted.length, magic.length + 1);
  sorted.forEach((digest, index) => {
    bytes.writeUIntBE(digest, headLength + index * wide, wide);
  });
  return bytes;
}

/** The key of a text: the first `wide` bytes of the SHA-1 of its NFC in UTF-8. */
export function digestOf(text: string, wide: number = width): number {
  return createHash('sha1').update(text.normalize('NFC')).digest().readUIntBE(0, wide);
}

/** The key of a digest that a public list gives as hexadecimal. */
export function digestFrom(hex: string, wide: number = width): number {
  return Number.parseInt(hex.slice(0, wide * 2), 16);
}
