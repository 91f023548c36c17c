/**
 * Sign-ins that may begin. Every one that does keeps some 1.3 KB in the state store until it ends, for whoever asks; so an
 * origin may begin so many in a minute. Counted in each process by itself: it bounds what one origin can fill, not what one person
 * may try, and costs no round trip. And people begin sign-ins by going somewhere: a page of somebody else's that has their
 * browser load one as a picture begins none, and so cannot use up what their network may begin.
 */

import type { Middleware } from 'koa';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { interactionsPath } from '../oidc/interaction-path.ts';
import { originOf } from '../throttle/origin.ts';

const minute = 60;

/** Where sign-ins begin. Pushed requests come from services, which name themselves. */
const beginning = /^\/auth\/?$/i;

/** Where a device begins, and the page for its code, which keeps what its form needs. */
const devices = /^\/device(\/auth)?\/?$/i;

/** What a browser loads when it goes somewhere, in a window or, for a silent sign-in, in a frame (Fetch Metadata, 2.2). */
const visits = ['', 'document', 'iframe', 'frame'];

/** Lets an origin begin `perMinute` sign-ins a minute; past it 429 with Retry-After. 403 for what is no visit. */
export function limitStarts(perMinute: number): Middleware {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: minute });
  return async (ctx, next) => {
    const isDevices = devices.test(ctx.path);
    if (!beginning.test(ctx.path) && !isDevices) return next();
    if (!isDevices && !visits.includes(ctx.get('sec-fetch-dest')))
      ctx.throw(403, 'a sign-in begins by going to this address');
    const origin = originOf(ctx.ip);
    const begun = await limiter.get(origin);
    if (begun && begun.consumedPoints >= perMinute) {
      const headers = { 'retry-after': String(Math.max(1, Math.ceil(begun.msBeforeNext / 1000))) };
      ctx.throw(429, 'too many sign-ins from this address', { headers });
    }
    await next();
    // What was answered without a question, or refused, has stored nothing.
    const isKept = ctx.response.get('location')?.startsWith(interactionsPath) || (isDevices && ctx.status === 200);
    if (isKept) await limiter.penalty(origin);
  };
}
