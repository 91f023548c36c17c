/**
 * Sign-ins that may begin. Every one that does keeps some 1.3 KB in the state store until it ends, for whoever asks; so an
 * origin may begin so many in a minute. Counted in each process by itself: it bounds what one origin can fill, not what one person
 * may try, and costs no round trip. And people begin sign-ins by going somewhere: a page of somebody else's that has their
 * browser load one as a picture begins none, and so cannot use up what their network may begin.
 */

import type { Context, Middleware } from 'koa';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { interactionsPath } from '../oidc/interaction-path.ts';
import { originOf } from '../throttle/origin.ts';

const minute = 60;

/** Where sign-ins begin, whatever comes behind. */
const anyStart = /^\/(auth|account|device|request)/i;

interface Start {
  path: RegExp;
  /** Whether the answer means that something is kept. What was answered without a question, or refused, has stored nothing. */
  keeps(ctx: Context): boolean;
  /** Whether pages of ours load something there as well. */
  parts?: boolean;
}

/** Each is counted by itself: what is loaded of one does not use up another. */
const starts: Start[] = [
  {
    path: /^\/auth\/?$/i,
    keeps: (ctx) => Boolean(ctx.response.get('location')?.startsWith(interactionsPath)),
  },
  // The person's own pages, for who has to sign in to them.
  {
    path: /^\/account(\/|$)/i,
    keeps: (ctx) => /\/auth\?/.test(ctx.response.get('location') ?? ''),
    parts: true,
  },
  // Where a device begins, and the page for its code, which keeps what its form needs.
  { path: /^\/device(\/auth)?\/?$/i, keeps: (ctx) => ctx.status === 200 },
  // A service that proves who it is pushes as much as it likes; anybody can push in the name of one that cannot.
  { path: /^\/request\/?$/i, keeps: (ctx) => ctx.status === 201 && clientOf(ctx)?.clientAuthMethod === 'none' },
];

const clientOf = (ctx: Context) => (ctx as { oidc?: { client?: { clientAuthMethod: string } } }).oidc?.client;

/** What a browser loads when it goes somewhere, in a window or, for a silent sign-in, in a frame (Fetch Metadata, 2.2). What
 *  services and devices send says nothing of it; an app in a browser pushes with 'empty'. */
const visits = ['', 'document', 'iframe', 'frame'];

/** Lets an origin begin `perMinute` of each kind of start a minute; past it 429 with Retry-After. 403 for what is no visit. */
export function limitStarts(perMinute: number): Middleware {
  const limited = starts.map((start) => ({
    ...start,
    limiter: new RateLimiterMemory({ points: perMinute, duration: minute }),
  }));
  return async (ctx, next) => {
    const start = anyStart.test(ctx.path) && limited.find(({ path }) => path.test(ctx.path));
    if (!start) return next();
    const isPart = start.parts && ctx.get('sec-fetch-site') === 'same-origin';
    if (ctx.method === 'GET' && !isPart && !visits.includes(ctx.get('sec-fetch-dest')))
      ctx.throw(403, 'a sign-in begins by going to this address');
    const origin = originOf(ctx.ip);
    const begun = await start.limiter.get(origin);
    if (begun && begun.consumedPoints >= perMinute) {
      const headers = { 'retry-after': String(Math.max(1, Math.ceil(begun.msBeforeNext / 1000))) };
      ctx.throw(429, 'too many sign-ins from this address', { headers });
    }
    await next();
    if (start.keeps(ctx)) await start.limiter.penalty(origin);
  };
}
