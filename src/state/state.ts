/**
 * State: what may expire, and whose loss means "sign in again". Every verb is one atomic step and one round trip,
 * in each implementation; whoever needs a decision to be made once finds a verb here that makes it.
 * This file knows nothing of OpenID Connect: keys and values are the callers'.
 *
 * Keys never hold a secret: callers hash it first. Times to live are whole seconds, at least 1. What breaks this, an
 * unnamed field, a greatest that is no integer of magnitude below 2^53, a field written both ways at once, a limit or an amount to
 * refund that is no integer from 1 to below 2^53, an amount to spend that is none from 0 on, and counting under no name are refused
 * with RangeError.
 * A key holds one kind of thing at a time; only `put`, `close` and `remove` may meet another kind than their own.
 */

/** A document and whether it has been used up. */
export interface Document {
  value: string;
  /** When `consume` used it up. */
  consumedAt?: Date;
}

/** Fields of a record, by name. */
export type Fields = Record<string, string>;

/** What became of spending. */
export type Spend =
  | { outcome: 'counted' }
  /** The first name that would have passed its limit; `wait` is in seconds until the window ends, rounded up, at least 1. */
  | { outcome: 'over'; name: string; wait: number };

/** A guess at a secret, answered in one step: counted first, compared second. */
export type Guess =
  /** The guess was right, after `wrong` others; every secret kept under the key is gone. */
  | { outcome: 'right'; wrong: number }
  /** Wrong; `left` more guesses are allowed. */
  | { outcome: 'wrong'; left: number }
  /** The guesses are used up, and this one was not compared. */
  | { outcome: 'spent' }
  /** Nothing to guess at: never offered, expired, or already guessed. This guess was not counted. */
  | { outcome: 'none' };

/** The store cannot be reached, or did not answer in time. Nothing is known of whether the step was made. */
export class StateUnavailable extends Error {
  override name = 'StateUnavailable';
}

export interface State {
  // Documents: written whole.

  /** Writes a document, in the place of whatever `key` held; it is not consumed. */
  put(key: string, value: string, ttl: number): Promise<void>;
  /** Writes a document only if `key` holds none: true for the one caller who did. */
  add(key: string, value: string, ttl: number): Promise<boolean>;
  /** The document, or undefined. */
  get(key: string): Promise<Document | undefined>;
  /** Uses a document up at `at`; of all callers exactly one hears 'consumed'. The document stays readable until it expires. */
  consume(key: string, at: Date): Promise<'consumed' | 'already' | 'missing'>;
  /** The document and its removal in one: of all callers exactly one gets it. */
  take(key: string): Promise<Document | undefined>;
  /** Removes whatever `key` holds: a document, a record, a count, secrets. */
  remove(key: string): Promise<void>;

  // Records: fields that several writers merge, so that no writer loses another's.

  /**
   * Writes `fields` into a record, leaving its other fields as they are, and moves its expiry to `ttl` from now.
   * Fields in `greatest` are decimal integers, and the greater of the old and the new one stays. A field is always written
   * the same way, plainly or as a greatest: an encrypted store seals the one and compares the other.
   * False, and nothing is written, when the record has been closed. `must`: what is written must not be undone.
   */
  merge(key: string, fields: Fields, greatest: Fields, ttl: number, must?: 'hold'): Promise<boolean>;
  /**
   * Begins what is done once: of all callers exactly one finds no field `field` in the record, writes it, empty unless `fields`
   * says otherwise, together with the plain `fields`, moves the record's expiry to `ttl` from now, and hears undefined. All
   * others change nothing and hear the record's fields; of a closed record, in which nothing begins, none: {}.
   */
  begin(key: string, field: string, fields: Fields, ttl: number): Promise<Fields | undefined>;
  /** All fields of a record; undefined when there is none or it is closed. */
  fields(key: string): Promise<Fields | undefined>;
  /** Empties a record and refuses writers for `ttl` from now, so that one that read it earlier cannot bring it back. */
  close(key: string, ttl: number): Promise<void>;

  // Counts and secrets.

  /**
   * Adds `amount`, one unless said, to the count of each name of `limits`, in the order given, until one would pass its limit:
   * that one and those after it are not counted, so no count passes its limit and a flood adds no names. (JavaScript puts names
   * that are decimal integers before all others.) The window of `ttl` starts at the first count under the key, for all of its
   * names. An amount of 0 counts nothing, and asks whether one more would be counted.
   */
  spend(key: string, limits: Record<string, number>, ttl: number, amount?: number): Promise<Spend>;
  /** Takes `amount`, one unless said, off the count of each of `names` that has one. What comes to zero is gone, and with the
   *  last name the key. The window stays. */
  refund(key: string, names: string[], amount?: number): Promise<void>;
  /**
   * Keeps one more secret under `key` for `ttl`; those offered before stay until they expire. All of it, and with it the
   * number of guesses made, ends `life` from the last offer; `life` is at least `ttl`.
   */
  offer(key: string, secret: string, ttl: number, life: number): Promise<void>;
  /** Guesses: counts the guess, refuses past `limit`, else compares with every unexpired secret offered; right removes all. */
  guess(key: string, secret: string, limit: number): Promise<Guess>;

  /** Whether the store answers and takes what is written to it now. Never throws. */
  ready(): Promise<boolean>;
  /** Finishes what runs and lets go of connections and timers. */
  end(): Promise<void>;
}
