/**
 * Access tokens: whether what a request carries is a token for this resource, and whether the sign-in behind it is good
 * enough. One function, from the Authorization header to an outcome; it knows nothing of HTTP answers, and everything it
 * needs from outside (keys, time) is handed to it.
 */

import { errors, type JWTPayload, jwtVerify } from 'jose';
import { type Keys, KeysUnavailable } from './keys.ts';
import type { CheckedRequirement } from './requirement.ts';

/** What a verified token says. */
export interface AccessToken {
  /** The person, as the issuer names them to this client. */
  sub: string;
  clientId: string;
  /** The level that the sign-in reached; absent when the issuer does not say. */
  acr?: string;
  /** When the person signed in; absent when the issuer does not say. */
  authTime?: Date;
  /** The scopes of the token. */
  scope: string[];
}

/** How a check ends. Descriptions are fixed words of ours, safe to show; nothing from a token gets into them. */
export type Outcome =
  | { kind: 'passed'; token: AccessToken }
  /** No bearer token was sent. */
  | { kind: 'no-token' }
  /** The Authorization header cannot be read. */
  | { kind: 'invalid-request'; description: string }
  | { kind: 'invalid-token'; description: string }
  /** The token is good, the sign-in is too weak or too old. RFC 9470, 3. */
  | { kind: 'insufficient-user-authentication'; description: string; lacksScope: boolean }
  | { kind: 'insufficient-scope'; description: string }
  /** Nothing can be checked now. `cause` is for the log. */
  | { kind: 'keys-unavailable'; cause: unknown };

/** A check that did not pass. */
export type Refusal = Exclude<Outcome, { kind: 'passed' }>;

/**
 * Checks the value of an Authorization header: a bearer token (RFC 6750, 2.1) that is a JWT access token (RFC 9068, 4)
 * for `requirement`, verified with `keys` at `now`. A level and an age are judged as RFC 9470, 3 says; where both the
 * level and a scope are lacking, the level is named first, because a new sign-in can mend both.
 * Throws only for faults of this program or of the issuer's keys.
 */
export async function checkToken(
  authorization: string | undefined,
  requirement: CheckedRequirement,
  keys: Keys,
  now: Date,
): Promise<Outcome> {
  const bearer = bearerToken(authorization);
  if (typeof bearer !== 'string') return bearer;
  let payload: JWTPayload;
  try {
    const { issuer, audience, clockTolerance, algorithms } = requirement;
    const options = { issuer, audience, clockTolerance, algorithms: [...algorithms], currentDate: now };
    ({ payload } = await jwtVerify(bearer, keys, { ...options, typ: 'at+jwt', requiredClaims: required }));
  } catch (error) {
    if (error instanceof KeysUnavailable) return { kind: 'keys-unavailable', cause: error.cause };
    if (error instanceof errors.JOSEError) return { kind: 'invalid-token', description: describe(error) };
    throw error;
  }
  const token = read(payload);
  if (!token) return { kind: 'invalid-token', description: 'a claim of the access token is not of its type' };
  return judge(token, requirement, now);
}

/** RFC 9068, 2.2. */
const required = ['exp', 'iat', 'sub', 'client_id', 'jti'];

/** The token in the header (RFC 6750, 2.1: one or more spaces, and the alphabet of b64token). Query and body are not looked at. */
function bearerToken(authorization: string | undefined): string | Refusal {
  const [, scheme = '', rest = ''] = /^\s*([^\s]*)\s*(.*)$/s.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() !== 'bearer') return { kind: 'no-token' };
  const token = rest.trimEnd();
  if (!/^[\w\-.~+/]+=*$/.test(token))
    return { kind: 'invalid-request', description: 'the Authorization header holds no readable bearer token' };
  return token;
}

/** The claims that matter, each of its type; undefined when one is not, or when the token may not be used as a bearer's. */
function read(payload: JWTPayload): AccessToken | undefined {
  const { sub, client_id, acr, auth_time, scope = '', cnf } = payload;
  if (typeof sub !== 'string' || typeof client_id !== 'string' || typeof scope !== 'string') return undefined;
  if (acr !== undefined && typeof acr !== 'string') return undefined;
  if (auth_time !== undefined && !(typeof auth_time === 'number' && Number.isFinite(auth_time))) return undefined;
  // Bound to a key that nothing here asks for: whoever sends it may not be its owner (RFC 9449, 7.1; RFC 8705, 3).
  if (cnf !== undefined) return undefined;
  return {
    sub,
    clientId: client_id,
    ...(acr !== undefined && { acr }),
    ...(auth_time !== undefined && { authTime: new Date(auth_time * 1000) }),
    scope: scope.split(' ').filter(Boolean),
  };
}

/** Level, age, scopes. Times count in whole seconds, as tokens do. */
function judge(token: AccessToken, requirement: CheckedRequirement, now: Date): Outcome {
  const { acrValues, maxAge, scopes, clockTolerance } = requirement;
  const lacksScope = scopes.some((scope) => !token.scope.includes(scope));
  const insufficient = (description: string): Outcome => ({
    kind: 'insufficient-user-authentication',
    description,
    lacksScope,
  });
  if (acrValues && !(token.acr !== undefined && acrValues.includes(token.acr)))
    return insufficient('a different authentication level is required');
  if (maxAge !== undefined) {
    const age = token.authTime && Math.floor(now.getTime() / 1000) - token.authTime.getTime() / 1000;
    // A sign-in that is still to come says that a clock is wrong, and nothing of an age. Asked so that NaN is refused too.
    if (age === undefined || !(age <= maxAge + clockTolerance && age >= -clockTolerance))
      return insufficient('a more recent authentication is required');
  }
  if (lacksScope) return { kind: 'insufficient-scope', description: 'the access token lacks a scope' };
  return { kind: 'passed', token };
}

/** What is wrong with a token, in words that help its client's developer. */
function describe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the access token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return wrongClaims[error.claim] ?? 'a claim is missing or wrong';
  return wrongTokens[error.code] ?? 'the access token cannot be verified';
}

const wrongClaims: Record<string, string> = {
  typ: 'not an access token: typ is to be at+jwt',
  iss: 'the access token is from another issuer',
  aud: 'the access token is for another resource',
  nbf: 'the access token is not valid yet',
};

const wrongTokens: Record<string, string> = {
  ERR_JWS_INVALID: 'not a JWT access token: ask for one with the parameter resource',
  ERR_JOSE_ALG_NOT_ALLOWED: 'the access token is signed with an algorithm that is not accepted here',
  ERR_JWKS_NO_MATCHING_KEY: 'the access token is signed with a key that the issuer does not publish',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature of the access token is wrong',
};
