/**
 * The issuer's signing keys: found by discovery, fetched when they are needed, kept for a while. The only part that speaks
 * to the network. A key always comes from the issuer's own key set, never from a place or a key that a token names.
 */

import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';

/** Finds the key that a token says it is signed with. Throws KeysUnavailable when the key set cannot be had. */
export type Keys = JWTVerifyGetKey;

/** The issuer's keys cannot be had now, so that no token can be checked. `cause` says why. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

export interface IssuerKeysOptions {
  issuer: string;
  /** Where the key set is; left out, discovery tells. */
  jwksUri?: string;
  /** Seconds after a fetch in which a token with an unknown key does not cause another; 30 unless told otherwise. */
  cooldown?: number;
  /** Seconds after which the set is fetched again; 600 unless told otherwise. */
  keepFor?: number;
  /** Seconds that are let pass after a fetch that failed; 2 unless told otherwise. */
  pause?: number;
  /** Milliseconds that a fetch may take; 5000 unless told otherwise. */
  patience?: number;
  now?: () => Date;
  /** How the network is asked; through a proxy, for one. */
  fetch?: typeof fetch;
}

/**
 * The keys of `issuer`. Nothing is fetched before the first token comes. One instance may serve many routes. When the
 * issuer changes its keys, the first token with a new one makes the set be fetched anew.
 */
export function issuerKeys(options: IssuerKeysOptions): Keys {
  const { issuer, jwksUri, cooldown = 30, keepFor = 600, pause = 2, patience = 5000 } = options;
  const { now = () => new Date(), fetch = globalThis.fetch } = options;
  const discovery = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let pausedUntil = 0;
  let failure: unknown;

  const keySet = createRemoteJWKSet(new URL(jwksUri ?? discovery), {
    cooldownDuration: cooldown * 1000,
    cacheMaxAge: keepFor * 1000,
    timeoutDuration: patience,
    // Discovery is read anew with each fetch of the set, so that a set that moves is followed.
    async [customFetch](_address, init) {
      if (now().getTime() < pausedUntil) throw failure;
      try {
        const response = await fetch(jwksUri ?? (await discover(issuer, () => fetch(discovery, init))), init);
        if (response.status !== 200) throw new Error(`the key set is answered with ${response.status}`);
        return Response.json(await response.json());
      } catch (error) {
        pausedUntil = now().getTime() + pause * 1000;
        failure = error;
        throw error;
      }
    },
  });

  return async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      throw new KeysUnavailable('the keys of the issuer cannot be had', { cause: error });
    }
  };
}

/** The set is there and has no one key that fits. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** The address of the key set, from the issuer's metadata (OpenID Connect Discovery, 4.3). Throws when they are another's. */
async function discover(issuer: string, ask: () => Promise<Response>): Promise<string> {
  const response = await ask();
  if (response.status !== 200) throw new Error(`discovery is answered with ${response.status}`);
  const { issuer: named, jwks_uri } = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw new Error('discovery names another issuer');
  const url = typeof jwks_uri === 'string' && URL.canParse(jwks_uri) ? new URL(jwks_uri) : undefined;
  // Over plain http, whoever stands in between says which keys are good. It is for trials, where the issuer is http too.
  if (!url || (url.protocol !== 'https:' && new URL(issuer).protocol === 'https:'))
    throw new Error('discovery names no jwks_uri that can be used');
  return url.href;
}
