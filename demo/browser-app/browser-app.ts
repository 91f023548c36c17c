/**
 * The demo's browser app: a static page under /browser-app that signs people in by itself. What it does is in sign-in.js, the
 * file to copy; here is how it is served, with the headers that keep its tokens from other people's scripts. It knows of Kapu
 * the issuer's address and the app's client id.
 */

import { createReadStream, readFileSync } from 'node:fs';
import Router from '@koa/router';
import ejs from 'ejs';
import type { Context } from 'koa';
import { texts } from './texts.ts';

export interface BrowserAppOptions {
  issuer: string;
  clientId: string;
}

const page = ejs.compile(readFileSync(new URL('page.ejs', import.meta.url), 'utf8'), {
  strict: true,
  localsName: 'model',
  _with: false,
});

/** Its scripts, by the names that they import one another by. The library is one module, served as its package has it. */
const scripts: Record<string, () => URL> = {
  'page.js': () => new URL('page.js', import.meta.url),
  'sign-in.js': () => new URL('sign-in.js', import.meta.url),
  'oauth4webapi.js': () => new URL(import.meta.resolve('oauth4webapi')),
};

/** The pages under /browser-app, in the language that `localeOf` finds. */
export function createBrowserApp(
  { issuer, clientId }: BrowserAppOptions,
  localeOf: (ctx: Context) => 'hu' | 'en',
): Router {
  const router = new Router();
  const policy = [
    "default-src 'none'; script-src 'self'; style-src 'self'",
    // Where it discovers, redeems and asks who signed in.
    `connect-src ${new URL(issuer).origin}`,
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  ].join('; ');

  router.get('/browser-app', (ctx) => {
    const locale = localeOf(ctx);
    ctx.set('Content-Security-Policy', policy);
    ctx.type = 'html';
    ctx.body = page({ t: texts[locale], locale, issuer, clientId });
  });

  for (const [name, location] of Object.entries(scripts)) {
    router.get(`/browser-app/${name}`, (ctx) => {
      ctx.type = 'js';
      ctx.body = createReadStream(location());
    });
  }
  return router;
}
