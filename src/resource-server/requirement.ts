/**
 * What a resource requires of a request, as its developer writes it, and the check that it makes sense: a requirement that
 * could let everyone in by mistake, or break a header, is refused when the service starts.
 */

/** Algorithms that access tokens may be signed with. None is symmetric: whoever can verify must not be able to sign. */
export const acceptedAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

export type Algorithm = (typeof acceptedAlgorithms)[number];

/** What an access token must say. */
export interface Requirement {
  /** The issuer, letter by letter as it stands in its tokens. */
  issuer: string;
  /** This resource, as the issuer names it in `aud` (RFC 8707). */
  audience: string;
  /**
   * Values of `acr` of which any one is enough, in order of preference. The order of levels is the issuer's knowledge,
   * so name every value that you accept. Left out: any.
   */
  acrValues?: readonly string[];
  /** Seconds that may have passed since the person signed in, as `auth_time` says. Left out: any. */
  maxAge?: number;
  /** Scopes that the token must have, all of them. */
  scopes?: readonly string[];
  /** Seconds by which the issuer's clock and this one may differ; 5 unless told otherwise. */
  clockTolerance?: number;
  /** A shorter list of algorithms. */
  algorithms?: readonly Algorithm[];
}

/** A requirement that has been checked, nothing left open. */
export type CheckedRequirement = Requirement & Required<Pick<Requirement, 'scopes' | 'clockTolerance' | 'algorithms'>>;

/** Throws TypeError, with words for the developer, when `requirement` cannot mean what it says. */
export function checkRequirement(requirement: Requirement): CheckedRequirement {
  const { issuer, audience, acrValues, maxAge, scopes = [], clockTolerance = 5 } = requirement;
  const { algorithms = acceptedAlgorithms } = requirement;
  demand(URL.canParse(issuer), 'issuer is to be an address');
  demand(isHeaderText(audience), 'audience is to be a text of printable ASCII');
  demand(acrValues === undefined || acrValues.length > 0, 'acrValues is empty: leave it out, or name the values');
  demand((acrValues ?? []).every(isWord), 'acrValues are to be texts of printable ASCII without spaces');
  demand(maxAge === undefined || isSeconds(maxAge), 'maxAge is to be a whole number of seconds');
  // RFC 6749, 3.3.
  demand(
    scopes.every((scope) => isWord(scope) && !/["\\]/.test(scope)),
    'scopes are to be scope names',
  );
  demand(isSeconds(clockTolerance) && clockTolerance <= 300, 'clockTolerance is to be 0 to 300 seconds');
  demand(
    algorithms.length > 0 && algorithms.every((name) => acceptedAlgorithms.includes(name)),
    `algorithms are to be of ${acceptedAlgorithms.join(', ')}`,
  );
  return { issuer, audience, acrValues, maxAge, scopes, clockTolerance, algorithms };
}

function demand(holds: boolean, words: string): void {
  if (!holds) throw new TypeError(words);
}

function isHeaderText(text: unknown): boolean {
  return typeof text === 'string' && /^[\x20-\x7e]+$/.test(text);
}

function isWord(text: unknown): boolean {
  return isHeaderText(text) && !(text as string).includes(' ');
}

function isSeconds(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 999_999_999;
}
