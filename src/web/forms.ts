/** How forms are read, whoever sends them. */

import { bodyParser } from '@koa/bodyparser';

/** Reads a form of at most `limit` bytes into `ctx.request.body`. Throws 413 for one that is too large, 400 for one that cannot be read. */
export function formParser(limit: number): ReturnType<typeof bodyParser> {
  return bodyParser({
    enableTypes: ['form'],
    formLimit: `${limit}b`,
    encoding: 'utf-8',
    onError(error) {
      // Too large stays 413; whatever else the parser cannot read is the sender's mistake.
      throw Object.assign(error, { status: (error as { status?: number }).status ?? 400, expose: true });
    },
  });
}
