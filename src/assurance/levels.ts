/**
 * Levels judge evidence. A level is derived at every request from what was proven and when; "is plus" is never
 * stored. This file knows nothing of requests, people or stores, and is pure.
 */

import type { Settings } from '../../config/settings.ts';
import type { Evidence, Proof } from './evidence.ts';

/** One level of assurance; `maxAge` in seconds. */
export type Level = Settings['levels'][number];

/** The levels of a deployment, weakest first. */
export type Ladder = readonly Level[];

/** A way to a level: the methods that must all be proven, in the order they are asked. */
type Way = readonly string[];

/** The level that `asked` names, by its name or an alias; undefined when it is unknown. */
export function named(ladder: Ladder, asked: string): Level | undefined {
  return ladder.find((level) => level.name === asked || level.aliases.some((alias) => alias.name === asked));
}

/** The level that the own pages call plus: the second, or the only one. */
export function plusOf(ladder: Ladder): Level {
  return ladder[1] ?? ladder[0]!;
}

/** Whether somebody who can use the methods of which `usable` is true can reach `level`, or a stronger one. */
export function isWithinReach(ladder: Ladder, level: Level, usable: (method: string) => boolean): boolean {
  return ladder.slice(ladder.indexOf(level)).some(({ anyOf }) => anyOf.some((way) => way.every(usable)));
}

/** Whether the sunset of a spelling has passed: it goes on working, and who still uses it is named. */
export function isRetired(alias: Level['aliases'][number], now: Date): boolean {
  return alias.sunset !== undefined && alias.sunset <= now;
}

/** Whether who reaches `level` reaches `other` as well. */
export function dominates(ladder: Ladder, level: Level, other: Level): boolean {
  return ladder.indexOf(level) >= ladder.indexOf(other);
}

/** The stronger of two levels. */
export function stronger(ladder: Ladder, one: Level, other: Level): Level {
  return dominates(ladder, one, other) ? one : other;
}

/** The proof by `method` that counts for `level` at `now`; undefined when there is none or it is older than the level's maxAge. */
export function proofFor(level: Level, method: string, evidence: Evidence, now: Date): Proof | undefined {
  const maxAge = level.maxAge[method];
  return evidence.find(
    (proof) => proof.method === method && (maxAge === undefined || now.getTime() - proof.at.getTime() <= maxAge * 1000),
  );
}

/** The proofs that `way` stands on at `now`; undefined when one is missing. */
function proofsFor(level: Level, way: Way, evidence: Evidence, now: Date): Proof[] | undefined {
  const proofs = way.map((method) => proofFor(level, method, evidence, now));
  return proofs.every((proof) => proof !== undefined) ? proofs : undefined;
}

/** How a level is reached: the proofs it stands on, and when the oldest of them was made. */
export interface Standing {
  level: Level;
  proofs: Proof[];
  /** `auth_time`: the oldest proof that the level stands on. */
  at: Date;
}

/**
 * How `evidence` reaches exactly the ways of `level` at `now`; of several ways the one whose oldest proof is the latest.
 * Undefined when none of its ways is complete.
 */
export function standing(level: Level, evidence: Evidence, now: Date): Standing | undefined {
  let best: Standing | undefined;
  for (const way of level.anyOf) {
    const proofs = proofsFor(level, way, evidence, now);
    if (!proofs) continue;
    const at = new Date(Math.min(...proofs.map((proof) => proof.at.getTime())));
    if (!best || best.at < at) best = { level, proofs, at };
  }
  return best;
}

/**
 * The strongest level that `evidence` reaches at `now`, and how; undefined when it reaches none.
 * Evidence older than the level's maxAge for its method does not count. RFC 9470, 4.
 */
export function reached(ladder: Ladder, evidence: Evidence, now: Date): Standing | undefined {
  for (const level of ladder.toReversed()) {
    const found = standing(level, evidence, now);
    if (found) return found;
  }
  return undefined;
}
