/**
 * Accounts as the protocol library sees them: the claims of a public register, and subjects that two services cannot
 * compare.
 */

import { createHmac } from 'node:crypto';
import type { Account as OidcAccount } from 'oidc-provider';
import type { Account } from '../records/records.ts';

/** Claims by scope (OpenID Connect Core, 5.4). `birth_name` is Kapu's own: the full name at birth, as registers hold it. */
export const claimsByScope = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'birth_name', 'birthdate', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
};

/** The scope that `claim` belongs to; undefined for what no scope gives. */
export function scopeOf(claim: string): string | undefined {
  return scopes.get(claim);
}

const scopes = new Map(
  Object.entries(claimsByScope).flatMap(([scope, claims]) => claims.map((claim) => [claim, scope])),
);

/** The scopes that a request asks for, with those that its single claims belong to: people consent to scopes. */
export function scopesAsked(scope: string | undefined, claims: string | undefined): string[] {
  const { userinfo, id_token } = JSON.parse(claims ?? '{}') as Record<string, object | null | undefined>;
  const single = [...Object.keys(userinfo ?? {}), ...Object.keys(id_token ?? {})];
  return [...new Set([...(scope?.split(' ') ?? []), ...single.flatMap((claim) => scopeOf(claim) ?? [])])];
}

/** An account with what the rest of this folder needs to know of it. */
export interface SignedInAccount extends OidcAccount {
  record: Account;
}

/** What an access token says of its sign-in; see `extraTokenClaims` in provider.ts. */
type SignInFacts = { extra?: { acr?: string; amr?: string[]; auth_time?: number } };

/** The library's view of an account; `token` is the one that claims are asked with, where there is one. */
export function asOidcAccount(account: Account, token?: unknown): SignedInAccount {
  return {
    accountId: account.id,
    record: account,
    [Symbol.toStringTag]: 'Account',
    async claims(use: string) {
      return {
        ...(use === 'userinfo' && (token as SignInFacts | undefined)?.extra),
        sub: account.id,
        name: account.name,
        birth_name: account.birthName,
        birthdate: account.birthDate,
        locale: account.locale,
        updated_at: Math.floor(account.updatedAt.getTime() / 1000),
        ...(account.email && { email: account.email, email_verified: account.emailVerified }),
      };
    },
  } as SignedInAccount;
}

/**
 * The subject that `client` sees of an account (OpenID Connect Core, 8.1). Clients of one sector see the same one;
 * a client on loopback addresses is a sector of its own, because every native app has those.
 */
export function pairwiseSubject(
  salt: string,
  accountId: string,
  client: { clientId: string; sectorIdentifier?: string },
): string {
  const host = client.sectorIdentifier;
  const loopback = !host || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(host);
  return createHmac('sha256', salt)
    .update(JSON.stringify([loopback ? `client:${client.clientId}` : `sector:${host}`, accountId]))
    .digest('base64url');
}
