/**
 * Signing people in with Kapu: all of OpenID Connect that a service needs, and the file to read when you build one. The
 * protocol's own checks are openid-client's; what is yours is to keep one attempt's secrets in one browser session, and to
 * check the level.
 */

import * as oidc from 'openid-client';
import { type Challenge, isStepUp, parseChallenge, stepUpParameters } from '../../src/resource-server/challenge.ts';

export interface SignInOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Registered with Kapu, and compared there letter by letter. */
  redirectUri: string;
  postLogoutRedirectUri: string;
  /** The API that this service works with, as Kapu's settings list it among `resources`. */
  api: string;
}

/** What to ask of the person: a level of our own choosing, or whatever an API's challenge says. */
export type Wanted = { level?: 'plus'; challenge?: Challenge };

/** What must come back unchanged for an answer to be the answer to this question. Kept in the browser session. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The levels that will do; undefined where any will. */
  levels?: string[];
  /** The page of this service that wanted the sign-in, and to which it leads. */
  returnTo: string;
}

export interface SignedIn {
  /** Who signed in, at which level, how and when: the ID token's claims. */
  claims: oidc.IDToken;
  /** Opens the API in the person's name, for a few minutes. */
  accessToken: string;
  /** As it came; it is handed back at sign-out, so that Kapu knows whose session to end. */
  idToken: string;
}

/** Kapu did not answer. Nothing is wrong with the person or the request. */
export class KapuUnreachable extends Error {
  override name = 'KapuUnreachable';
}

/** The token is genuine, but its level is not the one that was asked. */
export class LevelNotReached extends Error {
  override name = 'LevelNotReached';
}

export type ApiAnswer =
  | { outcome: 'answered'; data: Record<string, unknown> }
  | { outcome: 'challenge'; challenge: Challenge }
  | { outcome: 'expired' };

/** Comes back with a person who has signed out, as `state`: the page can say so. */
export const justSignedOut = 'signed-out';

export type SignIn = ReturnType<typeof createSignIn>;

export function createSignIn(options: SignInOptions) {
  const { issuer, clientId, clientSecret, redirectUri, postLogoutRedirectUri, api } = options;
  let discovered: Promise<oidc.Configuration> | undefined;

  /** Kapu's endpoints and keys, read once. Kapu may start after this service: what failed is tried again next time. */
  function configuration(): Promise<oidc.Configuration> {
    discovered ??= oidc
      .discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), {
        timeout: 5,
        // The signature of the ID token is checked as well, not only where it came from.
        execute: [oidc.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [])],
      })
      .catch((cause) => {
        discovered = undefined;
        throw new KapuUnreachable(`${issuer} does not answer`, { cause });
      });
    return discovered;
  }

  return {
    /** A new attempt, and where to send the person for it. Each has secrets of its own, so that two tabs do not mix. */
    async begin(
      { level, challenge }: Wanted,
      returnTo: string,
      locale: string,
    ): Promise<{ attempt: Attempt; url: URL }> {
      const attempt: Attempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        levels: level ? [level] : challenge?.acrValues,
        returnTo,
      };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid profile email tax.read',
        resource: api,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ui_locales: locale,
        // "Essential" is what makes Kapu refuse rather than come back with less. A person who is signed in at basic is
        // asked for the missing proof alone: stepping up is no other request than this.
        ...(level && { claims: JSON.stringify({ id_token: { acr: { essential: true, value: level } } }) }),
        // RFC 9470, 4: the API has said what it wants, and it is asked for in the same words.
        ...(challenge && stepUpParameters(challenge)),
      });
      return { attempt, url };
    },

    /** The person, from what came back to the redirect URI. Throws AuthorizationResponseError when Kapu said no. */
    async finish(callback: URL, attempt: Attempt): Promise<SignedIn> {
      const config = await configuration();
      const checks = {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
        idTokenExpected: true,
      };
      // With `resource` the access token is the API's, and the ID token holds all that the scopes give (RFC 8707).
      const tokens = await oidc.authorizationCodeGrant(config, callback, checks, { resource: api });
      const claims = tokens.claims()!;
      // Never leave this out: the request went through the person's browser, who may have changed what it asked for.
      // Only the token says what was reached. (With levels above plus, compare with all that are good enough.)
      if (attempt.levels && !attempt.levels.includes(String(claims.acr)))
        throw new LevelNotReached(`acr is ${claims.acr}`);
      return { claims, accessToken: tokens.access_token, idToken: tokens.id_token! };
    },

    /**
     * Asks the API in the person's name. `challenge`: the API wants a stronger or fresher sign-in first; begin one with it.
     * `expired`: the token is not good any more; begin a plain one. Throws KapuUnreachable when the API does not answer.
     */
    async ask(path: string, { accessToken }: SignedIn): Promise<ApiAnswer> {
      const response = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${accessToken}` } }).catch(
        (cause) => {
          throw new KapuUnreachable(`${api} does not answer`, { cause });
        },
      );
      if (response.ok) return { outcome: 'answered', data: (await response.json()) as Record<string, unknown> };
      const challenge = parseChallenge(response.headers.get('www-authenticate') ?? '');
      if (challenge && isStepUp(challenge)) return { outcome: 'challenge', challenge };
      if (response.status === 401) return { outcome: 'expired' };
      throw new KapuUnreachable(`${api} answers ${response.status}`);
    },

    /** Where to send the person to sign out of Kapu as well; from there they come back to this service. */
    async endUrl(idToken: string, locale: string): Promise<URL> {
      return oidc.buildEndSessionUrl(await configuration(), {
        id_token_hint: idToken,
        post_logout_redirect_uri: postLogoutRedirectUri,
        state: justSignedOut,
        ui_locales: locale,
      });
    },
  };
}
