/**
 * Passwords that a guesser tries first: those of the list, those that are little more than one of the list, and those
 * that repeat a short piece or run along the keyboard. Pure; the list is handed in.
 *
 * The password is judged as a whole (NIST SP 800-63B-4, 3.1.1.2): a common word somewhere in it is no reason to refuse it.
 */

import { folded, lengthOf, ownLength, readings } from './spelling.ts';

/** Whether a text is in the list of common passwords. */
export type Listed = (text: string) => boolean;

/** Why `password` is easily guessed, undefined when nothing here says so. */
export function guessable(password: string, listed: Listed): 'common' | 'pattern' | undefined {
  const plain = folded(password);
  if (listed(password) || decorated(plain, listed)) return 'common';
  if (runsAlongARow(plain) || repeats(plain, listed)) return 'pattern';
  return undefined;
}

/** Shorter words are no words: 'abc' and nine digits are as good as nine digits. */
const shortestWord = 4;

/**
 * A listed word in other letters ('p4ssw0rd'), or with digits and signs around it ('dragon2026!') that are
 * fewer than a password needs, or that are easily guessed themselves.
 */
function decorated(plain: string, listed: Listed): boolean {
  const head = /^[^\p{L}]*/u.exec(plain)![0];
  const tail = head === plain ? '' : trailing(plain);
  const bare = plain.replace(/^[^\p{L}\p{N}]+/u, '');
  const words = [
    { word: plain, around: '' },
    { word: withoutEnd(bare, /[\p{L}\p{N}]/u), around: '' },
    { word: plain.slice(head.length), around: head },
    { word: plain.slice(0, plain.length - tail.length), around: tail },
    { word: plain.slice(head.length, plain.length - tail.length), around: head + tail },
  ];
  return words.some(
    ({ word, around }) =>
      lengthOf(word) >= shortestWord &&
      lengthOf(plain) - lengthOf(word) < (around ? Number.POSITIVE_INFINITY : ownLength) &&
      readings(word).some(listed) &&
      (lengthOf(around) < ownLength || guessable(around, listed) !== undefined),
  );
}

/** Everything behind the last letter. */
function trailing(text: string): string {
  return text.slice(withoutEnd(text, /\p{L}/u).length);
}

/** Up to the last character that is one of `wanted`. From the end, because a pattern would try every beginning. */
function withoutEnd(text: string, wanted: RegExp): string {
  const characters = [...text];
  return characters.slice(0, characters.findLastIndex((char) => wanted.test(char)) + 1).join('');
}

/** Digits, the alphabet, and the rows of English and Hungarian keyboards one after another. */
const rows = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'qwertzuiopouasdfghjkleauiyxcvbnm',
].flatMap((row) => [row, [...row].reverse().join('')]);

function runsAlongARow(plain: string): boolean {
  return rows.some((row) => row.repeat(Math.ceil(plain.length / row.length) + 1).includes(plain));
}

/** A piece over and over, the last time perhaps cut short: too short to be a password, or one that is easily guessed. */
function repeats(plain: string, listed: Listed): boolean {
  const piece = plain.slice(0, period(plain));
  if (piece.length * 2 > plain.length) return false;
  return lengthOf(piece) < ownLength || guessable(piece, listed) !== undefined;
}

/** Length of the shortest piece whose repetition begins with `text`, by the failure function of Knuth, Morris and Pratt. */
function period(text: string): number {
  const borders = [0];
  for (let at = 1, border = 0; at < text.length; at++) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1]!;
    if (text[at] === text[border]) border++;
    borders.push(border);
  }
  return text.length - (borders.at(-1) ?? 0);
}
