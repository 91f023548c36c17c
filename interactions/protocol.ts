/** The pages that the protocol itself shows, outside any interaction: errors, signing out, signed out. */

import type { Context, Middleware } from 'koa';
import { pageFor } from '../src/assurance/page.ts';
import type { Answer } from '../src/assurance/request.ts';
import { factsOf } from '../src/oidc/clients/service-facts.ts';
import { interactionPath } from '../src/oidc/interaction-path.ts';
import type { ProtocolPages } from '../src/oidc/provider.ts';
import type { Locale } from '../src/records/records.ts';
import type { MethodFacts } from './method.ts';
import { confirmSignOutPage } from './pages/confirm-sign-out/page.ts';
import { deviceCodePage } from './pages/device-code/page.ts';
import { deviceConfirmPage } from './pages/device-confirm/page.ts';
import { deviceEndPage } from './pages/device-end/page.ts';
import { type ErrorModel, errorPage } from './pages/error/page.ts';
import { formPostPage } from './pages/form-post/page.ts';
import type { Pages, View } from './pages/render.ts';
import { signedOutPage } from './pages/signed-out/page.ts';
import { formTarget, sendPage } from './send.ts';
import { viewOf } from './visitor.ts';

/**
 * Stands around the protocol. Where the policy has just said what has to be proven, the browser goes straight to that page, and
 * not by way of the dispatcher, which would send it there.
 */
export function straightToPage(methods: readonly MethodFacts[]): Middleware {
  return async (ctx, next) => {
    await next();
    const answer = ctx.state.answer as Answer | undefined;
    const location = ctx.response.get('location');
    if (answer?.kind === 'missing' && /^\/interaction\/[\w-]+$/.test(location))
      ctx.redirect(`${location}/${pageFor(answer, methods)}`);
  };
}

/** Errors of the protocol that a person can do something about; any other is for the service's developer to mend. */
const kinds: Record<string, ErrorModel['kind']> = {
  invalid_client: 'unknown-service',
  server_error: 'fault',
};

/** These pages for src/oidc; `fallback` is the language where nobody asks for one. */
export function createProtocolPages(pages: Pages, fallback: Locale): ProtocolPages {
  const view = (ctx: Context): View => {
    const client = (ctx as { oidc?: { client?: { clientId: string } } }).oidc?.client;
    return viewOf(ctx, fallback, client && factsOf(client as never));
  };
  return {
    async error(ctx, { error, error_description }, cause) {
      // An interaction that is over (a second tab, the back button, too late) has a page of its own that leads back.
      const resumed = /^\/auth\/([\w-]+)$/.exec(ctx.path);
      if (resumed && cause.name === 'SessionNotFound') {
        ctx.status = 303;
        return ctx.redirect(interactionPath(resumed[1]!));
      }
      const status = ctx.status;
      const kind = kinds[error] ?? (ctx.path.endsWith('/session/end/confirm') ? 'expired' : 'bad-request');
      const technical = kind === 'fault' ? undefined : `${error}: ${error_description ?? ''}`;
      ctx.state.log?.warn(
        { error, reason: error_description, detail: (cause as { error_detail?: string }).error_detail },
        'protocol error',
      );
      sendPage(ctx, errorPage(pages, view(ctx), { kind, technical }), { status });
    },
    async confirmSignOut(ctx, xsrf) {
      const target = formTarget(ctx.oidc.params?.post_logout_redirect_uri as string | undefined);
      const action = new URL(ctx.oidc.urlFor('end_session_confirm')).pathname;
      sendPage(ctx, confirmSignOutPage(pages, view(ctx), { action, xsrf }), { target });
    },
    async formPost(ctx, action, fields) {
      sendPage(ctx, formPostPage(pages, view(ctx), { action, fields }), { script: true, target: formTarget(action) });
      // Otherwise browsers would send `Origin: null`, which a service may take for a forgery.
      ctx.set('referrer-policy', 'strict-origin');
    },
    device: {
      code: async (ctx, model) => {
        const { retryAfter } = model;
        const status = model.problem === 'too-many' ? 429 : model.problem ? 400 : 200;
        sendPage(ctx, deviceCodePage(pages, view(ctx), model), { status, retryAfter });
      },
      confirm: async (ctx, model) => sendPage(ctx, deviceConfirmPage(pages, view(ctx), model)),
      end: async (ctx, end) =>
        sendPage(ctx, deviceEndPage(pages, view(ctx), end), { status: end === 'failed' ? 400 : 200 }),
    },
    async signedOut(ctx, stays) {
      sendPage(ctx, signedOutPage(pages, view(ctx), { stays }));
    },
  };
}
