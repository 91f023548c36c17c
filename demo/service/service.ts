/**
 * The demo service: a fictional tax office that signs people in with Kapu. How it does that is in sign-in.ts; here are
 * its pages. It knows of Kapu what any service knows: the issuer's address and its own client id and secret.
 */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import ejs from 'ejs';
import Koa, { type Context } from 'koa';
import { demoPassword, demoPeople } from '../../config/demo.ts';
import { createApi } from '../api/api.ts';
import type { Surroundings } from '../explainer/explainer.ts';
import { Sessions } from './sessions.ts';
import { createSignIn, justSignedOut, type SignIn, type Wanted } from './sign-in.ts';
import { type Locale, texts } from './texts.ts';
import { describe, describeReturn, explain, type Failure } from './words.ts';

export interface ServiceOptions {
  port: number;
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Where the demo's codes arrive: the page links to it. */
  mailboxUrl?: string;
  /** Pages of the demo beside the service's own, under /explain: made from what the service knows. */
  explainer?: (surroundings: Surroundings) => Router;
  /** Likewise, under /browser-app. */
  browserApp?: (localeOf: Surroundings['localeOf']) => Router;
  now?: () => Date;
}

export interface Service {
  url: string;
  stop(): Promise<void>;
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = ejs.compile(read('page.ejs'), { strict: true, localsName: 'model', _with: false });
const style = read('service.css');

/** Starts the service. Kapu need not run yet. Throws what listening throws, such as EADDRINUSE. */
export async function startService({
  port,
  issuer,
  clientId,
  clientSecret,
  mailboxUrl,
  explainer,
  browserApp,
  now,
}: ServiceOptions): Promise<Service> {
  const server = createServer();
  await once(server.listen(port, 'localhost'), 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const signIn = createSignIn({
    issuer,
    clientId,
    clientSecret,
    redirectUri: `${url}/callback`,
    postLogoutRedirectUri: `${url}/`,
    api: `${url}/api`,
  });
  server.on('request', application({ url, issuer, signIn, mailboxUrl, explainer, browserApp, now }).callback());
  return {
    url,
    async stop() {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    },
  };
}

interface Parts {
  url: string;
  issuer: string;
  signIn: SignIn;
  mailboxUrl?: string;
  explainer?: ServiceOptions['explainer'];
  browserApp?: ServiceOptions['browserApp'];
  now?: () => Date;
}

function application({ url, issuer, signIn, mailboxUrl, explainer, browserApp, now }: Parts): Koa {
  const sessions = new Sessions();
  const router = new Router();

  function show(ctx: Context, failure?: Failure, again = '/sign-in', taxReturn?: Record<string, unknown>): void {
    const locale = localeOf(ctx);
    const t = texts[locale];
    const signedIn = sessions.find(ctx)?.signedIn;
    ctx.status = failure?.status ?? 200;
    ctx.body = page({
      t,
      locale,
      signedIn: signedIn && describe(signedIn, t, locale),
      signedOut: ctx.query.state === justSignedOut,
      failure: failure && { words: t.errors[failure.name], code: failure.code, again },
      taxReturn: taxReturn && describeReturn(taxReturn, t, locale),
      demo: mailboxUrl && {
        url: mailboxUrl,
        people: demoPeople.map(({ username }) => username),
        password: demoPassword,
        explains: explainer !== undefined,
        hasApp: browserApp !== undefined,
      },
    });
  }

  router.get('/', (ctx) => show(ctx));

  /** Sends the person to Kapu; they come back to `returnTo`. */
  async function begin(ctx: Context, wanted: Wanted, returnTo: string): Promise<void> {
    try {
      const begun = await signIn.begin(wanted, returnTo, localeOf(ctx));
      sessions.begin(ctx, begun.attempt);
      ctx.redirect(begun.url.href);
    } catch (error) {
      show(ctx, explain(error), ctx.url);
    }
  }

  router.get('/sign-in', (ctx) => begin(ctx, { level: ctx.query.level === 'plus' ? 'plus' : undefined }, '/'));

  router.get('/callback', async (ctx) => {
    const attempt = sessions.take(ctx, ctx.query.state);
    if (!attempt) return show(ctx, { name: 'unknownAttempt', status: 400 });
    try {
      sessions.signIn(ctx, await signIn.finish(new URL(ctx.originalUrl, url), attempt));
      ctx.redirect(attempt.returnTo);
    } catch (error) {
      const again = attempt.levels?.includes('plus') ? '/sign-in?level=plus' : '/sign-in';
      show(ctx, explain(error), attempt.returnTo === '/' ? again : attempt.returnTo);
    }
  });

  // RFC 9470 from the service's side: ask the API; where it wants a stronger sign-in, bring it and ask again. `again`
  // keeps an API that is never content from sending the person round in circles.
  router.get('/tax-return', async (ctx) => {
    const signedIn = sessions.find(ctx)?.signedIn;
    if (!signedIn) return begin(ctx, {}, '/tax-return');
    try {
      const answer = await signIn.ask('/tax-return', signedIn);
      if (answer.outcome === 'answered') return show(ctx, undefined, undefined, answer.data);
      if (ctx.query.again !== undefined) return show(ctx, { name: 'unmet', status: 403 }, '/tax-return');
      const challenge = answer.outcome === 'challenge' ? answer.challenge : undefined;
      await begin(ctx, { challenge }, '/tax-return?again');
    } catch (error) {
      show(ctx, explain(error), '/tax-return');
    }
  });

  // Here first, then at Kapu: a person who presses sign out is out of this service even if Kapu is away.
  router.post('/sign-out', async (ctx) => {
    const signedIn = sessions.find(ctx)?.signedIn;
    sessions.end(ctx);
    try {
      const { href } = signedIn ? await signIn.endUrl(signedIn.idToken, localeOf(ctx)) : { href: '/' };
      ctx.status = 303;
      ctx.redirect(href);
    } catch (error) {
      show(ctx, explain(error));
    }
  });

  router.get('/language/:locale', (ctx) => {
    const { locale } = ctx.params;
    if (locale !== 'hu' && locale !== 'en') return;
    ctx.cookies.set('sample_tax_office_language', locale, { httpOnly: true, sameSite: 'lax' });
    const { to } = ctx.query;
    ctx.redirect(to === '/explain' || to === '/browser-app' ? to : '/');
  });

  router.get('/service.css', (ctx) => {
    ctx.type = 'css';
    ctx.body = style;
  });

  const app = new Koa();
  app.use(async (ctx, next) => {
    ctx.set({
      // The issuer stands in form-action because signing out is a form that Kapu goes on with.
      'Content-Security-Policy': `default-src 'none'; style-src 'self'; form-action 'self' ${new URL(issuer).origin}; base-uri 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    await next();
    if (ctx.status === 404) show(ctx, { name: 'notFound', status: 404 }, '/');
  });
  app.use(createApi({ issuer, audience: `${url}/api`, now }));
  app.use(router.routes());
  const request = (level: 'plus' | undefined, locale: Locale) =>
    signIn.begin({ level }, '/', locale).then(
      ({ url }) => url.href,
      () => undefined,
    );
  if (browserApp) app.use(browserApp(localeOf).routes());
  if (explainer) app.use(explainer({ localeOf, request }).routes());
  return app;
}

/** The language that was chosen on the page, or else the browser's. */
function localeOf(ctx: Context): Locale {
  const chosen = ctx.cookies.get('sample_tax_office_language');
  if (chosen === 'hu' || chosen === 'en') return chosen;
  return ctx.acceptsLanguages('hu', 'en') === 'hu' ? 'hu' : 'en';
}
