/** The addresses of a sign-in's pages, below /interaction/<uid>: the dispatcher's own, and those of each method. */

import Router from '@koa/router';
import { written } from '../src/oidc/consent.ts';
import { interactionPath } from '../src/oidc/interaction-path.ts';
import type { Records } from '../src/records/records.ts';
import { choosePage } from './choose/page.ts';
import { consentPage } from './consent/page.ts';
import { createDispatcher, type DispatcherOptions, pathOf } from './dispatcher.ts';
import { createEnrolRoutes } from './enrol/routes.ts';
import { field } from './form.ts';
import { createHeldRoutes } from './held/routes.ts';
import { selectAccountPage } from './select-account/page.ts';
import { formTarget, go, sendPage } from './send.ts';

export interface RoutesOptions extends DispatcherOptions {
  consents: Records['consents'];
  credentials: Records['credentials'];
}

/** The router of everything below /interaction/<uid>. */
export function createRoutes(options: RoutesOptions): Router {
  const { interactions, audit, pages } = options;
  const dispatcher = createDispatcher(options);
  const { situation, dispatch, refuse, cancel, decline, stepOf, lookOf, viewOf } = dispatcher;
  const router = new Router({ prefix: interactionPath(':uid') });

  router.get('/', async (ctx) => {
    const now = await situation(ctx);
    if (now) await dispatch(ctx, now);
  });

  router.get('/choose', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    if (now.answer.kind !== 'missing' || now.answer.next.length < 2) return dispatch(ctx, now);
    const { visit, answer } = now;
    const view = viewOf(ctx, visit);
    const model = {
      options: options.methods
        .filter(({ name }) => answer.next.includes(name))
        .map((method) => ({ href: `${pathOf(visit)}/${method.name}`, title: method.title(view.locale) })),
      action: ctx.path,
      mayDecline: answer.mayDecline,
    };
    sendPage(ctx, choosePage(pages, view, model), { target: formTarget(visit.redirectUri) });
  });

  router.post('/choose', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    if (field(ctx, 'cancel') !== undefined) return cancel(ctx, now);
    if (field(ctx, 'decline') !== undefined && now.answer.kind === 'missing' && now.answer.mayDecline)
      return decline(ctx, now);
    return dispatch(ctx, now);
  });

  router.get('/select-account', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    const { visit, account } = now;
    if (visit.prompt !== 'select_account' || !account) return dispatch(ctx, now);
    const view = viewOf(ctx, visit);
    const html = selectAccountPage(pages, view, { action: ctx.path, username: account.username });
    sendPage(ctx, html, { target: formTarget(visit.redirectUri) });
  });

  router.post('/select-account', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    const { visit, account } = now;
    if (visit.prompt !== 'select_account' || !account) return dispatch(ctx, now);
    if (field(ctx, 'cancel') !== undefined)
      return refuse(ctx, visit, 'access_denied', 'the person cancelled the sign-in', account);
    if (field(ctx, 'another') === undefined) return go(ctx, await interactions.select(ctx, visit));
    await interactions.another(visit);
    return go(ctx, pathOf(visit));
  });

  router.get('/consent', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    const { visit } = now;
    if (visit.prompt !== 'consent') return dispatch(ctx, now);
    const view = viewOf(ctx, visit);
    const html = consentPage(pages, view, { action: ctx.path, items: visit.asks });
    sendPage(ctx, html, { target: formTarget(visit.redirectUri) });
  });

  router.post('/consent', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    const { visit, account } = now;
    if (visit.prompt !== 'consent' || !account) return dispatch(ctx, now);
    const { clientId } = visit.service;
    if (field(ctx, 'allow') === undefined)
      return refuse(ctx, visit, 'access_denied', 'the person did not allow it', account);
    const scopes = visit.asks.map(written);
    await audit.write(ctx, 'consent.given', { account, clientId, detail: { scopes: scopes.join(' ') } });
    await options.consents.allow(account.id, clientId, scopes);
    return go(ctx, await interactions.consent(ctx, visit));
  });

  router.use('/held', createHeldRoutes({ ...options, dispatcher }).routes());
  router.use('/enrol', createEnrolRoutes({ ...options, dispatcher }).routes());
  for (const method of options.methods) {
    const own = new Router();
    method.routes(own, stepOf(method), lookOf(method));
    router.use(`/${method.name}`, own.routes());
  }
  for (const way of options.waysIn) {
    const method = options.methods.find(({ name }) => name === way.method);
    if (!method) continue;
    const own = new Router();
    way.routes(own, stepOf(method), lookOf(method));
    router.use(`/${way.name}`, own.routes());
  }
  return router;
}
