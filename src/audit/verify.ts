/**
 * Whether the audit is what was written: reads all of it, chain by chain, and says of each entry that does not fit what is
 * wrong with it. What chains cannot tell by themselves, that the end of one or all of it is gone, comes out against heads
 * that somebody has kept elsewhere, and against the links between chains. Memory is bounded by a page and by those heads.
 */

import { createHash } from 'node:crypto';
import { hashOf } from '../records/chain.ts';
import type { ChainedEntry, Head, Place, Records, UnchainedEntry } from '../records/records.ts';
import type { Heads, Past } from './heads.ts';

type Reader = Pick<Records['audit'], 'chained' | 'unchained' | 'seen' | 'heads' | 'firstSince'>;

export type Finding =
  /** The entry, or the one before it, is not what was written; or one was put in its place. */
  | ({ kind: 'changed'; at: Date; event: string } & Place)
  /** Entries between two others, or at the beginning of a chain. */
  | { kind: 'removed'; writer: string; from: number; to: number }
  /** A chain ends before an entry that `seenBy` knows: kept heads, or the chain that begins with a link to it. */
  | { kind: 'end-removed'; writer: string; from: number; to: number; seenBy: string }
  /** All of a chain up to this entry fits, and yet is not what `seenBy` knows. */
  | ({ kind: 'rewritten'; seenBy: string } & Place)
  /** A second entry of one number. */
  | ({ kind: 'inserted'; at: Date; event: string; id: number } & Place)
  /** The entry stands before the one that it follows. */
  | ({ kind: 'reordered'; at: Date; event: string } & Place)
  /** Entries without a chain, behind the first that has one. */
  | { kind: 'unchained'; count: number; first: Pick<UnchainedEntry, 'id' | 'at' | 'event'> }
  /** Entries from before the chains are not those that the heads were taken of. */
  | { kind: 'past-changed'; were: number; are: number };

export interface VerifyOptions {
  heads?: Heads;
  /** What was written before it has been removed by the operator. */
  since?: Date;
  /** Until then a version that knows no chains ran beside this one. */
  mixedUntil?: Date;
  /** Told each finding as it comes. */
  report(finding: Finding): void;
}

export interface Verified {
  /** Of chains. */
  entries: number;
  chains: number;
  /** Entries without a chain. */
  unchained: number;
  /** Chains that begin late, as `since` allows, and whose first entry therefore no hash vouches for. */
  unanchored: number;
  findings: number;
}

const limit = 1000;

