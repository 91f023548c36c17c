/** How texts are spelt alike when passwords are judged. Nothing here touches the password that is hashed. */

/** The least that any password, or what is left of one, needs to stand on its own: ASVS 6.2.1. In characters. */
export const ownLength = 8;

/** Characters as people count them in NIST SP 800-63B-4, 3.1.1.2: Unicode code points, after NFC. */
export function lengthOf(text: string): number {
  return [...text.normalize('NFC')].length;
}

/** Without case, accents and compatibility forms: 'Jelszó' and 'JELSZO' are 'jelszo'. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

const stands: Record<string, string> = { '0': 'o', '3': 'e', '4': 'a', '@': 'a', '5': 's', $: 's', '7': 't' };

/** A folded text as it is, and with digits and signs read as the letters that they stand for: `1` and `!` as i, and as l.
 *  Each has as many characters as the text. */
export function readings(text: string): string[] {
  const read = (one: string) =>
    [...text].map((char) => (char === '1' || char === '!' ? one : (stands[char] ?? char))).join('');
  return [...new Set([text, read('i'), read('l')])];
}
