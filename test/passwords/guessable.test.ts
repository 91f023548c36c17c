import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { guessable } from '../../src/passwords/guessable.ts';

const list = new Set(['dragon', 'password', '12345678', 'iloveyou', 'abc', 'secret', 'ArvizturO']);
const listed = (text: string) => list.has(text);
const because = (password: string) => guessable(password, listed);

describe('common', () => {
  test.each([
    ['password', 'as it is'],
    ['ArvizturO', 'with its own capitals'],
    ['PassWord', 'in capitals'],
    ['pásswörd', 'with accents'],
    ['p4$$w0rd', 'with digits and signs for letters'],
    ['1l0vey0u', 'with 1 for i'],
    ['i!oveyou', 'with ! for l'],
    ['dragon2026!', 'with less than eight behind'],
    ['2026-dragon', 'with less than eight before'],
    ['12-dragon-34', 'with less than eight around'],
    ['**password**', 'between signs'],
    ['99secre7', 'with a digit for its last letter, behind others'],
    ['dr4g0n99', 'with digits for letters, and others behind'],
    ['$3cr3t99', 'with a sign for its first letter'],
    ['dragon12345678', 'with something else that is listed behind'],
    ['--12345678--', 'digits between signs'],
    ['dragon0123456789', 'with a row behind'],
  ])('%s: %s', (password) => {
    expect(because(password)).toBe('common');
  });

  test.each([
    ['dragon83920174', 'eight others are a password themselves'],
    ['correct dragon battery', 'a common word among others'],
    ['dragonfly-in-may', 'a word that begins like one'],
    ['abc8392017', 'three letters are no word'],
    ['quiet river 9 stones', 'none of it'],
    ['+-*/=%!?12345678', 'eight signs beside it'],
  ])('not %s: %s', (password) => {
    expect(because(password)).toBeUndefined();
  });
});

describe('patterns', () => {
  test.each([
    'aaaaaaaaaaaaaaaa',
    'xyzabxyzabxyzabx',
    'kvdmakvdmakvdmak',
    'passwordpassword',
    'dragon1!dragon1!dragon1!',
    '90123456789012345',
    '5432109876543210',
    'abcdefghijklmnopq',
    'ZYXWVUTSRQPONMLK',
    'qwertyuiopasdfgh',
    'qwertzuiopasdfgh',
    'qwertzuiopőúasdfghjkléá',
    'mnbvcxzlkjhgfdsa',
  ])('%s', (password) => {
    expect(because(password)).toBe('pattern');
  });

  test('not a piece that is a password itself, twice', () => {
    expect(because('kilencbetu-kilencbetu-')).toBeUndefined();
  });
});

test('whatever is around a listed word, fewer than eight digits and signs never save it', () => {
  const signs = fc.string({ unit: fc.constantFrom(...'0123456789 .,-_!?#*+'), maxLength: 3 });
  fc.assert(fc.property(signs, signs, (before, after) => because(`${before}dragon${after}`) === 'common'));
});

test('a text of any kind is judged, and the same in its composed and decomposed form', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1024 }),
    fc.string({ unit: fc.constantFrom('a', '1'), minLength: 900, maxLength: 1024 }),
  );
  fc.assert(
    fc.property(text, (password) => {
      expect(because(password.normalize('NFD'))).toBe(because(password.normalize('NFC')));
    }),
  );
});
