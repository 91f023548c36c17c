/** Comparing what must not be guessed. */

import { timingSafeEqual } from 'node:crypto';

/** Whether both texts are the same, in a time that does not say how much of them is. */
export function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
