/** What a token and an error say, in plain words. */

import * as oidc from 'openid-client';
import { KapuUnreachable, LevelNotReached, type SignedIn } from './sign-in.ts';
import type { ErrorName, Locale, Texts } from './texts.ts';

const dateLocales: Record<Locale, string> = { hu: 'hu-HU', en: 'en-GB' };

/** A signed-in person, ready for the page. */
export function describe({ claims }: SignedIn, t: Texts, locale: Locale) {
  const { acr, amr, auth_time: authTime, sub } = claims;
  const methods = (Array.isArray(amr) ? amr : []).map((method) => t.methods[String(method)] ?? String(method));
  const level = t.levels[String(acr)] ?? String(acr);
  const rows: [label: string, value: unknown][] = [
    [t.who, claims.name],
    [t.birthDate, day(claims.birthdate, locale)],
    [t.email, claims.email],
    [t.level, level],
    [t.how, methods.join(', ')],
    [t.when, authTime === undefined ? undefined : moment(authTime, locale)],
    [t.knownAs, sub],
  ];
  return {
    name: String(claims.name ?? sub),
    level,
    plus: acr === 'plus',
    rows: rows.filter(([, value]) => value),
    rawToken: JSON.stringify(claims, null, 2),
  };
}

/** What the API said of the person's tax return, as rows. */
export function describeReturn(data: Record<string, unknown>, t: Texts, locale: Locale): [string, string][] {
  const money = new Intl.NumberFormat(dateLocales[locale], {
    style: 'currency',
    currency: String(data.currency),
    maximumFractionDigits: 0,
  });
  return [
    [t.year, String(data.year)],
    [t.income, money.format(Number(data.income))],
    [t.refund, money.format(Number(data.refund))],
  ];
}

/** A whole ISO 8601 date as people write it here; a claim may also hold a year alone, which stays as it is. */
function day(date: unknown, locale: Locale): string | undefined {
  if (typeof date !== 'string') return undefined;
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return date;
  return new Date(date).toLocaleDateString(dateLocales[locale], { dateStyle: 'long', timeZone: 'UTC' });
}

/** Seconds since the epoch, as people write it here. */
function moment(seconds: number, locale: Locale): string {
  return new Date(seconds * 1000).toLocaleString(dateLocales[locale], {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'Europe/Budapest',
    timeZoneName: 'short',
  });
}

export interface Failure {
  name: ErrorName;
  /** The protocol's own word for it, for whoever is asked to help. */
  code?: string;
  status: number;
}

/** What went wrong with signing in. Errors that are none of the protocol's are thrown again. */
export function explain(error: unknown): Failure {
  if (error instanceof KapuUnreachable) return { name: 'unavailable', status: 503 };
  if (error instanceof LevelNotReached) return { name: 'unmet', code: error.message, status: 403 };
  if (error instanceof oidc.AuthorizationResponseError) {
    return { name: named[error.error] ?? 'refused', code: error.error, status: 403 };
  }
  if (error instanceof oidc.ResponseBodyError) {
    return { name: error.status >= 500 ? 'unavailable' : 'refused', code: error.error, status: 502 };
  }
  // This service's own secret is wrong (RFC 6749, 5.2).
  if (error instanceof oidc.WWWAuthenticateChallengeError)
    return { name: 'refused', code: 'invalid_client', status: 502 };
  if (error instanceof oidc.ClientError) return { name: 'refused', code: error.code, status: 502 };
  // How fetch says that the network, or Kapu, has gone away in between.
  if (error instanceof TypeError && error.message === 'fetch failed') return { name: 'unavailable', status: 503 };
  throw error;
}

/** RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6; OpenID Connect Unmet Authentication Requirements. */
const named: Record<string, ErrorName> = {
  access_denied: 'cancelled',
  unmet_authentication_requirements: 'unmet',
  login_required: 'loginRequired',
  interaction_required: 'loginRequired',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
};
