/**
 * How long the level of an authorization lasts, kept with its code and its refresh tokens. A refresh never renews a level: the
 * refreshed ID token repeats acr and auth_time of the sign-in. A client that must not go on with an aged level sets
 * `refresh_beyond_level` to false, and then hears invalid_grant once the first proof has aged. No client goes on with tokens of a
 * sign-in from before the account's sessions were ended.
 */

import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Standing } from '../assurance/levels.ts';
import { keepFields } from './stored/kept-fields.ts';

/** The field that codes and refresh tokens carry: milliseconds, or absent for a level that does not age. */
type Ageing = { kind?: string; levelUntil?: number };

/** When the level that `standing` shows ends: with the first of its proofs to outlive its maxAge; undefined for never. */
export function endOf({ level, proofs }: Standing): number | undefined {
  const ends = proofs.flatMap(({ method, at }) => {
    const maxAge = level.maxAge[method];
    return maxAge === undefined ? [] : [at.getTime() + maxAge * 1000];
  });
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/** Makes the library keep the field, which its models otherwise drop. Call it before the provider serves. */
export function keepLevelLife(provider: Provider): void {
  for (const model of [provider.AuthorizationCode, provider.DeviceCode, provider.RefreshToken])
    keepFields(model, 'levelUntil');
}

/** Notes the end of the level that this request's policy found, on the code that is about to be saved. */
export function noteOnCode(ctx: KoaContextWithOIDC, source: unknown): void {
  const code = source as Ageing;
  if (code.kind === 'AuthorizationCode' || code.kind === 'DeviceCode') code.levelUntil = ctx.state.levelUntil;
}

/** Hands it on from the code, or from the refresh token before, to a refresh token that is about to be saved. */
export function noteOnRefreshToken(ctx: KoaContextWithOIDC, token: unknown): void {
  const { RotatedRefreshToken, AuthorizationCode, DeviceCode } = ctx.oidc.entities;
  const source = (RotatedRefreshToken ?? AuthorizationCode ?? DeviceCode) as Ageing | undefined;
  (token as Ageing).levelUntil ??= source?.levelUntil;
}

/** Throws invalid_grant when `token` is a refresh token whose level has aged, and its client does not want to go on with it. */
export function refuseAged(token: unknown, client: { [key: string]: unknown } | undefined, now: Date): void {
  const { kind, levelUntil } = (token ?? {}) as Ageing;
  if (kind !== 'RefreshToken' || levelUntil === undefined || client?.refresh_beyond_level !== false) return;
  if (levelUntil < now.getTime())
    throw new errors.InvalidGrant('the level of the sign-in has aged: send the person to sign in again');
}

/**
 * Whether the sign-in behind `token` was before `moment`: such a token counts for nothing. Tokens know the time of their sign-in to the
 * second, so one that was made in the same second is let pass.
 */
export function isBefore(token: unknown, moment: Date | undefined): boolean {
  const { authTime, extra } = (token ?? {}) as { authTime?: number; extra?: { auth_time?: number } };
  const at = authTime ?? extra?.auth_time;
  return moment !== undefined && at !== undefined && at < Math.floor(moment.getTime() / 1000);
}
