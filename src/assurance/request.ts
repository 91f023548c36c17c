/**
 * What one authorization request demands, and how evidence answers it. Two pure functions: `demandOf` reads the
 * raw request (never the library's merged view, which loses the essential flag), `answer` compares the demand with
 * what was proven. Pages, stores and the protocol library are unknown here.
 */

import { acrClaim, type Malformed } from './acr-claim.ts';
import { type Evidence, since } from './evidence.ts';
import {
  dominates,
  type Ladder,
  type Level,
  named,
  proofFor,
  reached,
  type Standing,
  standing,
  stronger,
} from './levels.ts';

/** The parameters of an authorization request that levels depend on, as they were received. */
export interface RequestParameters {
  /** The `claims` parameter: JSON (OpenID Connect Core, 5.5). */
  claims?: string;
  acr_values?: string;
  /** Seconds, the client's `default_max_age` already filled in. */
  max_age?: number;
  prompt?: string;
  scope?: string;
}

/** What a client's registration demands, whatever the request says. */
export interface ClientRules {
  /** Used when the request names no acr at all (OpenID Connect Registration, 2). */
  defaultAcrValues?: string[];
  minimumLevel?: string;
  excludedMethods?: string[];
}

/** What a scope demands of every request that asks for it. */
export type ScopeRules = Record<string, { minimumLevel?: string; excludedMethods?: string[] }>;

/** A level that was asked for, in the spelling that the request used. */
interface Wish {
  asked: string;
  level: Level;
}

/** What `max_age` asks (seconds; 0 for `prompt=login`), and of which request. */
export interface Freshness {
  maxAge: number;
  startedAt: Date;
}

/** What a request demands. */
export interface Demand {
  /** Levels to try, in order; each is at least `floor`. Never empty, unless `unknownOnly`. */
  targets: Level[];
  /** The least level that must be reached. */
  floor: Level;
  /** The spellings that the token may use, known ones only. */
  wishes: Wish[];
  /** Whether an essential acr was asked: it changes the error of prompt=none. */
  essential: boolean;
  /** Something was asked, and none of it is known here. */
  unknownOnly: boolean;
  /** Asked values that are not known here. */
  unknown: string[];
  /** How fresh proofs must be to count at all; undefined for any. */
  freshness?: Freshness;
  /** Methods that do not count for this request. */
  excludedMethods: ReadonlySet<string>;
}

/**
 * What a request demands. The stricter demand wins, whatever the order in which things are asked.
 * `startedAt` is when the request was first received: what is proven from then on is fresh, however slowly it is typed.
 * OpenID Connect Core 3.1.2.1 and 5.5.1.1; the table in docs/relying-parties.md.
 */
export function demandOf(
  request: RequestParameters,
  client: ClientRules,
  scopeRules: ScopeRules,
  ladder: Ladder,
  startedAt: Date,
): Demand | Malformed {
  const claim = acrClaim(request.claims);
  if (claim && 'malformed' in claim) return claim;
  const listed = words(request.acr_values);
  const inRequest = [claim?.values ?? [], listed];
  const asked = inRequest.some((values) => values.length > 0) ? inRequest : [client.defaultAcrValues ?? []];
  const lists = asked.map((values) => wishesOf(ladder, values));
  const wishes = lists.flat();

  const rules = words(request.scope).flatMap((scope) => (Object.hasOwn(scopeRules, scope) ? [scopeRules[scope]!] : []));
  const minima = [client, ...rules].flatMap(({ minimumLevel }) => wishesOf(ladder, minimumLevel ? [minimumLevel] : []));
  const floor = [...lists.map((list) => weakest(ladder, list)), ...minima.map((minimum) => minimum.level)]
    .filter((level) => level !== undefined)
    .reduce((one, other) => stronger(ladder, one, other), ladder[0]!);

  const targets = [...new Set(wishes.map((wish) => wish.level))].filter((level) => dominates(ladder, level, floor));
  const unknown = asked.flat().filter((value) => !named(ladder, value));
  const essential = claim?.essential === true && claim.values.length > 0;
  return {
    targets: targets.length > 0 ? targets : [floor],
    floor,
    wishes: [...wishes, ...minima],
    essential,
    unknown,
    unknownOnly: (essential && lists[0]!.length === 0) || (unknown.length > 0 && wishes.length === 0),
    freshness: freshnessOf(request, startedAt),
    excludedMethods: new Set([client, ...rules].flatMap(({ excludedMethods }) => excludedMethods ?? [])),
  };
}

/** How a demand is answered at one moment. */
export type Answer =
  /** It goes on; these are the token's `acr`, and the proofs behind `amr` and `auth_time`. */
  | { kind: 'reached'; acr: string; standing: Standing }
  /** Something must be proven: any one of `next`, on the way to `target`. */
  | { kind: 'missing'; target: Level; next: string[]; mayDecline: boolean }
  /** Nothing that this person can do reaches what was asked. */
  | { kind: 'unmet'; reason: 'unknown-values' | 'out-of-reach' };

