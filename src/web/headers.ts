/** The headers of every answer (ASVS 3.4); a page's content security policy is interactions/send.ts's. */

import type { Middleware } from 'koa';

const twoYears = 2 * 365 * 24 * 60 * 60;

/** Sets them before anything else answers, so that errors have them too; HSTS where `issuer` is https. */
export function headers(issuer: string): Middleware {
  const common: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Not no-referrer: with it browsers send `Origin: null` with our own forms, and the check of origins would refuse them.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    ...(issuer.startsWith('https:') && { 'strict-transport-security': `max-age=${twoYears}; includeSubDomains` }),
  };
  return (ctx, next) => {
    ctx.set(common);
    return next();
  };
}
