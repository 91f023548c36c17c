/**
 * JWTs that clients sign: assertions of who they are, request objects, DPoP proofs. The library checks signature, audience, expiry
 * and replay; what profiles and FAPI 2.0 say beyond that is here. Knows nothing of stores.
 */

import { hkdfSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { profileOf } from './profiles.ts';

/** Seconds that a client's clock may be ahead (FAPI 2.0 Security Profile, 5.3.2.1: 10 are to be accepted, 60 never). */
export const clockTolerance = 10;

/** FAPI 2.0 Message Signing, 5.3.1: from nbf to exp, in seconds. */
const longestRequest = 3600;

type Claims = Record<string, unknown>;
type Client = { [key: string]: unknown };

/** Whether `at`, in seconds, is further ahead than clocks may be. */
function isAhead(at: unknown, now: Date): boolean {
  return typeof at === 'number' && at > Math.floor(now.getTime() / 1000) + clockTolerance;
}

/**
 * Refuses an assertion whose signature is good, by throwing invalid_client: signed by an algorithm that the client's profile does
 * not have, made in the future, or, for FAPI, meant for anything but exactly the issuer (Security Profile, 5.3.2.1).
 */
export function refuseAssertion(now: () => Date) {
  return (ctx: KoaContextWithOIDC, { aud, iat }: Claims, { alg }: Claims, client: object): void => {
    const { algorithms, fapi } = profileOf(client as Client);
    if (!algorithms.includes(String(alg))) throw new errors.InvalidClientAuth(`alg ${alg} is not for this profile`);
    if (isAhead(iat, now())) throw new errors.InvalidClientAuth('the assertion was issued in the future');
    if (fapi && aud !== ctx.oidc.provider.issuer) throw new errors.InvalidClientAuth('aud must be the issuer alone');
  };
}

/**
 * Refuses a request object, by throwing invalid_request_object: an algorithm that the profile does not have, made in the
 * future, or, for FAPI, without its exp, nbf and aud or for longer than an hour.
 */
export function refuseRequestObject(now: () => Date) {
  return (ctx: KoaContextWithOIDC, { exp, nbf, iat, aud }: Claims, { alg }: Claims, client: object): void => {
    // What has been pushed was looked at then; the library wraps it into a JWT of its own.
    if (ctx.oidc.entities.PushedAuthorizationRequest) return;
    const refuse = (reason: string): never => {
      throw new errors.InvalidRequestObject(reason);
    };
    const { algorithms, fapi } = profileOf(client as Client);
    if (!algorithms.includes(String(alg))) refuse(`alg ${alg} is not for this profile`);
    if (isAhead(iat, now())) refuse('the request object was issued in the future');
    if (!fapi) return;
    if (typeof exp !== 'number' || typeof nbf !== 'number' || aud === undefined) refuse('exp, nbf and aud are needed');
    const life = Number(exp) - Number(nbf);
    if (life <= 0 || life > longestRequest) refuse(`exp must be at most ${longestRequest} seconds after nbf`);
  };
}

/**
 * DPoP (RFC 9449) as the library takes it. Nonces are made from `secret`, so that every process knows those of the others
 * (8); a nonce made from a secret that has been changed costs its client one more round.
 */
export function dpop(secret: string, nonceRequired: boolean, now: () => Date) {
  return {
    enabled: true,
    nonceSecret: Buffer.from(hkdfSync('sha256', secret, '', 'kapu dpop nonce', 32)),
    // Asked before the proof is looked at, which is where one from the future can be refused: the library takes five minutes.
    requireNonce(ctx: KoaContextWithOIDC): boolean {
      if (isAhead(issuedAt(ctx.get('dpop')), now()))
        throw new errors.InvalidDpopProof('DPoP proof iat is in the future');
      return nonceRequired;
    },
  };
}

/** What a proof says of when it was made, not verified yet, and read as the library reads it. Throws what refuses one that cannot be read. */
function issuedAt(proof: string): unknown {
  try {
    return decodeJwt(proof).iat;
  } catch {
    throw new errors.InvalidDpopProof('the DPoP proof cannot be read');
  }
}
