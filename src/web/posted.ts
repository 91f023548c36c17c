/**
 * Requests that a service has the browser post: they may come by GET and by POST (OpenID Connect Core, 3.1.2.1; RP-Initiated
 * Logout, 2). A browser keeps our session cookie, which is SameSite=Lax, from what another site posts, and everybody would
 * have to sign in again; so what was posted is asked for again by GET, where the cookie comes along. The other way would be
 * SameSite=None, for every request.
 */

import type { Middleware } from 'koa';
import { formParser } from './forms.ts';

const paths = /^\/(auth|session\/end)\/?$/;

/** Bytes. What becomes an address has to fit into what Node takes for the head of a request, 16 KB. */
const limit = 12 * 1024;

/** Sends who posts a request of a service on to the same by GET, with 303. Throws 413 for one that is too large for an address. */
export function postedAsGet(): Middleware {
  const parse = formParser(limit);
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || !paths.test(ctx.path)) return next();
    await parse(ctx as never, async () => {});
    // Spelt anew, so that nothing but parameters can stand in the address; twice remains twice, which the protocol refuses.
    const parameters = new URLSearchParams(ctx.request.rawBody ?? '');
    const address = `${ctx.path}?${parameters}`;
    // Spelt anew, a character may take three.
    if (address.length > limit) ctx.throw(413, 'what was posted does not fit into an address');
    ctx.status = 303;
    ctx.redirect(address);
  };
}
