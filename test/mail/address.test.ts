import { expect, test } from '@jest/globals';
import { checkAccount } from '../../src/commands/new-account.ts';
import { isAddress } from '../../src/mail/address.ts';
import { unsendable } from '../../src/mail/envelope.ts';

const local = 'a'.repeat(64);

test.each([
  ['anna@demo.example', true],
  ['Ágnes.Őszi+kapu@posta.őrség.hu', true],
  [`${local}@${'d'.repeat(186)}.hu`, true],
  [`${local}@${'d'.repeat(187)}.hu`, false],
  [`${local}a@demo.example`, false],
  ['a(b)@x.hu', false],
  ['"a b"@x.hu', false],
  ['a@[10.0.0.1]', false],
  ['a@b', false],
  ['a@b.', false],
  ['a@b@c.hu', false],
  ['a@b.hu, c@d.hu', false],
  ['a@b.hu\r\nBcc: c@d.hu', false],
  ['a@b.hu\0', false],
  ['\ud800@b.hu', false],
  ['', false],
])('%j: who lets it in and who sends there are of one mind', (address, is) => {
  const message = { to: address, subject: 's', text: 't', html: 'h', language: 'hu' };
  const given = { username: 'dora', email: address, emailVerified: true, locale: 'hu' };
  expect(isAddress(address)).toBe(is);
  expect(unsendable(message as Parameters<typeof unsendable>[0]) === undefined).toBe(is);
  expect(checkAccount(given).outcome).toBe(is ? 'fit' : 'refused');
});
