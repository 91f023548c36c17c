/** User names: when two are the same. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mended, usernameKey } from '../../src/records/text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 20 });

test('the key of a key is the key', () => {
  fc.assert(
    fc.property(anyText, (name) => {
      const key = usernameKey(name);
      if (key !== undefined) expect(usernameKey(key)).toBe(key);
    }),
    { numRuns: 5000 },
  );
});

test('composed or decomposed, a name has one key', () => {
  fc.assert(
    fc.property(anyText, (name) => {
      expect(usernameKey(name.normalize('NFD'))).toBe(usernameKey(name.normalize('NFC')));
    }),
    { numRuns: 5000 },
  );
});

test('lower case is nobody’s locale', () => {
  expect(usernameKey('ISTVAN')).toBe('istvan');
  expect(usernameKey('kıs')).not.toBe(usernameKey('kis'));
});

test('mended text can be stored everywhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\0', '\ud800', '\udc00'), (text, odd) => {
      const kept = mended(text + odd + text, 30);
      expect(kept.isWellFormed() && !kept.includes('\0') && kept.length <= 30).toBe(true);
    }),
  );
});
