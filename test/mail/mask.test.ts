import { expect, test } from '@jest/globals';
import { maskAddress } from '../../src/mail/mask.ts';

test.each([
  ['anna@demo.example', 'a***@demo.example'],
  ['a@demo.example', 'a***@demo.example'],
  ['Ágnes.Őszi@demo.example', 'Á***@demo.example'],
  ['🙂smile@demo.example', '🙂***@demo.example'],
  ['"odd@local"@demo.example', '"***@demo.example'],
  ['@demo.example', '***'],
  ['anna', '***'],
  ['', '***'],
])('%s is shown as %s', (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
});
