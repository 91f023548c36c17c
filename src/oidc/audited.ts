/**
 * What the protocol itself does for a person or a service, written down before the answer leaves: a code without a proof,
 * tokens, a replay, a sign-out. What pages do is written by the dispatcher.
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Audit } from '../audit/audit.ts';
import type { BegunWrites } from './stored/begun-writes.ts';

/** What was used a second time. */
export interface Replay {
  kind: string;
  clientId?: string;
  accountId?: string;
}

/** Where a browser session has just begun. */
export type SessionBegan = (ctx: KoaContextWithOIDC, accountId: string, clientId: string, uid: string) => Promise<void>;

/** Remembers, until the answer leaves, that this request came with something used up. */
export function noteReplay(ctx: KoaContextWithOIDC, replay: Replay): void {
  ctx.state.replay = replay;
}

/** Stands around the library's endpoints. An answer is not given where what it promises has not been stored, or its entry cannot be written. */
export function audited(audit: Audit, sessionBegan: SessionBegan, writes: Pick<BegunWrites, 'done'>) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    try {
      await writes.done(ctx);
      await noteSession(ctx, sessionBegan);
      await writeDown(ctx, audit);
    } catch (fault) {
      // It may hold a code.
      ctx.remove('location');
      throw fault;
    }
  };
}

async function writeDown(ctx: KoaContextWithOIDC, audit: Audit): Promise<void> {
  const { oidc } = ctx;
  if (!oidc) return;
  const replay = ctx.state.replay as Replay | undefined;
  if (replay) {
    const { kind, clientId, accountId } = replay;
    await audit.writeOnce(ctx, 'token.replayed', { account: named(accountId), clientId, detail: { kind } });
  }
  switch (oidc.route) {
    case 'authorization':
    case 'resume':
    case 'device_resume':
      return silentSignIn(ctx, audit);
    case 'code_verification':
      return ctx.oidc.params?.abort ? deviceRefused(ctx, audit) : silentSignIn(ctx, audit);
    case 'token':
      return tokens(ctx, audit);
    case 'end_session_confirm':
      return signOut(ctx, audit);
  }
}

/** The policy has seen whether the session was new. */
async function noteSession(ctx: KoaContextWithOIDC, sessionBegan: SessionBegan): Promise<void> {
  const { session, client } = ctx.oidc ?? {};
  if (!ctx.state.sessionBegan || !session?.accountId || !client) return;
  await sessionBegan(ctx, session.accountId, client.clientId, session.uid);
}

/** A sign-in with proofs has been written when the last one came. Consent or a choice of account alone is still silent. */
async function silentSignIn(ctx: KoaContextWithOIDC, audit: Audit): Promise<void> {
  const { AuthorizationCode, DeviceCode } = ctx.oidc.entities;
  const code = AuthorizationCode ?? DeviceCode;
  if (!code?.accountId || (ctx.oidc.result as { login?: object } | undefined)?.login) return;
  const { accountId, clientId, acr, amr } = code;
  const detail = { acr: acr ?? '', amr: amr?.join(' ') ?? '' };
  await audit.write(ctx, 'sign-in.silent', { account: named(accountId), clientId, detail });
}

async function deviceRefused(ctx: KoaContextWithOIDC, audit: Audit): Promise<void> {
  const code = ctx.oidc.entities.DeviceCode;
  if (code) await audit.writeOnce(ctx, 'sign-in.cancelled', { clientId: code.clientId });
}

async function tokens(ctx: KoaContextWithOIDC, audit: Audit): Promise<void> {
  const { AccessToken, ClientCredentials } = ctx.oidc.entities;
  const token = AccessToken ?? ClientCredentials;
  if (!token || ctx.status !== 200) return;
  const grant = String(ctx.oidc.params?.grant_type);
  const detail = { grant, scope: token.scope ?? '', authorization: AccessToken?.grantId ?? '' };
  await audit.write(ctx, 'token.issued', { account: named(AccessToken?.accountId), clientId: token.clientId, detail });
}

async function signOut(ctx: KoaContextWithOIDC, audit: Audit): Promise<void> {
  const { session, params, client } = ctx.oidc;
  if (!params?.logout || !session?.accountId) return;
  await audit.write(ctx, 'sign-out.completed', { account: named(session.accountId), clientId: client?.clientId });
}

function named(id: string | undefined) {
  return id === undefined ? undefined : { id };
}
