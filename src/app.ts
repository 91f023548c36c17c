/**
 * The Koa application: every layer that a request passes, in order. What each layer does stands in a file of its own
 * beside this one; the protocol and the pages are handed in.
 */

import type Router from '@koa/router';
import type Keygrip from 'keygrip';
import Koa, { type Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import type { Pages } from '../interactions/pages/render.ts';
import { serveAssets } from './web/assets.ts';
import { bodies } from './web/bodies.ts';
import { faults } from './web/faults.ts';
import { frontDoor } from './web/front-door.ts';
import { headers } from './web/headers.ts';
import { onlyOurHost } from './web/host.ts';
import { postedAsGet } from './web/posted.ts';
import { trustProxies } from './web/proxies.ts';
import { observe, type RequestCounter } from './web/requests.ts';
import { sameOrigin } from './web/same-origin.ts';
import { limitStarts } from './web/starts.ts';

export interface AppOptions {
  settings: Settings;
  cookieKeys: Keygrip;
  log: Logger;
  pages: Pages;
  /** The pages of sign-ins. */
  interactions: Router;
  /** The person's own pages. */
  account: Router;
  /** Services that register themselves; none where that is off. */
  registration?: Router;
  /** The protocol endpoints. */
  protocol: Middleware;
  count: RequestCounter;
  now: () => Date;
}

/** The application, not listening yet. */
export function createApp(options: AppOptions): Koa {
  const { settings, pages, log } = options;
  const app = new Koa({ keys: options.cookieKeys as never, proxy: settings.trustedProxies.length > 0 });
  // Every fault is logged once, by `faults`; what is left are connections that broke off while being answered.
  app.on('error', (error: Error) => log.debug({ error: error.message }, 'connection broke off'));

  app.use(trustProxies(settings.trustedProxies, settings.mtls?.header === undefined ? [] : [settings.mtls.header]));
  app.use(observe(log, options.count, options.now));
  app.use(headers(settings.issuer));
  app.use(faults(pages, settings.deployment.locale, log));
  app.use(onlyOurHost(settings.issuer, settings.mtls?.address));
  app.use(serveAssets(pages.assets));
  app.use(frontDoor(settings.deployment.help.url));
  app.use(postedAsGet());
  app.use(limitStarts(settings.limits.startsPerOrigin));
  app.use(sameOrigin(settings.issuer));
  app.use(bodies());
  app.use(options.interactions.routes());
  app.use(options.account.routes());
  if (options.registration) app.use(options.registration.routes());
  app.use(options.protocol);
  return app;
}
