/**
 * The browser that an authorization request began in. Its cookie is one that only this very host can set (RFC 6265bis, 4.1.3),
 * so nobody can plant a sign-in of theirs into another person's browser and go on with what that person proves
 * (RFC 9700, 4.7; ASVS 7.2.4). Signing out makes the browser another: what was begun before does not sign in again.
 */

import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { hashed } from '../stored/adapter.ts';

const nameFor = (ctx: Context) => (ctx.secure ? '__Host-kapu-browser' : 'kapu-browser');
const options = (ctx: Context) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', signed: false, secure: ctx.secure, overwrite: true }) as const;

/** A hash of this browser's cookie, which is set where there is none yet. */
export function browserOf(ctx: Context): string {
  const known = knownBrowserOf(ctx);
  if (known) return known;
  const made = randomBytes(18).toString('base64url');
  ctx.cookies.set(nameFor(ctx), made, options(ctx));
  ctx.state.browser = hashed(made);
  return ctx.state.browser;
}

/** A hash of this browser's cookie; undefined where it has none. */
export function knownBrowserOf(ctx: Context): string | undefined {
  const cookie = ctx.cookies.get(nameFor(ctx), { signed: false });
  return ctx.state.browser ?? (cookie && hashed(cookie));
}

/** Takes the cookie away. */
export function forgetBrowser(ctx: Context): void {
  ctx.cookies.set(nameFor(ctx), null, options(ctx));
}
