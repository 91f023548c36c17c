/**
 * Signing people in with Kapu: all of OpenID Connect that a service needs, and the file to read when you build one. The
 * protocol's own checks are openid-client's; what is yours is to keep one attempt's secrets in one browser session, and to
 * check the level.
 */

import * as oidc from 'openid-client';

export interface SignInOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Registered with Kapu, and compared there letter by letter. */
  redirectUri: string;
  postLogoutRedirectUri: string;
}

/** What must come back unchanged for an answer to be the answer to this question. Kept in the browser session. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The level that was asked; undefined where any will do. */
  level?: 'plus';
}

export interface SignedIn {
  /** Who signed in, at which level, how and when: the ID token's claims. */
  claims: oidc.IDToken;
  /** What the person's scopes gave: name, birth date, e-mail. */
  person: oidc.UserInfoResponse;
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

export type SignIn = ReturnType<typeof createSignIn>;

export function createSignIn({ issuer, clientId, clientSecret, redirectUri, postLogoutRedirectUri }: SignInOptions) {
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
    async begin(level: 'plus' | undefined, locale: string): Promise<{ attempt: Attempt; url: URL }> {
      const attempt: Attempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        level,
      };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ui_locales: locale,
        // "Essential" is what makes Kapu refuse rather than come back with less. A person who is signed in at basic is
        // asked for the missing proof alone: stepping up is no other request than this.
        ...(level && { claims: JSON.stringify({ id_token: { acr: { essential: true, value: level } } }) }),
      });
      return { attempt, url };
    },

    /** The person, from what came back to the redirect URI. Throws AuthorizationResponseError when Kapu said no. */
    async finish(callback: URL, attempt: Attempt): Promise<SignedIn> {
      const config = await configuration();
      const tokens = await oidc.authorizationCodeGrant(config, callback, {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      // Never leave this out: the request went through the person's browser, who may have changed what it asked for.
      // Only the token says what was reached. (With levels above plus, compare with all that are good enough.)
      if (attempt.level && claims.acr !== attempt.level) throw new LevelNotReached(`acr is ${claims.acr}`);
      const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      return { claims, person, idToken: tokens.id_token! };
    },

    /** Where to send the person to sign out of Kapu as well; from there they come back to this service. */
    async endUrl(idToken: string, locale: string): Promise<URL> {
      return oidc.buildEndSessionUrl(await configuration(), {
        id_token_hint: idToken,
        post_logout_redirect_uri: postLogoutRedirectUri,
        ui_locales: locale,
      });
    },
  };
}
