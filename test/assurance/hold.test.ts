/** Holds: when the mailbox counts, and what ends one (docs/decisions/023). */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canUse,
  doubtedSince,
  endsHold,
  heldFor,
  isHeld,
  leavesDoubt,
  mailboxCounts,
  settled,
} from '../../src/assurance/hold.ts';

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

test('in a hold the mailbox cannot be used; nor can ever what somebody does not have', () => {
  const hold = { since: at(0), until: at(10) };
  const usable = (had: boolean, minutes: number) =>
    methods.map(({ proves }) => canUse({ proves, availableTo: () => had }, { hold }, at(minutes)));
  expect(usable(true, 9)).toEqual([true, false, true, true]);
  expect(usable(true, 10)).toEqual([true, true, true, true]);
  expect(usable(false, 10)).toEqual([false, false, false, false]);
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

describe('what has been set up too lately', () => {
  const hour = 60;

  test('is what is younger than a hold lasts, or than one that goes on', () => {
    expect(doubtedSince(3600, undefined, at(90))).toEqual(at(30));
    expect(doubtedSince(3600, { since: at(80) }, at(90))).toEqual(at(30));
    expect(doubtedSince(3600, { since: at(-100) }, at(90))).toEqual(at(-100));
    expect(doubtedSince(3600, { since: at(-100), until: at(0) }, at(90))).toEqual(at(30));
  });

  test.each([
    ['nothing is there any more', [], false],
    ['all is old', [-5, -1], true],
    ['one is young', [-5, 0], false],
  ] as const)('a proof of the own where %s', (_, created, counts) => {
    const evidence = ['password', 'email-code', 'totp'].map((method) => ({ method, at: at(hour) }));
    const credentials = created.map((minutes) => ({ method: 'totp', createdAt: at(minutes) }));
    const other = { method: 'passkey', createdAt: at(50) };
    const left = settled(evidence, [...credentials, other], methods, at(0)).map(({ method }) => method);
    expect(left).toEqual(counts ? ['password', 'email-code', 'totp'] : ['password', 'email-code']);
  });

  test.each([
    ['young, beside another of its method', [5], [-5, 5], true],
    ['old, beside a young one', [-5], [-5, 5], false],
    ['young, the last of its method', [5], [5], false],
    ['all of a method', [-5, 5], [-5, 5], false],
    ['just as old as what is doubted', [0], [-5, 0], true],
  ] as const)('sessions may stand on what goes: %s', (_, gone, there, expected) => {
    const keys = (created: readonly number[]) =>
      created.map((minutes) => ({ method: 'passkey', createdAt: at(minutes) }));
    const others = [{ method: 'totp', createdAt: at(9) }];
    expect(leavesDoubt(keys(gone), [...keys(there), ...others], at(0))).toBe(expected);
  });
});
