/**
 * Sign-ins that may begin: every one that does keeps some 1.3 KB in the state store until it ends, for whoever asks. So an
 * origin may begin so many in a minute. Counted in each process by itself: it bounds what one origin can fill, not what one person
 * may try, and costs no round trip.
 */

import type { Middleware } from 'koa';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { originOf } from '../throttle/origin.ts';

const minute = 60;

/** Where sign-ins begin. Pushed requests come from services, which name themselves. */
const beginning = /^\/auth\/?$/;

/** Lets an origin begin `perMinute` sign-ins a minute; past it 429 with Retry-After. */
export function limitStarts(perMinute: number): Middleware {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: minute });
  return async (ctx, next) => {
    if (beginning.test(ctx.path)) {
      const over = await limiter.consume(originOf(ctx.ip)).then(
        () => undefined,
        (spent: RateLimiterRes) => spent,
      );
      if (over) {
        const headers = { 'retry-after': String(Math.max(1, Math.ceil(over.msBeforeNext / 1000))) };
        ctx.throw(429, 'too many sign-ins from this address', { headers });
      }
    }
    await next();
  };
}
