/** One name: addresses in discovery and in redirects follow the request's host, so another host than the issuer's is refused. */

import type { Middleware } from 'koa';

export function onlyOurHost(issuer: string): Middleware {
  const { host, protocol } = new URL(issuer);
  return (ctx, next) => {
    // RFC 9110, 7.4: a request for another authority is misdirected.
    if (ctx.host.toLowerCase() !== host) ctx.throw(421, `this server is ${host}`);
    if (protocol === 'https:' && !ctx.secure)
      ctx.throw(
        400,
        'the request did not come over TLS: is the proxy listed in trustedProxies, and does it send X-Forwarded-Proto?',
      );
    // No TRACE, and nothing that no endpoint answers (ASVS 13.4.4).
    if (!['GET', 'HEAD', 'POST', 'OPTIONS'].includes(ctx.method))
      ctx.throw(405, 'method not allowed', { headers: { allow: 'GET, HEAD, POST, OPTIONS' } });
    return next();
  };
}
