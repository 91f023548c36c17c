/** What a browser remembers of a sign-in, so that a page that is over can lead back to the service. */

import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { factsOf, type ServiceFacts } from './clients/service-facts.ts';
import { interactionPath } from './interaction-path.ts';

/** A sign-in of which nothing is left but, at best, the service's name. */
export interface Gone {
  outcome: 'gone';
  why: 'expired' | 'finished' | 'other-browser';
  service?: ServiceFacts;
}

/** How long, in seconds, a browser remembers which service an ended interaction was for. */
const memory = 2 * 60 * 60;
const trace = 'kapu-service';

/** Remembers, in the browser alone, which service the interaction is for, so that a stale page can lead back to it. */
export function leaveTrace(ctx: Context, uid: string, clientId: string, finished = false): void {
  ctx.cookies.set(trace, JSON.stringify({ clientId, finished }).replaceAll(/[^ -~]|[%;,\\]/g, encodeURIComponent), {
    path: interactionPath(uid),
    maxAge: memory * 1000,
    httpOnly: true,
    sameSite: 'lax',
    signed: true,
  });
}

/** What is left of the sign-in that this request asks for. */
export async function gone(ctx: Context, provider: Provider, hadCookie: boolean): Promise<Gone> {
  const left = ctx.cookies.get(trace, { signed: true });
  if (!left) return { outcome: 'gone', why: hadCookie ? 'expired' : 'other-browser' };
  const { clientId, finished } = JSON.parse(decodeURIComponent(left)) as { clientId: string; finished: boolean };
  const client = await provider.Client.find(clientId).catch(() => undefined);
  return {
    outcome: 'gone',
    why: finished ? 'finished' : 'expired',
    service: client && factsOf(client as never),
  };
}
