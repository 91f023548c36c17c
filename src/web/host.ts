/** One name: addresses in discovery and in redirects follow the request's scheme and host, so others than the issuer's are refused. */

import type { Middleware } from 'koa';

/** What services call themselves: all that answers at a second address. */
const ofServices = ['/token', '/token/introspection', '/token/revocation', '/request', '/device/auth', '/userinfo'];

/** What a service changes and removes: its registration (RFC 7592, 2). */
const managed = /^\/reg\/[\w-]+$/;

/** Refuses, by throwing, requests for another host than the issuer's (421), by another scheme (400) or with a method
 *  that nothing answers (405). At `second`, the address for clients with certificates, services' endpoints answer alone. */
export function onlyOurHost(issuer: string, second?: string): Middleware {
  const first = new URL(issuer);
  const other = second === undefined ? undefined : new URL(second);
  return (ctx, next) => {
    const isSecond =
      other?.host === ctx.host.toLowerCase() && other.host !== first.host && ofServices.includes(ctx.path);
    const { host, protocol } = isSecond ? other : first;
    // An absolute address in the request line would be taken for ours, past the Host header (RFC 9112, 3.2.2).
    if (!ctx.req.url?.startsWith('/')) ctx.throw(421, 'the request line names a whole address');
    // RFC 9110, 7.4: a request for another authority is misdirected.
    if (ctx.host.toLowerCase() !== host) ctx.throw(421, `this server is ${host}`);
    if (`${ctx.protocol}:` !== protocol)
      ctx.throw(
        400,
        protocol === 'https:'
          ? 'the request did not come over TLS: is the proxy listed in trustedProxies, and does it send X-Forwarded-Proto?'
          : 'the request did not come over http, as the issuer says: is X-Forwarded-Proto right?',
      );
    // No TRACE, and nothing that no endpoint answers (ASVS 13.4.4).
    const allowed = ['GET', 'HEAD', 'POST', 'OPTIONS', ...(managed.test(ctx.path) ? ['PUT', 'DELETE'] : [])];
    if (!allowed.includes(ctx.method)) ctx.throw(405, 'method not allowed', { headers: { allow: allowed.join(', ') } });
    return next();
  };
}