/** What is known of the person when a demand is answered. */
export interface Situation {
  evidence: Evidence;
  now: Date;
  /** Whether the method can be used: switched on and, once the person is known, set up by them. */
  usable: (method: string) => boolean;
  /** The person, or `prompt=none`, settles for a weaker level that was listed and is reached. */
  settles: boolean;
}

/**
 * How `demand` is answered in `situation`. Wishes are tried in order: the first one that is reached or can be reached
 * by this person decides. A method that is excluded neither counts nor is asked; one that this person cannot use now is not
 * asked, but what it has proven counts.
 */
export function answer(demand: Demand, ladder: Ladder, situation: Situation): Answer {
  if (demand.unknownOnly) return { kind: 'unmet', reason: 'unknown-values' };
  const { now, settles } = situation;
  const evidence = counting(demand, situation.evidence, now);
  const best = reached(ladder, evidence, now);
  const isReached = (level: Level) => best !== undefined && dominates(ladder, best.level, level);

  for (const target of demand.targets) {
    if (isReached(target)) return { kind: 'reached', ...spelling(demand, ladder, evidence, best!, now) };
    if (settles) continue;
    const next = nextMethods(
      target,
      ladder,
      evidence,
      now,
      (method) => !demand.excludedMethods.has(method) && situation.usable(method),
    );
    if (next.length > 0) return { kind: 'missing', target, next, mayDecline: demand.targets.some(isReached) };
  }
  return { kind: 'unmet', reason: 'out-of-reach' };
}

/**
 * The token's acr: the strongest of the asked levels that is reached, in the spelling that was used; where nothing
 * was asked, the level reached. With it the proofs of that level, or of the next stronger one that stands.
 */
function spelling(
  demand: Demand,
  ladder: Ladder,
  evidence: Evidence,
  best: Standing,
  now: Date,
): { acr: string; standing: Standing } {
  let chosen: Wish | undefined;
  for (const wish of demand.wishes) {
    if (!dominates(ladder, best.level, wish.level)) continue;
    if (!chosen || !dominates(ladder, chosen.level, wish.level)) chosen = wish;
  }
  if (!chosen) return { acr: best.level.name, standing: best };
  const from = ladder.indexOf(chosen.level);
  for (const level of ladder.slice(from)) {
    const found = standing(level, evidence, now);
    if (found) return { acr: chosen.asked, standing: found };
  }
  throw new Error(`level ${chosen.level.name} is reached by ${best.level.name}, yet no level from there on stands`);
}

/**
 * The methods to ask next for `target`: the first missing one of each usable way; ways of a stronger level where it has none. One
 * that has been proven before, too long ago by now, comes before those that have not.
 */
function nextMethods(
  target: Level,
  ladder: Ladder,
  evidence: Evidence,
  now: Date,
  usable: (method: string) => boolean,
): string[] {
  for (const level of ladder.slice(ladder.indexOf(target))) {
    const open = level.anyOf
      .map((way) => ({
        counts: way.every((method) => usable(method) || proofFor(level, method, evidence, now)),
        first: way.find((method) => !proofFor(level, method, evidence, now)),
      }))
      .flatMap(({ counts, first }) => (counts && first ? [first] : []));
    const proven = (name: string) => evidence.some(({ method }) => method === name);
    if (open.length > 0) return [...new Set([...open.filter(proven), ...open])];
  }
  return [];
}

function words(text: string | undefined): string[] {
  return text?.split(' ').filter(Boolean) ?? [];
}

function wishesOf(ladder: Ladder, values: string[]): Wish[] {
  return values.flatMap((asked) => {
    const level = named(ladder, asked);
    return level ? [{ asked, level }] : [];
  });
}

function weakest(ladder: Ladder, wishes: Wish[]): Level | undefined {
  return ladder.find((level) => wishes.some((wish) => wish.level === level));
}

function freshnessOf(request: RequestParameters, startedAt: Date): Freshness | undefined {
  const anew = words(request.prompt).some((prompt) => prompt === 'login' || prompt === 'create');
  const maxAge = anew ? 0 : request.max_age;
  // Longer than any session lives is as good as that, and stays a date.
  return maxAge === undefined ? undefined : { maxAge: Math.min(maxAge, 1e9), startedAt };
}

/** The proofs that count for `demand` at `now`, whatever the level: fresh enough, by methods that are not excluded. */
export function counting(demand: Demand, evidence: Evidence, now: Date): Evidence {
  return since(evidence, notBefore(demand, now)).filter(({ method }) => !demand.excludedMethods.has(method));
}

/**
 * The moment before which proofs do not count at `now`: `max_age` ago, so that auth_time is young enough when the token is
 * made, and not only when the sign-in began. What was proven in this very sign-in always counts, however slowly: otherwise
 * `max_age=1` would ask for ever.
 */
export function notBefore({ freshness }: Demand, now: Date): Date | undefined {
  if (!freshness) return undefined;
  return new Date(Math.min(freshness.startedAt.getTime(), now.getTime() - freshness.maxAge * 1000));
}
