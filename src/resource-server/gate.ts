/**
 * The gate of a resource: what each framework's adapter shares. It checks the header of one request and, where the check
 * does not pass, words the HTTP answer. Knows no framework.
 */

import { type Challenge, formatChallenge } from './challenge.ts';
import { issuerKeys, type Keys } from './keys.ts';
import { type CheckedRequirement, checkRequirement, type Requirement } from './requirement.ts';
import { type AccessToken, checkToken, type Refusal } from './token.ts';

export interface GateOptions extends Requirement {
  /** Where the issuer's key set is; left out, discovery tells. */
  jwksUri?: string;
  /** Keys that several routes share, from `issuerKeys`; left out, each gate keeps its own. */
  keys?: Keys;
  /** Hears of every request that is turned away, for the log. What it is told holds nothing secret. */
  report?: (refusal: Refusal) => void;
  now?: () => Date;
}

/** An answer to a request that was turned away. */
export interface Answer {
  status: 400 | 401 | 403 | 503;
  headers: Record<string, string>;
  /** JSON. */
  body: string;
}

/** Judges the value of one Authorization header. */
export type Gate = (
  authorization: string | undefined,
) => Promise<{ kind: 'open'; token: AccessToken } | { kind: 'shut'; answer: Answer }>;

/** A gate for `options`. Throws TypeError when they cannot mean what they say; asks the network for nothing yet. */
export function createGate(options: GateOptions): Gate {
  const requirement = checkRequirement(options);
  const { issuer, jwksUri, now = () => new Date(), report } = options;
  const keys = options.keys ?? issuerKeys({ issuer, jwksUri, now });
  return async (authorization) => {
    const outcome = await checkToken(authorization, requirement, keys, now());
    if (outcome.kind === 'passed') return { kind: 'open', token: outcome.token };
    report?.(outcome);
    return { kind: 'shut', answer: answerTo(outcome, requirement) };
  };
}

/** Seconds after which a client may try again when the issuer's keys cannot be had. */
const retryAfter = 5;

/** The answer to `refusal`: RFC 6750, 3 and 3.1; RFC 9470, 3. */
function answerTo(refusal: Refusal, requirement: CheckedRequirement): Answer {
  const { audience: realm, acrValues, maxAge, scopes } = requirement;
  const scope = scopes.length > 0 ? { scope: [...scopes] } : {};
  const challenged = (status: 400 | 401 | 403, error: string, description: string, more: Partial<Challenge> = {}) =>
    answer(
      status,
      { error, error_description: description },
      { 'www-authenticate': formatChallenge({ scheme: 'Bearer', error, errorDescription: description, ...more }) },
    );
  switch (refusal.kind) {
    case 'no-token':
      // Without a token there is nothing to name an error of (RFC 6750, 3.1); one parameter there must be (3).
      return answer(401, {}, { 'www-authenticate': formatChallenge({ scheme: 'Bearer', realm, ...scope }) });
    case 'invalid-request':
      return challenged(400, 'invalid_request', refusal.description);
    case 'invalid-token':
      return challenged(401, 'invalid_token', refusal.description);
    case 'insufficient-user-authentication':
      return challenged(401, 'insufficient_user_authentication', refusal.description, {
        ...(acrValues && { acrValues: [...acrValues] }),
        maxAge,
        ...(refusal.lacksScope && scope),
      });
    case 'insufficient-scope':
      return challenged(403, 'insufficient_scope', refusal.description, scope);
    case 'keys-unavailable':
      return answer(
        503,
        { error: 'temporarily_unavailable', error_description: 'access tokens cannot be checked now' },
        { 'retry-after': String(retryAfter) },
      );
  }
}

function answer(status: Answer['status'], body: object, headers: Record<string, string>): Answer {
  const common = { 'cache-control': 'no-store', 'content-type': 'application/json' };
  return { status, headers: { ...common, ...headers }, body: JSON.stringify(body) };
}
