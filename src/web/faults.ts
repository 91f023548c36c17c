/**
 * The one place where errors become answers: plain words with a reference for a person, JSON for a program, and the detail in
 * the log under the same reference. A store that is away is 503 with Retry-After, for both.
 */

import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';
import { type ErrorModel, errorPage } from '../../interactions/pages/error/page.ts';
import type { Pages } from '../../interactions/pages/render.ts';
import { sendPage } from '../../interactions/send.ts';
import { viewOf } from '../../interactions/visitor.ts';
import { SignerUnavailable } from '../oidc/keys/signer.ts';
import { OwnSignInUnavailable } from '../oidc/sessions/own-sign-in.ts';
import { type Locale, RecordsUnavailable } from '../records/records.ts';
import { StateUnavailable } from '../state/state.ts';

/** Seconds after which a store or a signer that was away may be back. */
const storeRetry = 5;

/** Whether the error says that a store or the signer is away, and not that something is wrong. */
function isUnavailable(error: unknown): boolean {
  return [StateUnavailable, RecordsUnavailable, SignerUnavailable, OwnSignInUnavailable].some(
    (kind) => error instanceof kind,
  );
}

type Kind = ErrorModel['kind'];
const kinds: Record<number, Kind> = {
  400: 'bad-request',
  403: 'forbidden-origin',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'too-large',
  429: 'too-many',
};

/** Stands around everything that may throw; `fallback` is the language where nobody asks for one. */
export function faults(pages: Pages, fallback: Locale, log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      // The protocol library answers its own faults; where the cause is a store, its 500 becomes what it is.
      if (isUnavailable(ctx.state.fault)) return unavailable(ctx, pages, fallback);
      if (ctx.status === 404 && !ctx.body) answer(ctx, pages, fallback, 404, 'not-found');
    } catch (error) {
      const { status, expose, message, headers } = error as {
        status?: number;
        expose?: boolean;
        message: string;
        headers?: object;
      };
      if (isUnavailable(error)) {
        logOf(ctx, log).error({ err: error }, 'a store is away');
        return unavailable(ctx, pages, fallback);
      }
      if (status !== undefined && status < 500 && expose) {
        logOf(ctx, log).warn({ status, reason: message }, 'request refused');
        if (headers) ctx.set(headers as Record<string, string>);
        return answer(ctx, pages, fallback, status, kinds[status] ?? 'bad-request', message);
      }
      logOf(ctx, log).error({ err: error }, 'fault');
      answer(ctx, pages, fallback, 500, 'fault');
    }
  };
}

function logOf(ctx: Context, log: Logger): Logger {
  return ctx.state.log ?? log;
}

function unavailable(ctx: Context, pages: Pages, fallback: Locale): void {
  ctx.set('retry-after', String(storeRetry));
  answer(ctx, pages, fallback, 503, 'unavailable');
}

/** Where the same can be tried again: the page that was asked for, or the one whose form was sent. */
function retryOf(ctx: Context): string | undefined {
  if (ctx.method === 'GET') return `/${ctx.url.replace(/^[/\\]+/, '')}`;
  const [, form] = /^(\/interaction\/[\w/-]+|\/session\/end)(?:\/confirm)?$/.exec(ctx.path) ?? [];
  return form;
}

function answer(ctx: Context, pages: Pages, fallback: Locale, status: number, kind: Kind, technical?: string): void {
  if (ctx.accepts('json', 'html') === 'html') {
    const retryHref = status === 503 || status === 429 ? retryOf(ctx) : undefined;
    sendPage(ctx, errorPage(pages, viewOf(ctx, fallback), { kind, technical, retryHref }), { status });
    return;
  }
  ctx.status = status;
  ctx.set('cache-control', 'no-store');
  ctx.body = {
    error:
      status === 503 || status === 429 ? 'temporarily_unavailable' : status < 500 ? 'invalid_request' : 'server_error',
    error_description: technical ?? (status === 503 ? 'try again shortly' : undefined),
    reference: ctx.state.reference,
  };
}
