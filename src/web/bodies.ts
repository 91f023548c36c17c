/** The bodies of our own forms: small, and nothing but forms. The protocol endpoints read theirs themselves. */

import type { Middleware } from 'koa';
import { isPage } from '../oidc/interaction-path.ts';
import { formParser } from './forms.ts';

/** Bytes: more than any form of ours needs, a user name, a password, a code. */
const limit = 16 * 1024;

/** Reads the forms sent to /interaction/ into `ctx.request.body`. Throws 413 for one that is too large, 400 for one
 *  that cannot be read. */
export function bodies(): Middleware {
  const parse = formParser(limit);
  return (ctx, next) => (isPage(ctx.path) ? parse(ctx as never, next) : next());
}
