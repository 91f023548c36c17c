/** What the model knows of a browser and of the pages of a request, and the lives and limits that the server is set to. */

import type { Method, Person, Proofs, Request, Verdict } from './tables.ts';

/** What a service is told of a sign-in. */
export type Told = Extract<Verdict, { is: 'reached' }> & { person: Person; session: number };

/** What a browser sees in the end: a page by its name, 'held' where it stopped on the way, or what the service gets. */
export type Seen =
  | Method
  | 'select-account'
  | 'consent'
  | 'on hold'
  | 'gone'
  | 'held'
  | { error: string }
  | { told: Told };

export interface Browser {
  session?: { id: number; person: Person; proofs: Proofs; until: number };
  /** How often somebody has signed out: what was begun before begins anew. */
  signedOut: number;
}

/** One round of pages of a request. A request has several: to sign in, to choose an account, to allow. */
export interface Round extends Request {
  browser: Browser;
  prompt: 'login' | 'select-account' | 'consent';
  /** The session that it began in. */
  begunIn?: number;
  /** How often somebody had signed out by then. */
  begunAfter: number;
  /** The browser is sent to its page at once, and not by way of the dispatcher. */
  straight: boolean;
  /** Somebody is to sign in anew: what the session holds is of no use. */
  anew: boolean;
  until: number;
  /** Who has signed in here, with what. */
  who?: Person;
  own: Proofs;
  mails: { to: Person; at: number; used?: boolean }[];
  guesses: number;
  /** How it ended, before the request has gone on. */
  end?: { error: string } | 'signed-in' | 'selected' | 'allowed';
  over: boolean;
  /** What rounds before have settled. */
  before: { signedIn?: boolean; selected?: boolean; settledBy?: Person; allowedBy?: Person };
}

/** Lives and limits, as the server is set. */
export const rules = { session: 1900, round: 1750, mailedCode: 550, guesses: 5, resendAfter: 20, mails: 5 };
export const lives = { code: 50, accessToken: 650, refreshToken: 14 * 24 * 3600 };
