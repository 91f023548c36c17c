/** Sessions to suppose: what a browser would hold that reached a level some time ago. Pure. */

import type { Evidence } from '../assurance/evidence.ts';
import type { Level } from '../assurance/levels.ts';

/**
 * Proofs by which somebody who can use `usable` reached `level` at `at`, all at once, by the first way of theirs. Undefined when
 * they have none.
 */
export function evidenceOf(level: Level, usable: readonly string[], at: Date): Evidence | undefined {
  const way = level.anyOf.find((methods) => methods.every((method) => usable.includes(method)));
  return way?.map((method) => ({ method, at }));
}
