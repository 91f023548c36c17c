/**
 * Which services are to hear of a sign-out (OpenID Connect Back-Channel Logout 1.0): those that the session has signed in to and
 * that are registered with an address for it. This file takes the library's own sending out of the sign-out, which would wait for every
 * service, and hands on who is to be told once the session has ended. How they are told is delivery.ts's business.
 */

import { randomBytes } from 'node:crypto';
import Provider, { errors, type Session } from 'oidc-provider';
import type { Source } from '../../audit/audit.ts';
import { hashed } from '../stored/adapter.ts';

/** One service that is to hear of the end of one session. */
export interface Notice {
  id: string;
  clientId: string;
  accountId: string;
  /** The session as this service knows it, by its ID tokens. */
  sid: string;
  /** The request that ended it, for the audit. */
  ip: string;
  reference?: string;
}

/** Takes notices on and returns at once. */
export type Tell = (notices: readonly Notice[]) => void;

/** Parts of the library's models that its types leave out. */
interface Client {
  clientId: string;
  backchannelLogoutUri?: string;
  includeSid(): boolean;
  backchannelLogout(accountId: string, sid: string): Promise<void>;
}

const noticeOf = (clientId: string, accountId: string, sid: string, { ip, state }: Source): Notice => ({
  id: randomBytes(12).toString('base64url'),
  clientId,
  accountId,
  sid,
  ip,
  reference: state.reference,
});

/** Has `provider` give `tell` those who are to hear of a sign-out, when it is done. Call it before the provider serves. */
export function noticeSignOuts(provider: Provider, tell: Tell): void {
  nameSessions(provider);
  const client = provider.Client.prototype as unknown as Client;
  // A service that would be told of the person alone would have to end what they do in another browser as well.
  client.includeSid = function () {
    return this.backchannelLogoutUri !== undefined;
  };
  const ended = new WeakMap<object, Notice[]>();
  client.backchannelLogout = async function (accountId, sid) {
    const ctx = Provider.ctx!;
    ended.set(ctx, [...(ended.get(ctx) ?? []), noticeOf(this.clientId, accountId, sid, ctx as Source)]);
  };
  provider.on('end_session.success', (ctx) => tell(ended.get(ctx) ?? []));
  signOutInAnyCase(provider);
}

/** Nobody is kept signed in by a service of theirs that cannot be loaded any more: it is told nothing, that is all (ASVS 7.4.1). */
function signOutInAnyCase(provider: Provider): void {
  const find = provider.Client.find.bind(provider.Client);
  provider.Client.find = async (id: string) =>
    find(id).catch((fault: unknown) => {
      // A store that is away is another matter: then nobody is signed out.
      const signsOut = Provider.ctx?.oidc?.route?.startsWith('end_session');
      if (!signsOut || !(fault instanceof errors.OIDCProviderError)) throw fault;
      return undefined;
    });
}

/** Who is to hear that `session` ends, where no sign-out of the library's ends it. */
export async function noticesOf(provider: Provider, session: Session, source: Source): Promise<Notice[]> {
  const { accountId, authorizations = {} } = session;
  const clients = await Promise.all(Object.keys(authorizations).map((id) => provider.Client.find(id).catch(() => {})));
  return clients.flatMap((client) => {
    const sid = client?.backchannelLogoutUri && session.sidFor(client.clientId);
    return client && sid && accountId ? [noticeOf(client.clientId, accountId, sid, source)] : [];
  });
}

/**
 * Makes a sid follow from the grant, whose id is the same for all requests of one session and service: two tabs that
 * sign in at once would otherwise each make one, and the service would be told of the last written alone. A service that was signed out by
 * itself has another grant afterwards, and so another sid.
 */
function nameSessions(provider: Provider): void {
  const session = provider.Session.prototype as unknown as {
    authorizationFor(clientId: string, value?: string): { grantId?: string };
    sidFor(clientId: string, value?: string): string | undefined;
  };
  session.sidFor = function (clientId, value) {
    const { grantId } = this.authorizationFor(clientId, value);
    return value === undefined && grantId ? hashed(`sid ${grantId}`) : undefined;
  };
}
