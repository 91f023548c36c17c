/**
 * Records: what must last, and whose loss is an incident. The interface is the project's nouns; `sql.ts` is one
 * implementation over SQLite and PostgreSQL. This file knows nothing of SQL or of OpenID Connect.
 */

import type { Hold } from '../assurance/hold.ts';

/**
 * What records take of texts, and when two user names are the same one: whoever counts by user name counts by its key, so that a
 * spelling buys nothing.
 */
export { longestName, TextRefused, unfit, unfitName, usernameKey } from './text.ts';

export type Locale = 'hu' | 'en';

/** A person's account, as the public register and the person gave it. */
export interface Account {
  /** Opaque, never reused, never shown to a relying party (they get pairwise subjects). */
  id: string;
  /** As the person chose it. Unique without regard to case and to Unicode spelling (NFKC). */
  username: string;
  email?: string;
  emailVerified: boolean;
  /** Full name as it is written in the register, in the person's own order. */
  name?: string;
  birthName?: string;
  /** ISO 8601 date: YYYY-MM-DD. */
  birthDate?: string;
  /** The language of mails. */
  locale: Locale;
  status: 'active' | 'disabled';
  /** When the account's sessions were last ended everywhere: proofs and tokens from before count for nothing. */
  validSince?: Date;
  /** While there is one, the mailbox alone counts for nothing: see docs/decisions/023. */
  hold?: Hold;
  /** The confirmed address before the last change, while that can be stopped. Notices go there too. */
  formerEmail?: string;
  /** A second, confirmed address that notices go to. */
  noticeEmail?: string;
  /** When that was set. */
  noticeEmailSince?: Date;
  /** When the account is removed, as its owner has asked. */
  deleteAt?: Date;
  /** Whether its owner has made it, so that nobody has checked what it says of them. */
  signedUp?: boolean;
  /** The methods of which the account has credentials, by name. */
  setUp: readonly string[];
  createdAt: Date;
  updatedAt: Date;
}

/** Something of a person's that proves who they are. What `data` holds is its method's own to know. */
export interface Credential {
  /** Tells an account's credentials of one method apart; of 255 characters at most. */
  id: string;
  method: string;
  data: Record<string, unknown>;
  /** What its owner calls it. */
  name?: string;
  createdAt: Date;
  usedAt?: Date;
}

/**
 * The method of a code with which an account's owner chooses a password: no sign-in method's. Whatever sets the password or ends
 * sessions takes it away, but for one that the same change adds.
 */
export const activation = 'activation';

export type NewCredential = Pick<Credential, 'id' | 'method' | 'data' | 'name'>;

/** What one change of an account writes, all of it or nothing. null takes away. */
export interface AccountChange {
  /** One that is disabled has its sessions ended as well. */
  status?: Account['status'];
  email?: string | null;
  emailVerified?: boolean;
  formerEmail?: string | null;
  noticeEmail?: string | null;
  hold?: Hold | null;
  deleteAt?: Date | null;
  passwordHash?: string;
  /** Moves `validSince` to now. */
  endSessions?: boolean;
  /** A credential that this uses up: where it is not there any more as it was read, nothing is written, and the answer is false. */
  uses?: Pick<Credential, 'method' | 'id' | 'data'>;
  /** Credentials to add. */
  add?: readonly NewCredential[];
  /** Methods whose credentials are taken away first, all of them. */
  clear?: readonly string[];
  /** Methods of which only those credentials are taken away that were added at `since` or later. */
  clearSince?: { methods: readonly string[]; since: Date };
}

export type NewAccount = Pick<Account, 'username' | 'locale'> &
  Partial<Pick<Account, 'email' | 'emailVerified' | 'name' | 'birthName' | 'birthDate' | 'signedUp'>>;

/** One of many accounts that are added together. */
export interface Arrival {
  /** A fresh UUID. */
  id: string;
  account: NewAccount;
  passwordHash?: string;
  /** Others than the password. */
  credentials?: readonly NewCredential[];
  /** Written where the account has a confirmed address. */
  notice?: NewNotice;
}

/** A client as its owner registered it: OpenID Connect Dynamic Client Registration metadata with Kapu's own keys. */
export interface ClientRecord {
  id: string;
  metadata: Record<string, unknown>;
  updatedAt: Date;
}

/** What a person allowed a client to receive. */
export interface Consent {
  accountId: string;
  clientId: string;
  scopes: string[];
  grantedAt: Date;
}