/** Reads all of `audit`. Throws RecordsUnavailable. */
export async function verify(audit: Reader, options: VerifyOptions): Promise<Verified> {
  const { heads, since, mixedUntil } = options;
  const verified: Verified = { entries: 0, chains: 0, unchained: 0, unanchored: 0, findings: 0 };
  const report = (finding: Finding) => {
    verified.findings++;
    options.report(finding);
  };
  const unseen = new Map(heads?.heads.map((head) => [head.writer, head]));
  const mayBeGone = ({ at }: Head) => since !== undefined && at < since;
  let firstId = Number.POSITIVE_INFINITY;
  let last: (ChainedEntry & { broken?: boolean }) | undefined;

  for await (const entry of chainedIn(audit)) {
    verified.entries++;
    firstId = Math.min(firstId, entry.id);
    const before = last?.writer === entry.writer ? last : undefined;
    if (!before) {
      if (last) ended(last);
      verified.chains++;
    }
    if (before?.number === entry.number) {
      report({ kind: 'inserted', ...named(entry), id: entry.id });
      continue;
    }
    const previous = before ? follows(before, entry) : await begins(entry);
    if (previous !== undefined && hashOf(previous, entry.text) !== entry.hash)
      report({ kind: 'changed', ...named(entry) });
    const head = unseen.get(entry.writer);
    if (head && head.number <= entry.number) {
      unseen.delete(entry.writer);
      if (head.number === entry.number && head.hash !== entry.hash) rewritten(entry, 'the heads');
    }
    last = entry;
  }
  if (last) ended(last);
  for (const head of unseen.values()) if (!mayBeGone(head)) endRemoved(head, 1, 'the heads');
  await past();
  return verified;

  /** The hash that `entry` stands on; undefined where it is not known. */
  function follows(before: ChainedEntry, entry: ChainedEntry): string | undefined {
    if (entry.number !== before.number + 1) {
      report({ kind: 'removed', writer: entry.writer, from: before.number + 1, to: entry.number - 1 });
      return undefined;
    }
    if (entry.id < before.id) report({ kind: 'reordered', ...named(entry) });
    return before.hash;
  }

  async function begins(entry: ChainedEntry): Promise<string | undefined> {
    if (entry.number !== 1) return beginsLate(entry);
    if (entry.link === 'unreadable') report({ kind: 'changed', ...named(entry) });
    else if (entry.link) await linked(entry.link, entry);
    return '';
  }

  function beginsLate(entry: ChainedEntry): string | undefined {
    if (since === undefined || entry.at < since)
      report({ kind: 'removed', writer: entry.writer, from: 1, to: entry.number - 1 });
    const head = unseen.get(entry.writer);
    if (head?.number === entry.number - 1) return head.hash;
    // These heads say where each chain was going to begin.
    if (since && heads?.before?.getTime() === since.getTime())
      report({ kind: 'removed', writer: entry.writer, from: (head?.number ?? 0) + 1, to: entry.number - 1 });
    verified.unanchored++;
    return undefined;
  }

  async function linked(link: Head, by: ChainedEntry): Promise<void> {
    const seen = await audit.seen(link);
    const seenBy = `the chain ${by.writer}`;
    if (seen) {
      if (seen.hash !== link.hash) rewritten(link, seenBy);
    } else if (!mayBeGone(link)) endRemoved(link, link.number, seenBy);
  }

  function ended(entry: ChainedEntry): void {
    const head = unseen.get(entry.writer);
    if (!head) return;
    unseen.delete(entry.writer);
    endRemoved(head, entry.number + 1, 'the heads');
  }

  function endRemoved({ writer, number }: Head, from: number, seenBy: string): void {
    report({ kind: 'end-removed', writer, from, to: number, seenBy });
  }

  function rewritten({ writer, number }: Place, seenBy: string): void {
    report({ kind: 'rewritten', writer, number, seenBy });
  }

  /** Entries without a chain: those of before, and those that should not be. */
  async function past(): Promise<void> {
    const then = heads?.past;
    const today = pastOf();
    let stray: { count: number; first: UnchainedEntry } | undefined;
    for await (const entry of unchainedIn(audit)) {
      verified.unchained++;
      if (then && entry.id <= then.last) today.add(entry);
      if (entry.id < firstId || (mixedUntil && entry.at <= mixedUntil)) continue;
      stray = { count: (stray?.count ?? 0) + 1, first: stray?.first ?? entry };
    }
    const { entries, sha256 } = today.taken();
    if (then && !since && sha256 !== then.sha256) report({ kind: 'past-changed', were: then.entries, are: entries });
    if (!stray) return;
    const { id, at, event } = stray.first;
    report({ kind: 'unchained', count: stray.count, first: { id, at, event } });
  }
}

function named({ writer, number, at, event }: ChainedEntry) {
  return { writer, number, at, event };
}

/** What there is to keep elsewhere: the head of each chain, and a digest of what is from before them. With `before`, of what was
 *  written before it, to be kept when that is going to be removed. */
export async function takeHeads(audit: Reader, before?: Date): Promise<Omit<Heads, 'at'>> {
  const below = before && ((await audit.firstSince(before)) ?? undefined);
  const heads: Head[] = [];
  for await (const head of paged((after: Head | undefined) => audit.heads({ after: after?.writer, below, limit })))
    heads.push(head);
  const past = pastOf();
  for await (const entry of unchainedIn(audit)) past.add(entry);
  return { ...(before && { before }), heads, past: past.taken() };
}

/** A digest of entries without a chain, in their order. */
function pastOf(): { add(entry: UnchainedEntry): void; taken(): Past } {
  const digest = createHash('sha256');
  let entries = 0;
  let last = 0;
  return {
    add({ id, text }) {
      digest.update(`${id} ${text}\n`);
      entries++;
      last = id;
    },
    taken: () => ({ entries, last, sha256: digest.digest('base64url') }),
  };
}

const chainedIn = (audit: Reader) => paged((after: ChainedEntry | undefined) => audit.chained({ after, limit }));
const unchainedIn = (audit: Reader) =>
  paged((after: UnchainedEntry | undefined) => audit.unchained({ after: after?.id, limit }));

/** All that `read` gives, a page at a time; it hears what the page before ended with. */
export async function* paged<T>(read: (after: T | undefined) => Promise<T[]>): AsyncGenerator<T> {
  for (let after: T | undefined; ; ) {
    const page = await read(after);
    if (page.length === 0) return;
    yield* page;
    after = page.at(-1);
  }
}
