/** The browser session of a request, as Kapu's own pages ask for it: whose it is, and what has been proven in it. It changes nothing. */

import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { type Evidence, restore } from '../../assurance/evidence.ts';
import type { SessionWithEvidence } from '../policy.ts';

export interface BrowserSession {
  /** Stays the same as long as the session lives. */
  uid: string;
  accountId: string;
  evidence: Evidence;
}

/** Gives the session that this request's browser has; undefined when nobody is signed in. */
export type BrowserSessions = (ctx: Context) => Promise<BrowserSession | undefined>;

/** Sessions of `provider`, which is asked for in each request: new keys bring a new one. */
export function createBrowserSessions(provider: () => Provider): BrowserSessions {
  return async (ctx) => {
    const { uid, accountId, evidence } = (await provider().Session.get(ctx as never)) as SessionWithEvidence;
    return accountId === undefined ? undefined : { uid, accountId, evidence: restore(evidence) };
  };
}
