/**
 * A hold: a time in which reading somebody's mail proves nothing, because the mailbox alone has just changed what their account
 * stands on (docs/decisions/023). Pure: what is proven and when is handed in. A stop is a hold without an end.
 */

import { type Evidence, type Proof, since } from './evidence.ts';

export interface Hold {
  since: Date;
  /** Missing: it does not end by itself. */
  until?: Date;
}

/** What a hold needs to know of a sign-in method. */
interface Proving {
  name: string;
  proves: 'password' | 'mailbox' | 'own';
}

/** Whether there is one at `now`. */
export function isHeld(hold: Hold | undefined, now: Date): boolean {
  return hold !== undefined && (hold.until === undefined || hold.until > now);
}

/** Whether somebody can use a method at `now`: they have what it takes, and it is not the mailbox in a hold. */
export function canUse<Person extends { hold?: Hold }>(
  { proves, availableTo }: { proves: string; availableTo(person: Person): boolean },
  person: Person,
  now: Date,
): boolean {
  return availableTo(person) && !(proves === 'mailbox' && isHeld(person.hold, now));
}

/**
 * Whether a proof that rests on the mailbox counts at `now`. In a hold none does; after one that has passed, what was proven
 * since: nobody can have waited with an old proof.
 */
export function mailboxCounts({ at }: Proof, hold: Hold | undefined, now: Date): boolean {
  return !isHeld(hold, now) && (hold?.until === undefined || at >= hold.until);
}

/**
 * Whether `evidence`, one person's in one browser, ends `hold`: the password and something of the person's own, both proven since
 * it began. Either alone does not: whoever has had a new password set may be another one than who has the passkey.
 */
export function endsHold(evidence: Evidence, hold: Hold, methods: readonly Proving[]): boolean {
  const proven = new Set(
    since(evidence, hold.since).flatMap(({ method }) => methods.find(({ name }) => name === method)?.proves ?? []),
  );
  return proven.has('password') && proven.has('own');
}

/**
 * `evidence` without what methods of the person's own prove that were set up at `doubted` or later: whoever has set them up may have
 * had no more for that than the mailbox. Of several of a method it is not known which was used, so that the youngest counts; nor is it
 * where none is left.
 */
export function settled(
  evidence: Evidence,
  credentials: readonly { method: string; createdAt: Date }[],
  methods: readonly Proving[],
  doubted: Date,
): Evidence {
  return evidence.filter(({ method }) => {
    if (methods.find(({ name }) => name === method)?.proves !== 'own') return true;
    const kept = credentials.filter((credential) => credential.method === method);
    return kept.length > 0 && kept.every(({ createdAt }) => createdAt < doubted);
  });
}

/**
 * From when on what has been set up cannot be told at `now` from what a thief has set up: for as long as a hold lasts, in `seconds`,
 * and since one that goes on has begun.
 */
export function doubtedSince(seconds: number, hold: Hold | undefined, now: Date): Date {
  const ago = now.getTime() - seconds * 1000;
  return new Date(isHeld(hold, now) ? Math.min(ago, hold!.since.getTime()) : ago);
}

/**
 * Whether sessions may stand on one of `gone`, set up at `doubted` or later, as if it were one of those of its method that stay: they do
 * not say which of several they stand on, so that they end with it (docs/decisions/023). `there` is all that there was, `gone` too.
 */
export function leavesDoubt(
  gone: readonly { method: string; createdAt: Date }[],
  there: readonly { method: string }[],
  doubted: Date,
): boolean {
  const count = (of: readonly { method: string }[], method: string) =>
    of.filter((each) => each.method === method).length;
  return gone.some(({ method, createdAt }) => createdAt >= doubted && count(there, method) > count(gone, method));
}

/**
 * The hold that begins at `now` for `seconds`, or without an end. One that is there goes on, as who was told of it was told; one
 * without an end gets none.
 */
export function heldFor(seconds: number | undefined, hold: Hold | undefined, now: Date): Hold {
  const before = isHeld(hold, now) ? hold : undefined;
  const begun = before?.since ?? now;
  if (seconds === undefined || (before && before.until === undefined)) return { since: begun };
  return { since: begun, until: new Date(Math.max(now.getTime() + seconds * 1000, before?.until?.getTime() ?? 0)) };
}
