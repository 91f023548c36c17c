/**
 * A sign-in method, and what the dispatcher hands it. A method proves one fact about one person and says so with
 * `step.passed`; it never decides what comes next, never finishes a sign-in, and never names another method.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Settings } from '../config/settings.ts';
import type { Passwords } from '../src/passwords/passwords.ts';
import type { Account, Credential, Locale, NewCredential, Records } from '../src/records/records.ts';
import type { State } from '../src/state/state.ts';
import type { Throttle } from '../src/throttle/throttle.ts';
import type { Vault } from '../src/vault.ts';
import type { Ended } from './ended.ts';
import type { KnownBrowser } from './known-browsers.ts';
import type { Deliver } from './mailed-code/deliver.ts';
import type { Beside, Pages, View } from './pages/render.ts';
import type { SendOptions } from './send.ts';

/** The service that the person is on the way to, as pages name it. */
export interface Service {
  clientId: string;
  name: string;
  /** Where the person can start again: the client's initiate_login_uri or client_uri. */
  url?: string;
}

/** One visit to one method's page, inside one sign-in. */
export interface Step {
  /** The sign-in's id; pages live below /interaction/<uid>/. */
  uid: string;
  service: Service;
  /** The level that is being asked, as levels.ts names it. */
  level: string;
  /** Who is signing in: proven by an earlier method of this sign-in, or by the session. */
  account?: Account;
  /** The user name that the service suggests. Shown, never trusted. */
  loginHint?: string;
  /** Whether the person may go on at a weaker level instead. */
  mayDecline: boolean;
  /** Where the request comes from, as budgets count it. */
  origin: string;
  /** What this browser is known by as one in which the person of that user name has proven this method before. */
  knownAs(username: string): KnownBrowser | undefined;
  /** What this browser may be told of `account`, if it has been signed out everywhere; undefined for whoever may not know. */
  ended(account: Account): Promise<Ended | undefined>;
  /**
   * Records that this method has proven `account`, with something of `kind` where it tells kinds apart, writes the audit, and
   * sends the person back to the dispatcher.
   */
  passed(account: Account, kind?: string): Promise<void>;
  /**
   * Writes the audit of a failure that gives the person another try. A reason `too-many-…` says that a budget is used up; `last`,
   * that the person had no other try; `copied`, that what was used looks like a copy of the account's own: its owner is told.
   */
  refused(reason: string, account?: Account, options?: { last?: boolean; copied?: boolean }): Promise<void>;
  /** The person gives up; answers the request. */
  cancelled(): Promise<void>;
  /** The person goes on at a weaker level; answers the request. Only where `mayDecline`. */
  declined(): Promise<void>;
  /** Shows one of the method's pages, with the headers that a page of this sign-in needs. */
  show(html: string, options?: { status?: number; retryAfter?: number; script?: boolean }): void;
  /** What pages need to know of this visit. */
  view: View;
}

/** What can be said of a method, whatever it works with. */
export interface MethodFacts {
  /** The folder's name, and the name in levels.ts. */
  name: string;
  /** RFC 8176 values that this method adds to `amr`. */
  amr: string[];
  /** The kinds of proof that it tells apart, and the values that each adds beside those. */
  kinds?: Record<string, string[]>;
  /** Whether it finds out who the person is (a password with its user name), or needs to know already (a code). */
  identifies: boolean;
  /**
   * What it proves. Who reads somebody's mail has the mailbox, and can have a new password set: until something of the
   * person's own is proven with that, the mailbox counts for nothing (docs/decisions/023).
   */
  proves: 'password' | 'mailbox' | 'own';
  /** Whether it stands in when others are lost: whoever has another way is not led to it, and finds it among the other ways. */
  spare?: boolean;
  /** Whether this person can use it now. */
  availableTo(account: Account): boolean;
  /** What the choice page says of it. */
  title(locale: Locale): string;
}

/** Gives a request's step, if it is this method's turn. */
export type Steps = (ctx: Context) => Promise<Step | undefined>;

/** What a method is to the rest of Kapu. */
export interface Method extends MethodFacts {
  /** Mounts the method's pages on a router that stands at /interaction/:uid/<name>. `step` loads the visit or, when there
   *  is none any more, answers the request itself and gives undefined; `look` only gives undefined, and changes nothing. */
  routes(router: Router, step: Steps, look: Steps): void;
  /**
   * What it adds to the page of another method that finds out who the person is, so that it can be used from there. `path` is
   * where its own pages live.
   */
  beside?(path: string): Beside;
  /** How a person sets it up and looks after it; undefined where there is nothing to set up. */
  enrolment?: Enrolment;
}

/** One visit to a method's pages by somebody who may set it up: from the person's own pages, or inside a sign-in. */
export interface EnrolmentVisit {
  /** Tells this visit from others, of the same person too: the session's or the sign-in's. What is asked in one is answered in it. */
  id: string;
  account: Account;
  view: View;
  /** What the account has of this method. */
  credentials(): Promise<Credential[]>;
  /**
   * Keeps what the person has just proven to have, in the place of all there was with `instead`. It is written into the audit, and the
   * person is told by mail. False, and nothing is kept, where it is there already, where there would be too many, and where the account
   * is another by now. Answers nothing.
   */
  add(credentials: readonly NewCredential[], options?: { instead: boolean }): Promise<boolean>;
  /** Answers the request: back to where the person came from. */
  done(): void | Promise<void>;
  /** Shows one of the method's pages; `signIn`, `service` and the like are in the view. */
  show(html: string, options?: Pick<SendOptions, 'status' | 'retryAfter' | 'script'>): void;
}

/** Gives a request's visit; when it is not to be, the request has been answered. */
export type EnrolmentVisits = (ctx: Context) => Promise<EnrolmentVisit | undefined>;

/** How a person sets a method up. Removing and renaming are the same for all methods, and not a method's. */
export interface Enrolment {
  /** How many credentials a person can have; with one, setting it up again takes the place of it. */
  most: number;
  /** Whether setting it up has been a proof of it, as using it would be: whoever does so in a sign-in is not asked for it once more. */
  proves?: true;
  /** What the person's list says of the method, in a sentence. */
  about(locale: Locale): string;
  /** What the list says of one credential beside its name and its times; empty for nothing. */
  describe(credential: Credential, locale: Locale): string;
  /**
   * What the list says of all of them in one line, where one by itself means nothing to anybody, such as one of ten printed
   * codes. They are then taken away together.
   */
  together?(credentials: readonly Credential[], locale: Locale): string;
  /** Mounts the pages on a router of the method's own, whose `/` is where setting up begins. */
  routes(router: Router, visit: EnrolmentVisits): void;
}

/** What methods are made of: each takes what it needs. */
export interface MethodParts {
  settings: Settings;
  accounts: Records['accounts'];
  credentials: Records['credentials'];
  passwords: Passwords;
  state: State;
  throttle: Throttle;
  vault: Vault;
  pages: Pages;
  now: () => Date;
  /** Mails a code. */
  deliver: Deliver;
}
