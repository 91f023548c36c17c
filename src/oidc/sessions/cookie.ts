/** When an answer sets the browser's session cookie. The library sets it with each; several tabs need more care. */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { isEmpty } from './sessions.ts';

/**
 * Only an answer that renews the session sets its cookie. One that found no session, or leaves it as it was, must not: another
 * tab may just have renewed the cookie that this request came with.
 */
export async function keepNewerCookie(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const session = ctx.oidc?.session;
  const cookies = ctx.response.get('set-cookie') as unknown as string[] | '';
  if (!session || !cookies) return;
  const name = ctx.oidc.provider.cookieName('session');
  if (!isEmpty(session) && session.jti !== ctx.oidc.cookies.get(name, { signed: false })) return;
  const kept = cookies.filter((cookie) => !cookie.startsWith(`${name}=`) && !cookie.startsWith(`${name}.sig=`));
  ctx.remove('set-cookie');
  if (kept.length > 0) ctx.set('set-cookie', kept);
}
