import { expect, test } from '@jest/globals';
import Keygrip from 'keygrip';
import { cookieKeys } from '../../src/web/cookie-keys.ts';

const secrets = ['a first secret of at least 32 characters', 'ein zweites Geheimnis, auch so lang wie das erste ß'];
const data = 'kapu-session=abc.def';

test('signs as the library would with SHA-256', () => {
  const library = new Keygrip(secrets, 'sha256');
  expect(cookieKeys(secrets).sign(data)).toBe(library.sign(data));
});

test('takes what any of its secrets has signed, and says which', () => {
  const keys = cookieKeys(secrets);
  const older = cookieKeys([secrets[1]!]).sign(data);
  expect(keys.index(data, keys.sign(data))).toBe(0);
  expect(keys.index(data, older)).toBe(1);
  expect(keys.verify(data, older)).toBe(true);
});

test.each([
  ['another text', `${data}x`, (signature: string) => signature],
  ['a shorter signature', data, (signature: string) => signature.slice(1)],
  ['a changed signature', data, (signature: string) => `${signature.slice(0, -4)}AAAA`],
  ['no signature', data, () => ''],
  ['a signature that is no ASCII', data, () => 'é'.repeat(43)],
])('does not take %s', (_, text, change) => {
  const keys = cookieKeys(secrets);
  const signature = change(keys.sign(data));
  expect([keys.index(text, signature), keys.verify(text, signature)]).toEqual([-1, false]);
});