/** A client's last use of a spelling of a level whose sunset has passed. */
export interface AliasUse {
  clientId: string;
  alias: string;
  usedAt: Date;
}

/** One audit entry: what happened to whom. Never holds a secret or a full address. */
export interface AuditEntry {
  at: Date;
  /** Dotted name, such as `password.refused`. */
  event: string;
  /** The request's reference, as error pages show it and the log repeats it. */
  reference?: string;
  accountId?: string;
  clientId?: string;
  /** Where the person came from, as budgets count it: an IPv4 address, or an IPv6 /64. */
  origin?: string;
  detail?: Record<string, string | number | boolean>;
}

/**
 * Where an audit entry stands. `writer` names its chain, whose entries are numbered from 1: a process writes into one of its own,
 * and after a statement whose outcome is not known into another.
 */
export interface Place {
  writer: string;
  number: number;
}

/** An entry of a chain as somebody saw it: with its hash, all entries up to it are fixed. */
export interface Head extends Place {
  at: Date;
  hash: string;
}

/** An audit entry as it is kept. */
export interface KeptEntry extends AuditEntry {
  id: number;
  /** Missing for entries from before the chains. */
  chain?: Place & { hash: string; link?: string };
}

/** An entry as a verifier reads it. */
export interface ChainedEntry extends Head {
  id: number;
  event: string;
  /** What the first entry of a chain saw of another one; 'unreadable' where it was tampered with. */
  link?: Head | 'unreadable';
  /** All of the entry, in the one form that its hash stands on: see `hashOf` in chain.ts. */
  text: string;
}

/** An entry without a chain, as a verifier reads it. */
export type UnchainedEntry = Pick<ChainedEntry, 'id' | 'at' | 'event' | 'text'>;

/** What a person is to be told by mail, in the account's language, at every confirmed address that the account has now. */
export interface NewNotice {
  /** What has happened, by a name that whoever sends it has words for. */
  kind: string;
  /** What the words name beside the time. No secrets. */
  detail?: Record<string, string>;
  /** Written only where the audit has this event of the account already. */
  onlyAfter?: string;
  /** Goes to the account's first address and to no other. */
  toFirst?: boolean;
  /** Goes to the confirmed addresses as well that the change takes away, with which it is written. */
  toLeft?: boolean;
}

/** A notice on its way, as whoever claims it gets it. */
export interface Notice {
  id: string;
  accountId: string;
  kind: string;
  /** The account's address when it was written: whoever changes it afterwards does not get the notice in its owner's place. */
  email: string;
  locale: Locale;
  detail: Record<string, string>;
  /** When it was written. */
  at: Date;
  /** How often it has been claimed, this time included. */
  tries: number;
}

/** The user name is taken (without regard to case). */
export class UsernameTaken extends Error {
  override name = 'UsernameTaken';
}

/** The database cannot be reached, refuses, or did not answer in time. */
export class RecordsUnavailable extends Error {
  override name = 'RecordsUnavailable';
}

/** A row's values, in the order of its batch's columns. */
export type Row = (string | number | null)[];

/** Rows of one table. */
export interface Batch {
  table: string;
  columns: string[];
  rows: Row[];
}

/** Everything that records hold: which schema it is of, and its rows, tables in the order in which they can be filled. */
export interface Content {
  schema: string;
  batches: AsyncIterable<Batch>;
}

/** Content cannot be taken from where it is, or put where it should go. The message says what was found, for an operator. */
export class ContentRefused extends Error {
  override name = 'ContentRefused';
  /** 'newer': of a version after this one; 'other-schema': the database is not at this version's; 'not-empty': it holds rows. */
  readonly reason: 'newer' | 'other-schema' | 'not-empty';

