/**
 * A machine client: a program that calls an API in its own name, with nobody signed in, and the file to copy when you build
 * one. Tokens come from Kapu by `client_credentials` (RFC 6749, 4.4); what is yours is to keep each until shortly before
 * it ends, and to get another when the API does not take it any more. Nothing here has to do with levels: a level says how a
 * person was recognised, and a machine's token names none.
 */

import * as oidc from 'openid-client';

export interface MachineOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The API, as the client's `resources` names it: tokens are for this one alone (RFC 8707). */
  api: string;
  scope: string;
  now?: () => Date;
}

/** The API's answer was not a success. */
export class Refused extends Error {
  override name = 'Refused';
}

/** Seconds before its end from which a token is not used any more: it has to live until the API has looked at it. */
const spare = 30;

export function createMachine({ issuer, clientId, clientSecret, api, scope, now = () => new Date() }: MachineOptions) {
  let discovered: Promise<oidc.Configuration> | undefined;
  let kept: { token: string; until: number } | undefined;

  function configuration(): Promise<oidc.Configuration> {
    // A machine that has a key better uses oidc.PrivateKeyJwt(key): then no secret has to be known at two places.
    discovered ??= oidc
      .discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), {
        timeout: 5,
        execute: issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
      })
      .catch((fault) => {
        discovered = undefined;
        throw fault;
      });
    return discovered;
  }

  async function token(): Promise<string> {
    if (kept && now().getTime() < kept.until) return kept.token;
    const answer = await oidc.clientCredentialsGrant(await configuration(), { resource: api, scope });
    kept = { token: answer.access_token, until: now().getTime() + ((answer.expires_in ?? 0) - spare) * 1000 };
    return kept.token;
  }

  const call = async (path: string) =>
    fetch(`${api}${path}`, {
      headers: { authorization: `Bearer ${await token()}` },
      signal: AbortSignal.timeout(5000),
    });

  return {
    /**
     * What the API says at `path`, from JSON. Throws Refused when it answers with an error; openid-client's
     * WWWAuthenticateChallengeError when Kapu does not know the machine, its ResponseBodyError when it gives no token;
     * and what fetch throws when one of the two is away.
     */
    async ask(path: string): Promise<Record<string, unknown>> {
      let response = await call(path);
      if (response.status === 401) {
        // The API's keys or its clock may have changed under the token. Once, so that a mistake does not go round in circles.
        kept = undefined;
        response = await call(path);
      }
      if (!response.ok) throw new Refused(`${api}${path} answers ${response.status}`);
      return (await response.json()) as Record<string, unknown>;
    },
  };
}
