/**
 * One try at telling one service of a sign-out: the logout token and the request that carries it (OpenID Connect Back-Channel
 * Logout 1.0, 2.4 to 2.8). Knows nothing of when it is tried again.
 */

import { randomBytes } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { Outbound } from '../outbound.ts';
import type { Heard } from './delivery.ts';
import type { Notice } from './notices.ts';

export interface SendOptions {
  /** Whether this notice is the one of its session and service that is sent; the same every time for one notice. */
  claim: (notice: Notice) => Promise<boolean>;
  /** The one that serves now: a token is signed anew at each try, by the key that signs then. */
  provider: () => Provider;
  outbound: Pick<Outbound, 'fetch'>;
  /** Milliseconds that a service has for its answer. */
  patience: number;
}

/** Sends a notice once. A token has a jti of its own at each try, because a service may rightly refuse one that it has seen. */
export function createSend({ claim, provider, outbound, patience }: SendOptions) {
  return async function send(notice: Notice): Promise<Heard> {
    if (!(await claim(notice))) return { outcome: 'known' };
    const { clientId, accountId, sid } = notice;
    const current = provider();
    const client = await current.Client.find(clientId);
    if (!client?.backchannelLogoutUri) return { outcome: 'refused', reason: 'no longer registered for it' };
    const token = Object.assign(new current.IdToken({ sub: accountId }, { client }), { mask: { sub: null } });
    token.set('events', { 'http://schemas.openid.net/event/backchannel-logout': {} });
    token.set('jti', randomBytes(16).toString('base64url'));
    token.set('sid', sid);
    const { status } = await outbound.fetch(client.backchannelLogoutUri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: await token.issue({ use: 'logout' }) }),
      patience,
    });
    if (status === 200 || status === 204) return { outcome: 'told' };
    // The service has understood and says no (2.8).
    return { outcome: status === 400 ? 'refused' : 'unheard', reason: `status ${status}` };
  };
}

/** Refuses a logout token where an ID token belongs, as in id_token_hint (2.4). Call it before the provider serves. */
export function refuseLogoutTokens({ IdToken }: Provider): void {
  const validate = IdToken.validate.bind(IdToken);
  IdToken.validate = async (jwt, client) => {
    const verified = await validate(jwt, client);
    if (verified.header.typ === 'logout+jwt') throw new Error('a logout token is no ID token');
    return verified;
  };
}