  constructor(reason: ContentRefused['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface Records {
  accounts: {
    /** Adds an active account, with its password hash where one is given, in one transaction. Throws UsernameTaken, TextRefused. */
    add(account: NewAccount, passwordHash?: string): Promise<Account>;
    /**
     * Adds active accounts with all that is theirs, in one transaction: those whose user name is free, of which the ids are
     * given. Of two in `arrivals` with one user name the first is added. Throws TextRefused, and then none is.
     */
    addMany(arrivals: readonly Arrival[]): Promise<Set<string>>;
    find(id: string): Promise<Account | undefined>;
    /** Those that there are, of some hundred user names at most; in no order. */
    findMany(usernames: readonly string[]): Promise<Account[]>;
    /** The account with its password hash, for sign-in; one query. */
    findForPassword(username: string): Promise<{ account: Account; passwordHash?: string } | undefined>;
    findByUsername(username: string): Promise<Account | undefined>;
    /** By user name; `after` is the user name that the page before ended with. */
    list(options: { limit: number; after?: string }): Promise<Account[]>;
    /** False when there is no such account. A `notice` is written in the same transaction, here and in the two below. */
    setStatus(id: string, status: Account['status'], notice?: NewNotice): Promise<boolean>;
    /** Moves `validSince` to now, as disabling an account and setting its password do. False when there is no such account. */
    endSessions(id: string, notice?: NewNotice): Promise<boolean>;
    /** Sets or replaces the password hash. False when there is no such account. */
    setPassword(id: string, hash: string, notice?: NewNotice): Promise<boolean>;
    /**
     * Makes `change`, and writes `notices` with it: they go to all addresses of the account as it is afterwards. False, and
     * nothing is written, where there is no such account, where what it `uses` is gone or, with `seen`, where one of its addresses, its
     * hold, when it is to be removed, its status or the time of its oldest sessions is another by now: nobody goes on with what was theirs before a stop.
     * Nor where the credentials that it has at that moment are not as `provided`: of two changes at once the second is judged by what
     * the first has left. All that it writes has one time. Throws TextRefused.
     */
    change(
      id: string,
      change: AccountChange,
      also?: {
        notices?: readonly NewNotice[];
        seen?: Account;
        provided?: (credentials: readonly Pick<Credential, 'method' | 'id'>[]) => boolean;
      },
    ): Promise<boolean>;
    /** Replaces the password hash only while it still is `previous`: a re-hash never undoes a change made meanwhile. */
    rehashPassword(id: string, previous: string, hash: string): Promise<boolean>;
  };
  credentials: {
    /** An account's, of one method where that is named; oldest first. */
    list(accountId: string, method?: string): Promise<Credential[]>;
    /** One that names nobody, and whose it is: the id is its method's, and no two accounts have it. */
    owner(method: string, id: string): Promise<{ accountId: string; credential: Credential } | undefined>;
    /**
     * Adds one. False where the account has one of that method and id already, or there is no such account. A `notice` is
     * written in the same transaction, here and below. Throws TextRefused.
     */
    add(accountId: string, credential: NewCredential, notice?: NewNotice): Promise<boolean>;
    /** Takes the place of `previous` by `data` and notes the use, only while the data still is `previous`: of two uses at once one hears true. */
    use(
      accountId: string,
      previous: Pick<Credential, 'method' | 'id' | 'data'>,
      data: Credential['data'],
    ): Promise<boolean>;
    /** False where there is none. Throws TextRefused. */
    rename(accountId: string, method: string, id: string, name: string): Promise<boolean>;
    /** Of all callers exactly one hears true. */
    remove(accountId: string, method: string, id: string, notice?: NewNotice): Promise<boolean>;
  };
  clients: {
    /** Adds or replaces. 'unchanged' when the stored metadata says the same. Throws TextRefused. */
    put(id: string, metadata: Record<string, unknown>): Promise<'added' | 'changed' | 'unchanged'>;
    find(id: string): Promise<ClientRecord | undefined>;
    list(): Promise<ClientRecord[]>;
    /** With all consents given to it. False when there was no such client. */
    remove(id: string): Promise<boolean>;
  };
  consents: {
    find(accountId: string, clientId: string): Promise<Consent | undefined>;
    /** Adds `scopes` to what was allowed before; `grantedAt` becomes now. Both account and client must exist. */
    allow(accountId: string, clientId: string, scopes: string[]): Promise<void>;
    /** An account's, by client. */
    list(accountId: string): Promise<Consent[]>;
    /** All that was allowed. False where there was nothing. */
    remove(accountId: string, clientId: string): Promise<boolean>;
  };
  aliases: {
    /** Notes that a known client used `alias` now. */
    used(clientId: string, alias: string): Promise<void>;
    /** By client and alias. */
    list(): Promise<AliasUse[]>;
  };
  audit: {
    /**
     * Resolves when the entry is kept, as the next one in this process's chain. Entries that come while others are being
     * written are written together. Never refuses text: what is too long is cut, what is broken is mended.
     */
    append(entry: AuditEntry): Promise<void>;
    /** Newest first: the last one appended is the first. */
    list(options: { accountId?: string; limit: number }): Promise<AuditEntry[]>;
    /** An account's, newest first, of one event where that is named; `before` is the id that the page before ended with. */
    recent(options: {
      accountId: string;
      event?: string;
      before?: number;
      since?: Date;
      until?: Date;
      limit: number;
    }): Promise<KeptEntry[]>;
    /** The clients that an account's last `limit` entries of `event` name, and when the first and the last of those were written; the last first. */
    clientsIn(
      accountId: string,
      event: string,
      limit: number,
    ): Promise<{ clientId: string; first: Date; last: Date }[]>;
    /** Oldest first; `after` is the id that the page before ended with. */
    page(options: { after?: number; accountId?: string; since?: Date; limit: number }): Promise<KeptEntry[]>;
    /** Chain by chain, each in its order; `after` is the entry that the page before ended with. */
    chained(options: { after?: Place & { id: number }; limit: number }): Promise<ChainedEntry[]>;
    /** Entries without a chain, oldest first; `after` is the id that the page before ended with. */
    unchained(options: { after?: number; limit: number }): Promise<UnchainedEntry[]>;
    /** One entry of a chain. */
    seen(place: Place): Promise<Head | undefined>;
    /**
     * The last entry of each chain, by writer; `after` is the writer that the page before ended with. With `below`, the last
     * of those whose id is smaller.
     */
    heads(options: { after?: string; below?: number; limit: number }): Promise<Head[]>;
    /** The id of the first entry that was written at `at` or later. */
    firstSince(at: Date): Promise<number | undefined>;
  };
  /** The outbox: notices that have not been sent yet. Marks are false where the notice does not wait any more. */
  notices: {
    /** One that no change of records belongs to. False where the account has no confirmed address, or `onlyAfter` does not hold. */
    add(accountId: string, notice: NewNotice): Promise<boolean>;
    /**
     * The one of `kinds` that has been due longest, which then is nobody else's for `lease` milliseconds, whatever becomes of
     * whoever claimed it; undefined when none is due. Of parallel claims no two get the same one.
     */
    claim(options: { kinds: readonly string[]; lease: number }): Promise<Notice | undefined>;
    /** It has been sent, and is kept no longer. */
    sent(id: string): Promise<boolean>;
    /** It can be claimed again from `at` on. */
    retry(id: string, at: Date): Promise<boolean>;
    /** It is given up, and kept with the reason, which is cut where it is too long. */
    failed(id: string, reason: string): Promise<boolean>;
    /** When the oldest that waits was written; of some kinds alone, where they are named. */
    oldest(kinds?: readonly string[]): Promise<Date | undefined>;
    /** Removes those that were given up before then, and says how many. */
    purge(before: Date): Promise<number>;
  };
  /** Accounts whose owners have given them up, once their time has come. */
  deletions: {
    /** One that is due, and is put off by `lease` milliseconds for whoever claims it; of parallel claims no two get the same one. */
    claim(lease: number): Promise<{ accountId: string; deleteAt: Date } | undefined>;
    /** Removes what was claimed, with all that is the account's but the audit. False where it was taken back meanwhile. */
    remove(claimed: { accountId: string; deleteAt: Date }): Promise<boolean>;
  };
  /** Brings the schema to the version that this code needs; returns the names of the migrations it ran. */
  migrate(): Promise<string[]>;
  /** How the schema of the database stands to the one that this code needs. */
  schema(): Promise<{ state: 'current' | 'behind' | 'ahead' | 'empty'; found?: string; needed: string }>;
  /**
   * Hands everything, as it is at one moment, to `work`, while others go on writing. Throws ContentRefused where the
   * schema is not the one that this code needs.
   */
  backup<Result>(work: (content: Content) => Promise<Result>): Promise<Result>;
  /**
   * Puts `content` in the place of what is there, all or nothing; nobody can write meanwhile, nor, in PostgreSQL, read.
   * Gives the rows of each table, and whether tables had to be made anew because the content is older than this code;
   * rights on them are then to be given again. Throws ContentRefused; 'not-empty' only without `replace`.
   */
  restore(content: Content, options: { replace: boolean }): Promise<{ rows: Record<string, number>; rebuilt: boolean }>;
  /** Whether the database answers now, and can be written to. Never throws. */
  ready(): Promise<boolean>;
  /** Finishes what runs and closes. What is asked afterwards fails with RecordsUnavailable. */
  end(): Promise<void>;
}
