/** The gate as Koa middleware. */

import { createGate, type GateOptions } from './gate.ts';

/** The part of a Koa context that is used here. */
export interface KoaContext {
  readonly headers: { readonly authorization?: string };
  status: number;
  body: unknown;
  state: { [key: string]: unknown };
  set(headers: { [name: string]: string }): void;
}

export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * Lets a request on only with an access token that meets `options`; the token's facts are then in `ctx.state.token`
 * (an AccessToken). Otherwise it answers 400, 401 or 403 with a challenge, or 503 while the issuer's keys cannot be had
 * (RFC 6750, 3; RFC 9470, 3). Throws TypeError, when it is made, if the options cannot mean what they say.
 */
export function requireLevel(options: GateOptions): KoaMiddleware {
  const gate = createGate(options);
  return async (ctx, next) => {
    const verdict = await gate(ctx.headers.authorization);
    if (verdict.kind === 'open') {
      ctx.state.token = verdict.token;
      return next();
    }
    ctx.status = verdict.answer.status;
    ctx.body = verdict.answer.body;
    ctx.set(verdict.answer.headers);
  };
}
