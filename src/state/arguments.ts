/**
 * What every store refuses in the same words: arguments that no caller in its right mind passes, and that each
 * driver would otherwise answer in its own way. This file knows nothing of stores.
 */

import type { Fields } from './state.ts';

/** Throws RangeError unless `ttl` is a whole number of seconds, at least 1. */
export function checkTtl(ttl: number): void {
  if (!Number.isSafeInteger(ttl) || ttl < 1) {
    throw new RangeError(`a time to live is whole seconds, at least 1, not ${ttl}`);
  }
}

/** The milliseconds of `at` since 1970. Throws RangeError for an invalid date and for one before 1970. */
export function checkTime(at: Date): number {
  const time = at.getTime();
  if (!(time >= 0)) throw new RangeError('a time is a valid date, not before 1970');
  return time;
}

/** Throws RangeError unless `life` is a time to live and no shorter than `ttl`. */
export function checkLife(ttl: number, life: number): void {
  checkTtl(ttl);
  checkTtl(life);
  if (life < ttl) throw new RangeError(`what is kept for ${ttl} seconds cannot end after ${life}`);
}

/** Throws RangeError when there are no names, and for a limit that is no integer from 1 to below 2^53. */
export function checkLimits(limits: Record<string, number>): void {
  checkNames(Object.keys(limits));
  for (const limit of Object.values(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RangeError(`a limit is an integer, at least 1, not ${limit}`);
  }
}

/** Throws RangeError for an amount that is no integer from `least` to below 2^53. */
export function checkAmount(amount: number, least: 0 | 1): void {
  if (!Number.isSafeInteger(amount) || amount < least)
    throw new RangeError(`what is counted is an integer, at least ${least}, not ${amount}`);
}

/** Throws RangeError unless there are names, each once. */
export function checkNames(names: string[]): void {
  if (names.length === 0) throw new RangeError('what is counted has a name');
  if (new Set(names).size < names.length) throw new RangeError('a name is counted once');
}

/** Throws RangeError for a field without a name, for one that is written both ways, and for a greatest field that is not an integer of magnitude below 2^53. */
export function checkFields(fields: Fields, greatest: Fields): void {
  if (Object.hasOwn(fields, '') || Object.hasOwn(greatest, '')) throw new RangeError('a field has a name');
  for (const [name, value] of Object.entries(greatest)) {
    if (Object.hasOwn(fields, name)) throw new RangeError(`field '${name}' is plain or a greatest, not both`);
    if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(Number(value))) {
      throw new RangeError(`field '${name}' keeps the greatest: a decimal integer of magnitude below 2^53`);
    }
  }
}
