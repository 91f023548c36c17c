/** What leads astray, what works and could be better, and what fails for reasons of levels: mistakes that no protocol library names. */

import { nearest } from '../../config/nearest.ts';
import { dominates, type Ladder, named } from '../assurance/levels.ts';
import type { Demand } from '../assurance/request.ts';
import { differencesOf, isSecret } from './address.ts';
import { doubtfulClaims } from './claims.ts';
import type { Parts } from './demand.ts';
import { error, type Mistake, warning } from './mistakes.ts';
import { understood } from './protocol.ts';
import type { Request } from './request.ts';
import { idleScopes } from './scopes.ts';
import type { Outcome } from './steps.ts';

/** The address leads to another server or another page. Its path is compared as the server does: without regard to case. */
export function astray({ address: { url } }: Request, endpoint: string): Mistake[] {
  const ours = new URL(endpoint);
  const [given, expected] = [url.origin, ours.origin];
  if (given !== expected)
    return [error('other-server', { given, expected, differences: differencesOf(given, expected) })];
  const plain = ({ pathname }: URL) => pathname.toLowerCase().replace(/\/$/, '');
  if (plain(url) === plain(ours)) return [];
  return [error('other-page', { given: url.origin + url.pathname, expected: endpoint })];
}

/** What is doubtful about the way the address is written. */
export function writing({ address }: Request): Mistake[] {
  const { url, names } = address;
  const isEscaped = (name: string) => name.startsWith('amp;');
  const inRedirect = [...(URL.parse(address.parameters.get('redirect_uri') ?? '')?.searchParams.keys() ?? [])];
  const secret = [...new Set([...names, ...inRedirect])].filter(isSecret);
  const strange = names.filter((name) => !understood.has(name) && !isSecret(name) && !isEscaped(name));
  return [
    ...secret.map((parameter) => warning('secret-in-url', { parameter })),
    ...(names.some(isEscaped) ? [warning('html-escaped', {})] : []),
    ...(url.hash === '' ? [] : [warning('fragment', {})]),
    ...strange.flatMap((given) => {
      const meant = nearest(given, understood);
      return meant && !names.includes(meant) ? [warning('unknown-parameter', { given, nearest: meant })] : [];
    }),
  ];
}

/** What is missing or idle, though the request works. */
export function habits(request: Request): Mistake[] {
  const { parameters, repeated } = request.address;
  const has = (name: string) => parameters.has(name) || repeated.includes(name);
  return [
    ...idleScopes(request),
    ...(has('state') ? [] : [warning('missing-state', {})]),
    ...(has('nonce') || !parameters.get('scope')?.split(' ').includes('openid') ? [] : [warning('missing-nonce', {})]),
    ...doubtfulClaims(parameters.get('claims')),
  ];
}

/** What is wrong or doubtful about the values that were asked for. */
export function valuesAsked({ unknownOnly }: Demand, { asks }: Parts): Mistake[] {
  const judge = unknownOnly ? error : warning;
  return [
    ...asks
      .filter(({ level }) => level === undefined)
      .map(({ value, source, nearest }) => judge('unknown-level', { given: value, source, nearest })),
    ...asks.flatMap(({ value, level, alias }) =>
      alias?.retired ? [warning('retired-alias', { given: value, level: level!, sunset: alias.sunset! })] : [],
    ),
  ];
}

/** A level that every request has to carry in its URL is safer in the registration. An essential claim is how one steps up. */
export function inUrlOnly({ floor, essential }: Demand, { asks, minima }: Parts, ladder: Ladder): Mistake[] {
  const isAsked = asks.some(({ source, level }) => source === 'acr_values' && level === floor.name);
  const isGuarded = minima.some(({ level }) => dominates(ladder, named(ladder, level)!, floor));
  return isAsked && floor !== ladder[0] && !essential && !isGuarded
    ? [warning('level-in-url-only', { level: floor.name })]
    : [];
}

/** The level is out of reach, or a weaker one than was wished for comes of it. */
export function reach(outcome: Outcome, demand: Demand, { minima }: Parts, ladder: Ladder, person?: string): Mistake[] {
  if (outcome.kind === 'error' && outcome.reason === 'out-of-reach') {
    const level = demand.floor.name;
    if (person === undefined) return [error('nobody-can-reach', { level })];
    const below = ladder[ladder.indexOf(demand.floor) - 1];
    const mayFall = below && minima.every((minimum) => dominates(ladder, below, named(ladder, minimum.level)!));
    return [error('person-cannot-reach', { person, level, weaker: mayFall ? below.name : undefined })];
  }
  if (outcome.kind !== 'token') return [];
  const [wished, reached] = [demand.targets[0]!, named(ladder, outcome.level)!];
  if (dominates(ladder, reached, wished)) return [];
  return [warning('weaker-than-wished', { wished: wished.name, reached: reached.name, person })];
}
