/**
 * "This was not me": whoever says so of an account stops what a mailbox could have been used for. It takes away and gives nothing, so
 * that it needs no proof: sessions end, the mailbox counts for nothing until the password and something of the person's own are
 * proven or operators have seen them, an address that was changed meanwhile goes back, what was set up meanwhile is taken away, and
 * a removal is called off.
 */

import { doubtedSince, type Hold, heldFor, isHeld } from './assurance/hold.ts';
import type { Audit, Source } from './audit/audit.ts';
import { maskAddress } from './mail/mask.ts';
import type { Account, AccountChange, Credential, Locale, Records } from './records/records.ts';

/** Where it was said. */
export type Said = 'notice' | 'own-pages';

/** What a stop takes away that was set up too lately to be told from what a thief has set up. */
export interface Taken {
  /** Methods of the person's own, by name. */
  methods: readonly string[];
  /** A second address for notices. */
  noticeEmail?: string;
}

export type Stopped = { outcome: 'stopped' | 'already'; taken: Taken } | { outcome: 'gone' };

/** Stops what has been done to the account; 'gone' where there is no such account. */
export type Stop = (accountId: string, said: Said, source: Source) => Promise<Stopped>;

/** By what a stop tells what is to be taken away. */
export interface StopRules {
  /** Seconds for which a hold lasts. */
  hold: number;
  /** The methods that prove something of a person's own, those that are switched off too. */
  own: readonly { name: string; title(locale: Locale): string }[];
}

export interface StopOptions {
  accounts: Pick<Records['accounts'], 'find' | 'change'>;
  credentials: Pick<Records['credentials'], 'list'>;
  rules: StopRules;
  audit: Audit;
  /** Counts it, for whoever looks after people who are in trouble. */
  count(): void;
  noticesWritten(): void;
  now: () => Date;
}

/** Tries until nobody has changed the account at the same moment. */
const tries = 5;

/** The stop of a deployment. It throws RecordsUnavailable, and then nothing has been stopped. */
export function createStop({ accounts, credentials, rules, audit, count, noticesWritten, now }: StopOptions): Stop {
  return async (accountId, said, source) => {
    for (let times = 0; times < tries; times++) {
      const account = await accounts.find(accountId);
      if (!account) return { outcome: 'gone' };
      const taken = takenFrom(account, await credentials.list(accountId), rules, now());
      const already = isStopped(account) && taken.methods.length === 0 && !taken.noticeEmail;
      // Before it, and also of one that only ends sessions; once, however many tries it takes.
      if (times === 0) await audit.write(source, 'account.reported', { account, detail: { said } });
      // Whoever has signed in meanwhile is signed out again; nobody is told twice of the same.
      const notices = already ? [] : [{ kind: 'accountReported', detail: wordsOf(taken, account.locale, rules) }];
      if (!(await accounts.change(account.id, stopOf(account, rules, now()), { notices, seen: account }))) continue;
      if (already) return { outcome: 'already', taken };
      count();
      noticesWritten();
      return { outcome: 'stopped', taken };
    }
    throw new Error('an account could not be stopped: it was changed at every try');
  };
}

/** What is written with whatever the mailbox alone has done to an account, such as setting a password. */
export interface ByMailbox {
  hold: Hold;
  formerEmail?: null;
}

/** It, from `now` on: a hold of so many `seconds`, in which the mailbox counts for nothing (docs/decisions/023). */
export function byMailbox({ hold }: Pick<Account, 'hold'>, seconds: number, now: Date): ByMailbox {
  // An address of before belongs to the hold in which it was left.
  const left = isHeld(hold, now) ? {} : { formerEmail: null };
  return { hold: heldFor(seconds, hold, now), ...left };
}

/** What a notice says of a hold: by when it began it can be stopped. */
export function holdIn(hold: Hold | undefined): { hold?: string; until?: string } {
  return {
    ...(hold && { hold: String(hold.since.getTime()) }),
    ...(hold?.until && { until: String(hold.until.getTime()) }),
  };
}

/** What stopping writes. */
export function stopOf(account: Account, rules: StopRules, now: Date): AccountChange {
  const { formerEmail } = account;
  const back = isHeld(account.hold, now) && formerEmail ? { email: formerEmail, emailVerified: true } : {};
  const since = doubtedSince(rules.hold, account.hold, now);
  return {
    ...back,
    hold: heldFor(undefined, account.hold, now),
    formerEmail: null,
    deleteAt: null,
    endSessions: true,
    clearSince: { methods: rules.own.map(({ name }) => name), since },
    ...(isSecondYoung(account, since) && { noticeEmail: null }),
  };
}

/** What that takes away of `credentials`, the account's. */
export function takenFrom(account: Account, credentials: readonly Credential[], rules: StopRules, now: Date): Taken {
  const since = doubtedSince(rules.hold, account.hold, now);
  const young = credentials.filter(({ createdAt }) => createdAt >= since);
  const methods = rules.own.flatMap(({ name }) => (young.some(({ method }) => method === name) ? name : []));
  return { methods, ...(isSecondYoung(account, since) && { noticeEmail: account.noticeEmail }) };
}

const isSecondYoung = ({ noticeEmailSince }: Account, since: Date) =>
  noticeEmailSince !== undefined && noticeEmailSince >= since;

/** What people are told of it, in notices and on pages. */
export function wordsOf(
  { methods, noticeEmail }: Taken,
  locale: Locale,
  { own }: StopRules,
): { method?: string; address?: string } {
  const titles = own.flatMap(({ name, title }) => (methods.includes(name) ? title(locale) : []));
  return {
    ...(titles.length > 0 && { method: titles.join(', ') }),
    ...(noticeEmail && { address: maskAddress(noticeEmail) }),
  };
}

function isStopped({ hold, formerEmail, deleteAt }: Account): boolean {
  return hold !== undefined && hold.until === undefined && !formerEmail && !deleteAt;
}
