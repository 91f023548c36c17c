/** Static files, kept by browsers for ever: another content has another name. */

import type { Middleware } from 'koa';
import type { Assets } from '../../interactions/pages/assets.ts';

/** Answers GET and HEAD below /assets/, compressed where the browser takes it; another version's name gets today's
 *  content, not to be kept. */
export function serveAssets(assets: Assets): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/assets/') || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    const found = assets.find(ctx.path);
    if (!found) return next();
    const { asset, current } = found;
    ctx.type = asset.type;
    ctx.set('cache-control', current ? 'public, max-age=31536000, immutable' : 'no-cache');
    ctx.vary('accept-encoding');
    const zipped = asset.gzip && ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
    if (zipped) ctx.set('content-encoding', 'gzip');
    ctx.body = zipped ? asset.gzip : asset.body;
  };
}
