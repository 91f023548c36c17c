/**
 * The library has a few pages of its own: in English, without a content security policy, sending themselves on by an inline
 * script. Every page here works without scripts and under a strict policy, so none of the library's is shown: the browser
 * is sent on in their place. The one that posts an answer has a page of ours: form-answers.ts.
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { isAnsweredByForm } from './form-answers.ts';
import { interactionPath } from './interaction-path.ts';
import { forgetBrowser } from './sessions/browser.ts';

/** Stands around the library's endpoints. */
export async function sendOn(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const { oidc } = ctx;
  if (!oidc || ctx.status !== 200 || isAnsweredByForm(ctx)) return;
  // Somebody else has signed in, in another tab, since this sign-in was finished: the dispatcher finishes it anew.
  if (oidc.route === 'resume') go(ctx, interactionPath(String(oidc.entities.Interaction?.uid)));
  if (oidc.route === 'end_session' && !oidc.session?.accountId) await leave(ctx);
}

/** Nobody is signed in, so there is nothing to ask: on to where the sign-out would end. */
async function leave(ctx: KoaContextWithOIDC): Promise<void> {
  const { session } = ctx.oidc;
  const { postLogoutRedirectUri, state, clientId } = (session?.state ?? {}) as Record<string, string | undefined>;
  const url = new URL(postLogoutRedirectUri ?? ctx.oidc.urlFor('end_session_success'));
  if (postLogoutRedirectUri && state !== undefined) url.searchParams.set('state', state);
  if (!postLogoutRedirectUri && clientId) url.searchParams.set('client_id', clientId);
  if (session) {
    session.state = undefined;
    await session.destroy();
  }
  forgetBrowser(ctx);
  go(ctx, url.href);
}

/** Sends the browser on. */
export function go(ctx: KoaContextWithOIDC, url: string): void {
  ctx.status = 303;
  ctx.redirect(url);
}
