/**
 * Signing people in with Kapu from a page that has no server: all of OpenID Connect that a browser app needs, on
 * oauth4webapi, and the file to copy when you build one. The protocol's own checks are the library's; what is yours is to
 * keep one attempt's secrets in one tab, to check the level, and to keep tokens in memory only, where a later script of
 * somebody else's does not find them. It knows nothing of the page.
 */

import * as oauth from './oauth4webapi.js';

/** The token is genuine, but its level is not the one that was asked. */
export class LevelNotReached extends Error {
  name = 'LevelNotReached';
}

/** Nothing is known of the sign-in that came back: it was begun in another tab, or the answer was used already. */
export class UnknownAttempt extends Error {
  name = 'UnknownAttempt';
}

/**
 * `issuer`, `clientId`: as registered at Kapu, profile `public`. `redirectUri`: this page, and `postLogoutRedirectUri` where to
 * come back to after signing out; both registered, and compared there letter by letter.
 */
export function createSignIn({ issuer, clientId, redirectUri, postLogoutRedirectUri }) {
  const client = { client_id: clientId, id_token_signed_response_alg: 'ES256' };
  // The demo speaks http, on loopback. Elsewhere the library refuses it, and so it should.
  const options = { [oauth.allowInsecureRequests]: issuer.startsWith('http:') };
  let discovered;

  /** Kapu's endpoints, read once; what failed is tried again next time. */
  function server() {
    discovered ??= oauth
      .discoveryRequest(new URL(issuer), options)
      .then((response) => oauth.processDiscoveryResponse(new URL(issuer), response))
      .catch((fault) => {
        discovered = undefined;
        throw fault;
      });
    return discovered;
  }

  return {
    /**
     * Where to send the person to sign in, at `level` where one is needed. `returnTo`: the view of this page that wanted it. A
     * person who is signed in at basic is asked for the missing proof alone: stepping up is no other request than this.
     */
    async begin({ level, returnTo, locale }) {
      const { authorization_endpoint } = await server();
      const state = oauth.generateRandomState();
      const attempt = {
        nonce: oauth.generateRandomNonce(),
        verifier: oauth.generateRandomCodeVerifier(),
        level,
        returnTo,
      };
      // Of this tab alone, and there after the way to Kapu and back.
      sessionStorage.setItem(`sign-in ${state}`, JSON.stringify(attempt));
      const url = new URL(authorization_endpoint);
      url.search = new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state,
        nonce: attempt.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ui_locales: locale,
        // "Essential" is what makes Kapu refuse rather than come back with less.
        ...(level && { claims: JSON.stringify({ id_token: { acr: { essential: true, value: level } } }) }),
      });
      return url;
    },

    /**
     * The person, from what came back to the redirect URI; undefined when `callback` is no answer. Throws
     * oauth4webapi's AuthorizationResponseError when Kapu said no, LevelNotReached and UnknownAttempt.
     */
    async finish(callback) {
      const state = callback.searchParams.get('state');
      if (!callback.searchParams.has('code') && !callback.searchParams.has('error')) return undefined;
      const attempt = JSON.parse(sessionStorage.getItem(`sign-in ${state}`));
      sessionStorage.removeItem(`sign-in ${state}`);
      if (!attempt) throw new UnknownAttempt(String(state));
      const kapu = await server();
      const answer = oauth.validateAuthResponse(kapu, client, callback, state);
      const response = await oauth.authorizationCodeGrantRequest(
        kapu,
        client,
        oauth.None(),
        answer,
        redirectUri,
        attempt.verifier,
        options,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(kapu, client, response, {
        expectedNonce: attempt.nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(kapu, response, options);
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      // Never leave this out: the request went through the person's browser, who may have changed what it asked for.
      // Only the token says what was reached. (With levels above plus, compare with all that are good enough.)
      if (attempt.level && claims.acr !== attempt.level) throw new LevelNotReached(`acr is ${claims.acr}`);
      return {
        claims,
        accessToken: tokens.access_token,
        idToken: tokens.id_token,
        returnTo: attempt.returnTo,
      };
    },

    /** What the scopes give beside the ID token: the name, with `profile`. */
    async about({ claims, accessToken }) {
      const kapu = await server();
      const response = await oauth.userInfoRequest(kapu, client, accessToken, options);
      return oauth.processUserInfoResponse(kapu, client, claims.sub, response);
    },

    /** Where to send the person to sign out of Kapu as well; forget them here first. */
    async endUrl(idToken, locale) {
      const url = new URL((await server()).end_session_endpoint);
      const back = { id_token_hint: idToken, post_logout_redirect_uri: postLogoutRedirectUri, ui_locales: locale };
      url.search = new URLSearchParams(back);
      return url;
    },
  };
}
