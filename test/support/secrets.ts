/**
 * What nobody may find in a log or in the audit: every secret that has passed by in this file of tests, and the search for
 * them. Whoever sees one here (overheard.ts, agent.ts, relying-party.ts, smtp.ts) adds it; scan.ts searches.
 */

export const kinds = [
  'password',
  'code',
  'token',
  'cookie',
  'address',
  'client secret',
  'assertion',
  'request_uri',
  'key',
  'app key',
  'recovery code',
] as const;
export type Kind = (typeof kinds)[number];

/** What text of a kind looks like. Shorter or plainer text stands in logs for other reasons, and is nobody's secret. */
const shapes: Record<Kind, RegExp> = {
  password: /^(?![a-z]+$).{8,4095}$/is,
  code: /^\d{6,10}$/,
  token: /^(?=.*[A-Z\d])[\w.~+/=-]{16,}$/,
  cookie: /^[\w.~+/=%-]{16,}$/,
  address: /^[^\s@"<>]{1,64}@[\w-]+(\.[\w-]+)+$/,
  'client secret': /^(?![a-z]+$).{8,}$/is,
  assertion: /^[\w.-]{16,}$/,
  request_uri: /^[\w-]{16,}$/,
  key: /^.{16,}$/s,
  'app key': /^[A-Z2-7]{32}$/,
  'recovery code': /^([0-9A-HJKMNP-TV-Z]{4}-?){3}[0-9A-HJKMNP-TV-Z]{4}$/,
};

/** A line that holds a secret, which is masked in it. */
export interface Leak {
  kind: Kind;
  line: string;
  masked: string;
}

/** No shape has less; what begins alike is compared whole. */
const beginning = 6;

export class Secrets {
  readonly #kinds = new Map<string, Kind>();
  readonly #byBeginning = new Map<string, string[]>();

  /** Takes `text` for a secret, if it looks like one of its kind. */
  add(kind: Kind, text: string | null | undefined): void {
    if (!text || !shapes[kind].test(text)) return;
    // A log escapes, and an address is encoded.
    for (const spelling of new Set([
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text.toWellFormed()),
    ])) {
      if (this.#kinds.has(spelling)) continue;
      this.#kinds.set(spelling, kind);
      const start = spelling.slice(0, beginning);
      const others = this.#byBeginning.get(start);
      if (others) others.push(spelling);
      else this.#byBeginning.set(start, [spelling]);
    }
  }

  /** Takes back what a test has shown to be no secret, though it was presented as one. */
  forget(text: string): void {
    this.#kinds.delete(text);
    const others = this.#byBeginning.get(text.slice(0, beginning));
    if (others?.includes(text)) others.splice(others.indexOf(text), 1);
  }

  /** How many there are of each kind; each of its spellings counts. */
  count(): Record<Kind, number> {
    const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
    for (const kind of this.#kinds.values()) counts[kind] += 1;
    return counts;
  }

  /** The first secret that `line` holds. */
  leakIn(line: string): Leak | undefined {
    for (let at = 0; at + beginning <= line.length; at++) {
      const found = this.#byBeginning
        .get(line.slice(at, at + beginning))
        ?.find((secret) => line.startsWith(secret, at) && this.#isWhole(secret, line, at));
      if (found === undefined) continue;
      const kind = this.#kinds.get(found)!;
      return { kind, line, masked: line.replaceAll(found, `[${kind}]`) };
    }
    return undefined;
  }

  /** A code is six digits: as a part of a longer number or word it is no leak. */
  #isWhole(secret: string, line: string, at: number): boolean {
    if (this.#kinds.get(secret) !== 'code') return true;
    return !/[\w.]/.test(line[at - 1] ?? ' ') && !/[\w.]/.test(line[at + secret.length] ?? ' ');
  }
}

/** Everything secret that has passed by in this file of tests: each has modules of its own. */
export const seen = new Secrets();
