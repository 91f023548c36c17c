/** Browser sessions of the demo service, in memory: what one browser is in the middle of, and who it is signed in as. */

import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Attempt, SignedIn } from './sign-in.ts';

export interface Session {
  /** Sign-ins under way, by their state: one for each tab that began one. */
  attempts: Map<string, Attempt>;
  signedIn?: SignedIn;
}

const cookie = 'sample_tax_office';
const mostSessions = 1000;
const mostAttempts = 20;

export class Sessions {
  readonly #kept = new Map<string, Session>();

  /** The session of this browser, if it has one. */
  find(ctx: Context): Session | undefined {
    return this.#kept.get(ctx.cookies.get(cookie) ?? '');
  }

  /** Remembers an attempt, in a new session when the browser has none. */
  begin(ctx: Context, attempt: Attempt): void {
    const session = this.find(ctx) ?? this.#keep(ctx, { attempts: new Map() });
    session.attempts.set(attempt.state, attempt);
    forgetOldest(session.attempts, mostAttempts);
  }

  /** The attempt that an answer belongs to; it is gone then, so that no answer counts twice. */
  take(ctx: Context, state: unknown): Attempt | undefined {
    const attempts = this.find(ctx)?.attempts;
    const attempt = attempts?.get(String(state));
    if (attempt) attempts?.delete(attempt.state);
    return attempt;
  }

  /** Signs this browser in, under a new id: one that somebody planted beforehand is worth nothing. */
  signIn(ctx: Context, signedIn: SignedIn): void {
    const attempts = this.find(ctx)?.attempts ?? new Map();
    this.end(ctx);
    this.#keep(ctx, { attempts, signedIn });
  }

  end(ctx: Context): void {
    this.#kept.delete(ctx.cookies.get(cookie) ?? '');
    ctx.cookies.set(cookie, null);
  }

  #keep(ctx: Context, session: Session): Session {
    const id = randomBytes(32).toString('base64url');
    this.#kept.set(id, session);
    forgetOldest(this.#kept, mostSessions);
    // Over https it would be `secure: true` and named `__Host-...`.
    ctx.cookies.set(cookie, id, { httpOnly: true, sameSite: 'lax', overwrite: true });
    return session;
  }
}

function forgetOldest(kept: Map<string, unknown>, most: number): void {
  for (const key of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(key);
  }
}
