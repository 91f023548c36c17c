/**
 * Kapu's own pages as a relying party, on openid-client like any service's: authorization code, PKCE, state and nonce. Only its
 * way to the server is its own, which is no way at all: in-process.ts. The library is loaded with the first sign-in: most servers
 * of a deployment start more often than somebody opens these pages.
 */

import type * as Library from 'openid-client';
import type { Settings } from '../config/settings.ts';
import { ownAlgorithm, ownCallbackPath, ownClientId, ownClientSecret } from './oidc/clients/own-client.ts';
import { type OwnSignIn, OwnSignInUnavailable } from './oidc/sessions/own-sign-in.ts';

/** The relying party of the server that `fetch` reaches. It asks for discovery with the first sign-in. */
export function createOwnSignIn(settings: Pick<Settings, 'issuer' | 'secrets'>, fetch: Library.CustomFetch): OwnSignIn {
  const { issuer, secrets } = settings;
  const redirectUri = `${issuer}${ownCallbackPath}`;
  let discovered: Promise<Library.Configuration> | undefined;

  /** What cannot be answered now is no answer. */
  const answered: Library.CustomFetch = async (address, request) => {
    const response = await fetch(address, request);
    if (response.status >= 500) throw new OwnSignInUnavailable(`the server answered itself with ${response.status}`);
    return response;
  };

  function configuration(oidc: typeof Library): Promise<Library.Configuration> {
    discovered ??= oidc
      .discovery(
        new URL(issuer),
        ownClientId,
        { id_token_signed_response_alg: ownAlgorithm },
        oidc.ClientSecretBasic(ownClientSecret(secrets.pairwiseSalt)),
        // No request leaves the process, so that there is nothing for TLS to protect.
        { [oidc.customFetch]: answered, execute: [oidc.allowInsecureRequests] },
      )
      .catch((fault: Error) => {
        discovered = undefined;
        throw unavailable(fault) ?? fault;
      });
    return discovered;
  }

  return {
    async ask(wish) {
      const oidc = await import('openid-client');
      const config = await configuration(oidc);
      const kept = { state: oidc.randomState(), verifier: oidc.randomPKCECodeVerifier(), nonce: oidc.randomNonce() };
      const address = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid',
        state: kept.state,
        nonce: kept.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(kept.verifier),
        code_challenge_method: 'S256',
        ...(wish && {
          claims: JSON.stringify({ id_token: { acr: { essential: true, value: wish.level } } }),
          max_age: String(wish.maxAge),
        }),
      });
      return { address: address.href, kept };
    },

    async redeem(query, { state, verifier, nonce }) {
      const oidc = await import('openid-client');
      const config = await configuration(oidc);
      try {
        const tokens = await oidc.authorizationCodeGrant(config, new URL(`${redirectUri}${query}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const { sub, acr, auth_time: authTime } = tokens.claims()!;
        return { outcome: 'signed-in', accountId: sub, acr: String(acr), authTime: new Date(Number(authTime) * 1000) };
      } catch (fault) {
        if (fault instanceof oidc.AuthorizationResponseError) return { outcome: 'refused', error: fault.error };
        if (unavailable(fault)) throw unavailable(fault);
        if (fault instanceof oidc.ResponseBodyError) return { outcome: 'unusable', reason: fault.error };
        if (fault instanceof oidc.ClientError) return { outcome: 'unusable', reason: fault.code ?? fault.message };
        throw fault;
      }
    },
  };
}

/** The library may wrap what a request threw. */
function unavailable(fault: unknown): OwnSignInUnavailable | undefined {
  return [fault, (fault as { cause?: unknown }).cause].find((each) => each instanceof OwnSignInUnavailable) as
    | OwnSignInUnavailable
    | undefined;
}
