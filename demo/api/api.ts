/**
 * The demo API: what a public body's data service does with access tokens, and the file to read when you build one. Two
 * answers about one person, of which the second needs a strong and recent sign-in, and says so as RFC 9470 has it; and one
 * about nobody, for machines. It knows of Kapu the issuer's address alone. The data are made up.
 */

import Router from '@koa/router';
import type { Middleware } from 'koa';
import { issuerKeys } from '../../src/resource-server/keys.ts';
import { requireLevel } from '../../src/resource-server/koa.ts';
import type { AccessToken, Refusal } from '../../src/resource-server/token.ts';

export interface ApiOptions {
  issuer: string;
  /** This API's own address, under which Kapu's settings list it as a resource. */
  audience: string;
  /** Hears why a request was turned away. */
  report?: (refusal: Refusal) => void;
  now?: () => Date;
}

/** Seconds since the sign-in within which a tax return is shown. */
const taxReturnMaxAge = 300;

/**
 * Answers GET /api/profile to any access token for this API, and GET /api/tax-return to one from a sign-in at plus in the
 * last five minutes; and GET /api/statistics/returns to one for the API `AUDIENCE/statistics`, an audience of its own: a machine's
 * token opens nothing of a person, nor a person's token this. Whatever is not below /api/ goes on to the next middleware.
 */
export function createApi({ issuer, audience, report, now }: ApiOptions): Middleware {
  const common = { issuer, audience, report, now, keys: issuerKeys({ issuer, now }) };
  const router = new Router({ prefix: '/api' });

  router.get('/profile', requireLevel(common), (ctx) => {
    const token: AccessToken = ctx.state.token;
    ctx.body = { sub: token.sub, acr: token.acr, signedInAt: token.authTime, office: 'Budapest, XI.' };
  });

  router.get('/tax-return', requireLevel({ ...common, acrValues: ['plus'], maxAge: taxReturnMaxAge }), (ctx) => {
    const token: AccessToken = ctx.state.token;
    ctx.body = { sub: token.sub, acr: token.acr, year: 2025, currency: 'HUF', income: 7_412_000, refund: 38_500 };
  });

  const statistics = { ...common, audience: `${audience}/statistics`, scopes: ['statistics.read'] };
  router.get('/statistics/returns', requireLevel(statistics), (ctx) => {
    ctx.body = { year: 2025, returns: 4_512_300, refunded: 1_870_450 };
  });

  const routes = router.routes();
  const methods = router.allowedMethods();
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/api/')) return next();
    ctx.set('cache-control', 'no-store');
    await methods(ctx as never, () => routes(ctx as never, async () => {}));
    if (ctx.status === 404) {
      ctx.status = 404;
      ctx.body = { error: 'not_found' };
    }
  };
}
