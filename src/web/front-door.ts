/** The bare address: nobody begins here, since people come from a service. Whoever types it is sent to where help is. */

import type { Middleware } from 'koa';

/** `help`: the deployment's page for people; without one the bare address is a page that is not there. */
export function frontDoor(help: string | undefined): Middleware {
  return (ctx, next) => {
    if (ctx.path !== '/' || help === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    ctx.status = 303;
    ctx.redirect(help);
    return undefined;
  };
}
