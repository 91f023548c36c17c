/** Ladders and evidence for the tests of levels. */

import type { Evidence } from '../../src/assurance/evidence.ts';
import type { Level } from '../../src/assurance/levels.ts';

const level = (
  name: string,
  anyOf: string[][],
  maxAge: Record<string, number> = {},
  aliases: string[] = [],
): Level => ({
  name,
  anyOf,
  maxAge,
  aliases: aliases.map((alias) => ({ name: alias })),
});

export const minute = 60;
export const basic = level('basic', [['password'], ['passkey']], {}, ['urn:gov:low']);
export const plus = level(
  'plus',
  [['password', 'email-code'], ['password', 'totp'], ['passkey']],
  { 'email-code': 15 * minute, totp: 15 * minute, passkey: 15 * minute },
  ['urn:gov:substantial'],
);
export const high = level('high', [['passkey'], ['eid-card']], { passkey: 5 * minute, 'eid-card': 5 * minute });

/** Three levels, weakest first. */
export const ladder = [basic, plus, high];

export const now = new Date('2026-03-01T12:00:00Z');

/** Evidence by method and age in seconds at `now`. */
export function aged(ages: Record<string, number>): Evidence {
  return Object.entries(ages).map(([method, age]) => ({ method, at: new Date(now.getTime() - age * 1000) }));
}
