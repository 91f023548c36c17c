/**
 * The person's own pages, as each of them sees them: a visit of somebody who is signed in, and the guard before what only a fresh
 * proof may change. What stands behind a visit is visits.ts's.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Evidence } from '../../src/assurance/evidence.ts';
import type { Account, Locale } from '../../src/records/records.ts';
import type { View } from '../pages/render.ts';
import type { SendOptions } from '../send.ts';

/** One request of somebody who is signed in to their own pages. */
export interface AccountVisit {
  /** As it is now; an active one. */
  account: Account;
  view: View;
  /** The browser session that the person is signed in with, as long as it lives. */
  session: { uid: string };
  /** What has been proven in that session. */
  evidence: Evidence;
  /** The strongest level that this reaches now, as levels.ts names it. */
  level: string;
  /** Whether enough has been proven lately to change methods, address or password (ASVS 7.5.1). */
  freshPlus(): boolean;
  /** Shows a page. */
  show(html: string, options?: Pick<SendOptions, 'status' | 'retryAfter' | 'script'>): void;
  /** Sends the browser on to `path`, one of this server's. */
  go(path: string): void;
}

/** Gives a request's visit; where there is none, the request has been answered, and the person comes back here after signing in. */
export interface AccountVisits {
  /** Of whoever is signed in. `back`: where they come back to; the request's own path unless said, which then must answer GET. */
  any(ctx: Context, back?: string): Promise<AccountVisit | undefined>;
  /** Of whoever has proven enough lately. Guard the page with the form and what the form is posted to. */
  fresh(ctx: Context, back?: string): Promise<AccountVisit | undefined>;
}

/** One of the person's own pages, or some that belong together. */
export interface AccountPage {
  /** Its addresses are below /account/<name>. */
  name: string;
  /** What the overview says of it; undefined where it is reached from elsewhere. */
  link?(locale: Locale): { title: string; about: string };
  /** Mounts it on a router of its own, which stands at /account/<name>. */
  routes(router: Router, visits: AccountVisits): void;
}
