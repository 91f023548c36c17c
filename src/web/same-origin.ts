/**
 * Our forms are sent by our pages: a browser says where a form comes from, and another origin is refused (ASVS 3.5.1). The
 * cookies of an interaction and of a person's own pages, which are SameSite, are the second lock.
 */

import type { Middleware } from 'koa';

/** Paths whose POST is our own pages' alone; the protocol's endpoints are called by others. */
const ours = /^\/(interaction\/|account(\/|$)|session\/end\/confirm|device\/?$)/i;

/** Throws 403 for a form of ours that another origin sent. A browser that says nothing of where it comes from
 *  passes. */
export function sameOrigin(issuer: string): Middleware {
  const { origin } = new URL(issuer);
  return (ctx, next) => {
    if (ctx.method !== 'POST' || !ours.test(ctx.path)) return next();
    const from = ctx.get('origin');
    const site = ctx.get('sec-fetch-site');
    const foreign = from ? from !== origin : site !== '' && site !== 'same-origin' && site !== 'none';
    if (foreign) ctx.throw(403, 'the form was sent by another site');
    return next();
  };
}
