/**
 * Codes that are long and kept on paper: made, written and read. One is 80 bits from a CSPRNG in Crockford's base 32, which has no I,
 * L, O and U, so that what is printed can be read in one way only. Nobody guesses one.
 */

import { randomInt } from 'node:crypto';

/** Five bits each. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 16;

/** A new code, plainly. */
export const newCode = (): string => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

/** As it is printed: ABCD-EFGH-JKMN-PQRS. */
export const written = (code: string): string => (code.match(/.{4}/g) ?? []).join('-');

/**
 * The code that a person typed or pasted: in capitals or not, with spaces, hyphens and dots of any script where they like, and with a
 * letter that looks like a digit for that digit. Undefined when it cannot be a code.
 */
export function codeOf(typed: string): string | undefined {
  const plain = typed
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}\p{Cf}.]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return plain.length === length && [...plain].every((character) => alphabet.includes(character)) ? plain : undefined;
}
