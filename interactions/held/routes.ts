/** The address /interaction/<uid>/held: why a service that asks for more cannot have it now, and the way back to it. */

import Router from '@koa/router';
import type { Settings } from '../../config/settings.ts';
import { accountPath } from '../../src/oidc/interaction-path.ts';
import { type Dispatcher, pathOf } from '../dispatcher.ts';
import type { Method } from '../method.ts';
import type { Pages } from '../pages/render.ts';
import { timeInWords } from '../plain-words.ts';
import { formTarget, sendPage } from '../send.ts';
import { heldPage } from './page.ts';

export interface HeldRoutesOptions {
  settings: Settings;
  methods: readonly Method[];
  pages: Pages;
  dispatcher: Pick<Dispatcher, 'situation' | 'dispatch' | 'unmet' | 'viewOf'>;
}

/** The router of what stands at /interaction/<uid>/held. */
export function createHeldRoutes({ settings, methods, pages, dispatcher }: HeldRoutesOptions): Router {
  const { situation, dispatch, unmet, viewOf } = dispatcher;
  const router = new Router();

  router.get('/', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    const { visit, account, answer } = now;
    if (answer.kind !== 'held' || !account) return dispatch(ctx, now);
    const view = viewOf(ctx, visit);
    const { since, until } = answer.hold;
    const inWords = (time: Date) => timeInWords(time, settings.deployment.timeZone, view.locale);
    const own = methods.filter((method) => method.proves === 'own' && method.availableTo(account));
    const html = heldPage(pages, view, {
      action: `${pathOf(visit)}/held`,
      since: inWords(since),
      until: until && inWords(until),
      own: own.map(({ title }) => title(view.locale)),
      accountHref: `${accountPath}/${account.formerEmail === undefined ? 'methods' : 'email'}`,
    });
    sendPage(ctx, html, { target: formTarget(visit.redirectUri) });
  });

  router.post('/', async (ctx) => {
    const now = await situation(ctx);
    if (now) return now.answer.kind === 'held' ? unmet(ctx, now) : dispatch(ctx, now);
  });
  return router;
}
