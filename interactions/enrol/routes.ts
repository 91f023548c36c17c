/** The addresses below /interaction/<uid>/enrol: what can be set up, and each method's pages for that. */

import Router from '@koa/router';
import { type Dispatcher, pathOf } from '../dispatcher.ts';
import { type EnrolmentParts, enrolmentVisit } from '../enrolment.ts';
import { field } from '../form.ts';
import type { Method } from '../method.ts';
import type { Pages } from '../pages/render.ts';
import { formTarget, go, sendPage } from '../send.ts';
import { enrolPage } from './page.ts';

export interface EnrolRoutesOptions extends EnrolmentParts {
  methods: readonly Method[];
  pages: Pages;
  dispatcher: Pick<Dispatcher, 'situation' | 'dispatch' | 'cancel' | 'stepOf' | 'viewOf'>;
}

/** The router of what stands at /interaction/<uid>/enrol. */
export function createEnrolRoutes(options: EnrolRoutesOptions): Router {
  const { methods, pages, dispatcher } = options;
  const { situation, dispatch, cancel, stepOf, viewOf } = dispatcher;
  const router = new Router();

  router.get('/', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    const { visit, answer } = now;
    if (answer.kind !== 'enrol') return dispatch(ctx, now);
    const view = viewOf(ctx, visit);
    const offered = methods
      .filter(({ name }) => answer.methods.includes(name))
      .map((method) => ({
        href: `${pathOf(visit)}/enrol/${method.name}`,
        title: method.title(view.locale),
        about: method.enrolment?.about(view.locale) ?? '',
      }));
    const html = enrolPage(pages, view, { options: offered, action: ctx.path });
    sendPage(ctx, html, { target: formTarget(visit.redirectUri) });
  });

  router.post('/', async (ctx) => {
    const now = await situation(ctx);
    if (!now) return;
    return field(ctx, 'cancel') === undefined ? dispatch(ctx, now) : cancel(ctx, now);
  });

  for (const method of methods) {
    if (!method.enrolment) continue;
    const own = new Router();
    method.enrolment.routes(own, async (ctx) => {
      const now = await situation(ctx);
      if (!now) return undefined;
      const { visit, account, answer } = now;
      // Set up meanwhile, in another tab, or never to be: what comes next is the dispatcher's to say.
      if (answer.kind !== 'enrol' || !account || !answer.methods.includes(method.name))
        return void (await dispatch(ctx, now));
      return enrolmentVisit(
        ctx,
        {
          id: visit.uid,
          account,
          view: viewOf(ctx, visit),
          method,
          clientId: visit.service.clientId,
          // It stands on the password alone: of two people at once who have that, the thief and the owner, one does.
          onlyBeside: methods.filter(({ proves }) => proves === 'password').map(({ name }) => name),
          async done(added) {
            if (!added || !method.enrolment?.proves) return go(ctx, pathOf(visit));
            const step = await stepOf(method)(ctx);
            await step?.passed(account);
          },
          show: (html, shown) => sendPage(ctx, html, { ...shown, target: formTarget(visit.redirectUri) }),
        },
        options,
      );
    });
    router.use(`/${method.name}`, own.routes());
  }
  return router;
}
