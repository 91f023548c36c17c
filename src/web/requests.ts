/**
 * Each request's reference and its line in the log. The reference is what an error page shows and every log line and audit
 * entry of the request repeats. No address line is logged as it came: it may hold what nobody should read.
 */

import { randomFillSync } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';

export type RequestCounter = (route: string, method: string, status: number, seconds: number) => void;

const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

/** Random bytes of which references are made: asking the system for a thousand costs what asking for ten does. */
const random = Buffer.alloc(1000);
let used = random.length;

/** Ten characters without those that people mix up: short enough to read out on the telephone. */
function newReference(): string {
  if (used + 10 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  let reference = '';
  for (const end = used + 10; used < end; used++) reference += alphabet[random[used]! % alphabet.length];
  return reference;
}

/** Gives each request its reference and its log, in `ctx.state`, and counts and logs its answer. */
export function observe(log: Logger, count: RequestCounter, now: () => Date): Middleware {
  return async (ctx, next) => {
    const started = now().getTime();
    ctx.state.reference = newReference();
    ctx.state.log = log.child({ reference: ctx.state.reference });
    ctx.set('x-request-id', ctx.state.reference);
    await next();
    const milliseconds = now().getTime() - started;
    const route = routeOf(ctx);
    count(route, ctx.method, ctx.status, milliseconds / 1000);
    ctx.state.log.info({ method: ctx.method, route, status: ctx.status, milliseconds }, 'request');
  };
}

/** The pattern that answered, or 'none': never the path itself, which anybody can fill with anything. */
function routeOf(ctx: Context): string {
  const matched =
    (ctx as { _matchedRoute?: string | RegExp })._matchedRoute ?? (ctx as { oidc?: { route?: string } }).oidc?.route;
  if (matched) return String(matched);
  return ctx.path.startsWith('/assets/') ? '/assets' : 'none';
}
