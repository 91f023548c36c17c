/**
 * Answers to a service that travel in a form (OAuth 2.0 Form Post Response Mode; JARM, 2.3.3): on a page of ours in the place of
 * the library's, which is in English, needs a script and is kept blank by a strict content security policy.
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import Provider from 'oidc-provider';

/** Answers the request with a page that posts `fields` to `action`. */
export type FormPost = (ctx: KoaContextWithOIDC, action: string, fields: Record<string, string>) => Promise<void>;

const answered = new WeakSet<object>();
/** Whether the page that this request is answered with is a form of ours. */
export const isAnsweredByForm = (ctx: object): boolean => answered.has(ctx);

const modes = ['form_post', 'form_post.jwt'];

/** The library's provider without its own pages that post; `answerByForm` puts ours in their place. */
export class FormlessProvider extends Provider {
  override registerResponseMode(...[name, handler]: Parameters<Provider['registerResponseMode']>): void {
    if (!modes.includes(name)) super.registerResponseMode(name, handler);
  }

  answerByForm(show: FormPost): void {
    const post: FormPost = (ctx, ...answer) => {
      answered.add(ctx);
      return show(ctx, ...answer);
    };
    super.registerResponseMode('form_post', (ctx, redirectUri, fields) => post(ctx, redirectUri, fields as never));
    super.registerResponseMode('form_post.jwt', async (ctx, redirectUri, fields) =>
      post(ctx, redirectUri, { response: await this.#signed(ctx, fields) }),
    );
  }

  /** JARM, 2.1: the answer as a JWT for the client, encrypted where it is registered so. */
  #signed(ctx: KoaContextWithOIDC, fields: object): Promise<string> {
    type Token = { extra: object; issue(how: { use: string }): Promise<string> };
    const IdToken = this.IdToken as unknown as new (claims: object, about: object) => Token;
    return Object.assign(new IdToken({}, { ctx }), { extra: fields }).issue({ use: 'authorization' });
  }
}
