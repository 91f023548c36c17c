/**
 * Signing in on a device that has no good way to type, by a code that the person types into a browser (RFC 8628): when the library
 * shows which page, and what it leaves out. The sign-in itself is the same as any other, in the browser that confirms.
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import { interactionPath } from './interaction-path.ts';
import { go } from './library-pages.ts';
import { TooManyGuesses } from './stored/device-codes.ts';

/** What a page needs to be posted back. */
export interface Posted {
  action: string;
  xsrf: string;
}

/** The pages of a device's sign-in. Each answers the request. */
export interface DevicePages {
  /** Asks for the device's code. `problem` and `retryAfter`, in seconds, as the page has them. */
  code(
    ctx: KoaContextWithOIDC,
    model: Posted & {
      userCode?: string;
      problem?: 'missing' | 'wrong' | 'too-many' | 'again';
      retryAfter?: number;
    },
  ): Promise<void>;
  /** Asks whether the person has started it. */
  confirm(ctx: KoaContextWithOIDC, model: Posted & { userCode: string }): Promise<void>;
  end(ctx: KoaContextWithOIDC, end: 'done' | 'refused' | 'failed'): Promise<void>;
  error(ctx: KoaContextWithOIDC, out: { error: string; error_description?: string }, error: Error): Promise<void>;
}

/** The library's errors that show the first page again, by their names. */
const problems: Record<string, 'missing' | 'wrong'> = {
  NoCodeError: 'missing',
  NotFoundError: 'wrong',
  ExpiredError: 'wrong',
  AlreadyUsedError: 'wrong',
};

const posted = (ctx: KoaContextWithOIDC): Posted => ({
  action: new URL(ctx.oidc.urlFor('code_verification')).pathname,
  xsrf: String(ctx.oidc.session?.state?.secret),
});

/** Whether the session can keep what a form needs; one that has never been saved cannot, after an error, and is left as it was. */
function keepable(ctx: KoaContextWithOIDC): boolean {
  const session = ctx.oidc.session as { exp?: number; state?: object; touched?: boolean } | undefined;
  if (!session || session.exp !== undefined) return true;
  session.state = undefined;
  session.touched = false;
  return false;
}

/** The feature as the library takes it. */
export function deviceFlow({ enabled }: Settings['deviceFlow'], pages: DevicePages) {
  return {
    enabled,
    // 34 bits, without vowels and what looks alike (RFC 8628, 5.1 and 6.1).
    charset: 'base-20',
    mask: '****-****',
    // Where a device says it is helps nobody who is being deceived, and is one more thing kept.
    deviceInfo: () => ({}),
    async userCodeInputSource(ctx: KoaContextWithOIDC, _form: string, out?: object, error?: Error) {
      // Over, or another session or browser: the interaction's own page leads on.
      const resumed = /^\/device\/([\w-]+)$/.exec(ctx.path);
      if (error && !keepable(ctx)) return go(ctx, resumed ? interactionPath(resumed[1]!) : posted(ctx).action);
      const problem = error && problems[error.name];
      if (!error || problem) return pages.code(ctx, { ...posted(ctx), problem });
      if (error instanceof TooManyGuesses)
        return pages.code(ctx, { ...posted(ctx), problem: 'too-many', retryAfter: error.retryAfter });
      if (error.name === 'AbortedError') return pages.end(ctx, 'refused');
      if (error instanceof errors.SessionNotFound && resumed) return go(ctx, interactionPath(resumed[1]!));
      if (!(error instanceof errors.OIDCProviderError)) return pages.error(ctx, out as never, error);
      if (ctx.method === 'POST' && !ctx.oidc.deviceCode) return pages.code(ctx, { ...posted(ctx), problem: 'again' });
      return pages.end(ctx, 'failed');
    },
    userCodeConfirmSource: (ctx: KoaContextWithOIDC, _form: string, _client: object, _info: object, userCode: string) =>
      pages.confirm(ctx, { ...posted(ctx), userCode }),
    successSource: (ctx: KoaContextWithOIDC) => pages.end(ctx, 'done'),
  } as const;
}

/** Stands around the library's endpoints. */
export function deviceAnswers({ interval }: Settings['deviceFlow'], pages: DevicePages) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const { oidc } = ctx;
    if (!oidc || ctx.status !== 200) return;
    // RFC 8628, 3.2.
    if (oidc.route === 'device_authorization') Object.assign(ctx.body as object, { interval });
    // The library would post the code of the address by itself: a page that nobody has read is no warning.
    const userCode = oidc.route === 'code_verification' && ctx.method === 'GET' && oidc.params?.user_code;
    if (userCode) await pages.code(ctx, { ...posted(ctx), userCode: String(userCode).slice(0, 20) });
  };
}
