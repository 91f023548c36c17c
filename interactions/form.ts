/** What a form sent: each field is one text, or it was not sent. */

import type { Context } from 'koa';

/** The value of the form field `name`; undefined when it is absent or was sent more than once (parameter pollution, ASVS 15.3.7). */
export function field(ctx: Context, name: string): string | undefined {
  const body = (ctx.request as { body?: unknown }).body;
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
