/** A relying party on openid-client, for tests: it asks, takes the callback, and redeems. */

import * as oidc from 'openid-client';
import type { Agent, Page } from './agent.ts';
import { seen } from './secrets.ts';

export interface SignedIn {
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;
  claims: oidc.IDToken;
}

export interface Asked {
  url: URL;
  /** Redeems what came back to the callback; throws what openid-client throws. */
  redeem(callback: URL): Promise<SignedIn>;
}

export interface RelyingParty {
  config: oidc.Configuration;
  redirectUri: string;
  /** An authorization request of its own state, nonce and PKCE pair, with `parameters` added. */
  ask(parameters?: Record<string, string>): Promise<Asked>;
  /** Sends `agent` there, and gives the page that it comes to. */
  visit(agent: Agent, parameters?: Record<string, string>): Promise<{ asked: Asked; page: Page }>;
}

export interface RelyingPartyOptions {
  clientId?: string;
  secret?: string;
  redirectUri?: string;
  scope?: string;
  /** Gets every token that the party is given. */
  secrets?: Set<string>;
}

/** A party with the demo's client `demo-native` unless told otherwise. */
export async function relyingParty(issuer: string, options: RelyingPartyOptions = {}): Promise<RelyingParty> {
  const {
    clientId = 'demo-native',
    secret,
    redirectUri = 'http://127.0.0.1:45454/callback',
    scope = 'openid',
    secrets,
  } = options;
  seen.add('client secret', secret);
  const config = await oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    secret ? oidc.ClientSecretBasic(secret) : oidc.None(),
    { execute: [oidc.allowInsecureRequests] },
  );
  const ask = async (parameters: Record<string, string> = {}): Promise<Asked> => {
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    seen.add('token', verifier);
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return {
      url,
      async redeem(callback) {
        const tokens = await oidc.authorizationCodeGrant(config, callback, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        for (const token of [tokens.access_token, tokens.refresh_token, tokens.id_token])
          if (token) {
            secrets?.add(token);
            seen.add('token', token);
          }
        return { tokens, claims: tokens.claims()! };
      },
    };
  };
  return {
    config,
    redirectUri,
    ask,
    async visit(agent, parameters) {
      const asked = await ask(parameters);
      return { asked, page: await agent.get(asked.url) };
    },
  };
}
