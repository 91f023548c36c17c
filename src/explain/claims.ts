/** The `claims` parameter (OpenID Connect Core, 5.5): what the library refuses of it, and an `acr` that stands where it asks nothing. */

import { error, type Mistake, warning } from './mistakes.ts';

const parts = ['userinfo', 'id_token'] as const;

/** Why the library refuses the parameter, in its order. */
export function refusedClaims(text: string | undefined): Mistake[] {
  if (text === undefined) return [];
  const claims = parse(text);
  if (claims === undefined) return [error('claims-not-json', {})];
  if (!isGroup(claims)) return [error('claims-not-object', {})];
  if (parts.every((part) => claims[part] === undefined))
    return [error('claims-empty', { acr: Object.hasOwn(claims, 'acr') })];
  const given = parts.filter((part) => claims[part] !== undefined);
  const wrong = given.filter((part) => !isGroup(claims[part]));
  if (wrong.length > 0) return wrong.map((part) => error('claims-part', { part }));
  return given.flatMap((part) =>
    Object.entries(claims[part] as object)
      .filter(([, value]) => value !== null && !isGroup(value))
      .map(([claim]) => error('claims-member', { part, claim })),
  );
}

/** What of the parameter is passed over without a word. */
export function doubtfulClaims(text: string | undefined): Mistake[] {
  const claims = text === undefined ? undefined : parse(text);
  if (!isGroup(claims)) return [];
  const { userinfo, id_token: idToken } = claims;
  const acr = isGroup(idToken) ? idToken.acr : undefined;
  const valueless = isGroup(acr) && acr.essential === true && !hasValue(acr);
  const misplaced = (where: 'userinfo' | 'top') => warning('acr-misplaced', { where });
  return [
    ...(isGroup(userinfo) && isGroup(userinfo.acr) && hasValue(userinfo.acr) ? [misplaced('userinfo')] : []),
    ...(Object.hasOwn(claims, 'acr') ? [misplaced('top')] : []),
    ...(valueless ? [warning('essential-without-value', {})] : []),
  ];
}

function hasValue({ value, values }: Record<string, unknown>): boolean {
  return value !== undefined || (Array.isArray(values) && values.length > 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
