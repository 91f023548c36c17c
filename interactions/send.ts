/**
 * How a page leaves this server: its headers, the same for every page, decided here alone. What a page may load and where its
 * forms may lead is the content security policy's to say (CSP 3; ASVS 3.4.3).
 */

import type { Context } from 'koa';

export interface SendOptions {
  /** 200 unless given. */
  status?: number;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  /** Whether the page has this server's own script. */
  script?: boolean;
  /** Where the browser may be sent on after this page's form; see `formTarget`. */
  target?: string;
}

/** Answers the request with a page. */
export function sendPage(ctx: Context, html: string, options: SendOptions = {}): void {
  const { status = 200, retryAfter, script = false, target } = options;
  ctx.status = status;
  ctx.type = 'html';
  ctx.set('cache-control', 'no-store');
  ctx.set(
    'content-security-policy',
    [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      ...(script ? ["script-src 'self'", "connect-src 'self'"] : []),
      // Chromium applies form-action to the whole chain of redirects, and the chain of a sign-in ends at the service.
      `form-action 'self'${target ? ` ${target}` : ''}`,
      "base-uri 'none'",
      "object-src 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  if (retryAfter !== undefined) ctx.set('retry-after', String(Math.ceil(retryAfter)));
  ctx.body = html;
}

/** The status of a page with a form: shown again with a problem it is 422, and 429 where the problem is one that time mends. */
export function formStatus(problem: string | undefined, retryAfter?: number): number {
  if (problem === undefined) return 200;
  return retryAfter === undefined ? 422 : 429;
}

/** Sends the browser on. */
export function go(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.set('cache-control', 'no-store');
  ctx.redirect(url);
}

/** The form-action source for an address that a form's redirects end at; undefined for one that no policy can name. */
export function formTarget(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address);
  if (!url) return undefined;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return url.protocol;
  return /^[\w.:[\]-]+$/.test(url.host) ? url.origin : undefined;
}
