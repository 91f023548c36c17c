/** Holds: when the mailbox counts, and what ends one (docs/decisions/023). */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endsHold, heldFor, isHeld, mailboxCounts } from '../../src/assurance/hold.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 12, minutes));
const methods = [
  { name: 'password', proves: 'password' },
  { name: 'email-code', proves: 'mailbox' },
  { name: 'totp', proves: 'own' },
  { name: 'passkey', proves: 'own' },
] as const;

test.each([
  ['none', undefined, 0, false],
  ['one that has an end', { since: at(0), until: at(10) }, 9, true],
  ['one at its end', { since: at(0), until: at(10) }, 10, false],
  ['one without an end', { since: at(0) }, 1_000_000, true],
] as const)('%s', (_, hold, now, held) => {
  expect(isHeld(hold, at(now))).toBe(held);
});

test('the mailbox counts without a hold, and after one when it was proven after it', () => {
  const proof = (minutes: number) => ({ method: 'email-code', at: at(minutes) });
  const hold = { since: at(0), until: at(10) };
  expect(mailboxCounts(proof(-5), undefined, at(0))).toBe(true);
  expect(mailboxCounts(proof(5), hold, at(9))).toBe(false);
  expect(mailboxCounts(proof(5), hold, at(11))).toBe(false);
  expect(mailboxCounts(proof(10), hold, at(11))).toBe(true);
  expect(mailboxCounts(proof(10), { since: at(0) }, at(11))).toBe(false);
});

describe('what ends a hold', () => {
  const hold = { since: at(0), until: at(100) };
  const all = fc.constantFrom('password', 'email-code', 'totp', 'passkey', 'gone');
  const evidence = fc.uniqueArray(fc.record({ method: all, minutes: fc.integer({ min: -5, max: 5 }) }), {
    selector: ({ method }) => method,
  });

  test('is the password and something of the own, both since it began, and nothing else', () => {
    fc.assert(
      fc.property(evidence, (proofs) => {
        const fresh = proofs.filter(({ minutes }) => minutes >= 0).map(({ method }) => method);
        const ends = fresh.includes('password') && (fresh.includes('totp') || fresh.includes('passkey'));
        const made = proofs.map(({ method, minutes }) => ({ method, at: at(minutes) }));
        expect(endsHold(made, hold, methods)).toBe(ends);
      }),
    );
  });
});

describe('a hold begins', () => {
  test('now, for so long; or without an end', () => {
    expect(heldFor(60, undefined, at(0))).toEqual({ since: at(0), until: at(1) });
    expect(heldFor(undefined, undefined, at(0))).toEqual({ since: at(0) });
    expect(heldFor(60, { since: at(-10), until: at(-5) }, at(0))).toEqual({ since: at(0), until: at(1) });
  });

  test('where one is: it goes on, and one without an end gets none', () => {
    expect(heldFor(60, { since: at(-10), until: at(5) }, at(0))).toEqual({ since: at(-10), until: at(5) });
    expect(heldFor(600, { since: at(-10), until: at(5) }, at(0))).toEqual({ since: at(-10), until: at(10) });
    expect(heldFor(60, { since: at(-10) }, at(0))).toEqual({ since: at(-10) });
    expect(heldFor(undefined, { since: at(-10), until: at(5) }, at(0))).toEqual({ since: at(-10) });
  });
});
