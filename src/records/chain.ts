/**
 * A chain of audit entries: each has a hash over the hash before it and all that it says, so that none can be changed,
 * removed, inserted or moved without all that follow. This file knows what is hashed and how entries join a chain; it
 * knows no database.
 *
 * A chain belongs to one process and one stretch of luck: a statement whose outcome is not known ends it, because the next
 * number would be a guess. The chain that follows begins with a link to the last entry that is known to be kept; the
 * first chain of a process links to the newest entry that it finds, and so bears witness to another process's.
 */

import { hash, randomBytes } from 'node:crypto';
import type { Head } from './records.ts';

/** What an entry says, as its row holds it. */
export interface Said {
  at: number;
  event: string;
  reference: string | null;
  account_id: string | null;
  client_id: string | null;
  origin: string | null;
  detail: string | null;
}

/** A row with its place. */
export type Chained = Said & { writer: string; number: number; link: string | null; hash: string };

/** The hash of an entry of that text, behind an entry of the hash `previous`, which is '' for the first of a chain. */
export function hashOf(previous: string, text: string): string {
  return hash('sha256', `${previous}\n${text}`, 'base64url');
}

/** All of an entry but its id and its hash, as one text. The order is a part of the format. */
export function textOf(row: Said & { writer: string | null; number: number | null; link: string | null }): string {
  const { writer, number, link, at, event, reference, account_id, client_id, origin, detail } = row;
  return JSON.stringify([writer, number, link, at, event, reference, account_id, client_id, origin, detail]);
}

/** A head as the first entry of the next chain holds it. */
export function linkTo({ writer, number, at, hash }: Head): string {
  return `${writer} ${number} ${at.toISOString()} ${hash}`;
}

/** The head that a link holds; undefined where it is not one. */
export function headIn(link: string): Head | undefined {
  const [, writer, number, at, hash] = /^([\w-]{16}) (\d{1,15}) (\S{24}) ([\w-]{43})$/.exec(link) ?? [];
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : { writer: writer!, number: Number(number), at: date, hash: hash! };
}

export interface ChainStore {
  /** Keeps all of `rows`, or none; the outcome of a rejection is not known. */
  insert(rows: Chained[]): Promise<void>;
  /** The newest entry; undefined where there is none, or it has no chain. */
  newest(): Promise<Head | undefined>;
}

/** A chain as its writer goes on with it. */
interface Chain {
  writer: string;
  /** For its first entry. */
  link: string | null;
  head?: Pick<Head, 'number' | 'hash'>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Rows of one statement, at most; statements are prepared, and so come in few sizes. */
const most = 64;

/** The end of the chains of one process: hands on what is said to `store`, one statement at a time. */
export function chainInto({ insert, newest }: ChainStore): (said: Said) => Promise<void> {
  const waiting: { said: Said; kept(): void; lost(fault: unknown): void }[] = [];
  let busy = false;
  /** The chain that goes on; undefined after a fault, and at first. */
  let chain: Chain | undefined;
  /** What this process knows to be kept. */
  let known: Head | undefined;

  async function write(group: readonly Said[]): Promise<void> {
    const going = chain ?? (await begun());
    chain = undefined;
    const rows: Chained[] = [];
    for (const said of group) {
      const number = (rows.at(-1) ?? going.head)?.number ?? 0;
      const previous = (rows.at(-1) ?? going.head)?.hash ?? '';
      const placed = { ...said, writer: going.writer, number: number + 1, link: number === 0 ? going.link : null };
      rows.push({ ...placed, hash: hashOf(previous, textOf(placed)) });
    }
    await insert(rows);
    const { writer, number, hash, at } = rows.at(-1)!;
    known = { writer, number, hash, at: new Date(at) };
    chain = { ...going, head: known };
  }

  async function begun(): Promise<Chain> {
    const before = known ?? (await newest());
    return { writer: randomBytes(12).toString('base64url'), link: before ? linkTo(before) : null };
  }

  async function run(): Promise<void> {
    busy = true;
    // What other requests of this turn of the event loop have to say comes along: a statement costs far more than a row.
    await turn();
    while (waiting.length > 0) {
      const group = waiting.splice(0, Math.min(most, 2 ** Math.floor(Math.log2(waiting.length))));
      try {
        await write(group.map(({ said }) => said));
        for (const { kept } of group) kept();
      } catch (fault) {
        for (const { lost } of group) lost(fault);
      }
    }
    busy = false;
  }

  return (said) =>
    new Promise((kept, lost) => {
      waiting.push({ said, kept, lost });
      if (!busy) void run();
    });
}
