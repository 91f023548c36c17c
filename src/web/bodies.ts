/** The bodies of our own forms: small, and nothing but forms. The protocol endpoints read theirs themselves. */

import { bodyParser } from '@koa/bodyparser';
import type { Middleware } from 'koa';
import { interactionsPath } from '../oidc/interaction-path.ts';

/** More than any form of ours needs: a user name, a password, a code. */
const limit = '16kb';

/** Reads the forms sent to /interaction/ into `ctx.request.body`. Throws 413 for one that is too large, 400 for one
 *  that cannot be read. */
export function bodies(): Middleware {
  const parse = bodyParser({
    enableTypes: ['form'],
    formLimit: limit,
    encoding: 'utf-8',
    onError(error) {
      // Too large stays 413; whatever else the parser cannot read is the sender's mistake.
      throw Object.assign(error, { status: (error as { status?: number }).status ?? 400, expose: true });
    },
  });
  return (ctx, next) => (ctx.path.startsWith(interactionsPath) ? parse(ctx as never, next) : next());
}
