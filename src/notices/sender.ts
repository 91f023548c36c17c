/**
 * The sender of notices: takes from the outbox what people are to be told, has it mailed, and marks what has become of it. It
 * knows when to send and when to give up; it does not know what a notice says, nor what happened.
 *
 * A process sends one at a time, and claims none before the one in hand is marked: one that is killed leaves one notice at
 * most that was sent and is not marked, and that is sent once more when its lease has ended. The others wait in the outbox
 * for whoever comes next. No mail is tried past its lease, so nobody sends it twice while all processes live.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Mailer, Message } from '../mail/mailer.ts';
import type { Notice, Records } from '../records/records.ts';

export type Fate =
  | { outcome: 'sent'; transport: string }
  /** It is tried again, at `until` at the earliest. */
  | { outcome: 'deferred'; reason: string; until: Date }
  | { outcome: 'failed'; reason: string };

type Words = Pick<Message, 'subject' | 'text' | 'html'>;

export interface NoticeSenderOptions {
  outbox: Pick<Records['notices'], 'claim' | 'sent' | 'retry' | 'failed' | 'purge'>;
  /** The kinds that `compose` has words for. Others are a newer version's, and left to it. */
  kinds: readonly string[];
  /** More kinds, of which there may be very many: they are sent when no other is due, and may wait for so many milliseconds. */
  bulk?: { kinds: readonly string[]; patience: number };
  compose(notice: Notice): Words | Promise<Words>;
  mailer: Pick<Mailer, 'send'>;
  /** Milliseconds between looks into the outbox, a quarter more or less. */
  lookEvery: number;
  /** Told of each fate once it is marked. */
  report(notice: Notice, fate: Fate): Promise<void>;
  /** Told when the outbox is away, and when it is back. */
  outboxIs(state: 'away' | 'back', fault?: unknown): void;
  now: () => Date;
}

export interface NoticeSender {
  /** Looks into the outbox now and from time to time. */
  start(): void;
  /** Something has been written: looks at once. */
  kick(): void;
  /** Claims no more, and resolves when the one in hand is marked. */
  end(): Promise<void>;
}

/** For which a notice that has been claimed is nobody else's, in milliseconds. */
const lease = 5 * 60_000;
/** A mail is given up a minute before its lease ends: what was meant to be marked is marked by then. */
const mailLife = lease - 60_000;
/** Milliseconds for which one that was given up is kept, for whoever asks what became of it. */
const keptFailed = 90 * 24 * 3600_000;
/** Milliseconds between two removals of such. */
const purgeEvery = 6 * 3600_000;
/** Milliseconds after which nobody is told any more. */
const tooOld = 24 * 3600_000;

/** Milliseconds until the next try: one minute, then twice as long each time, two hours at most. */
export function pauseAfter(tries: number): number {
  return Math.min(60_000 * 2 ** (tries - 1), 2 * 3600_000);
}

/** The sender of one process; any number may run. It throws nothing: what it cannot do now it tries again. */
export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const { outbox, kinds, bulk, compose, mailer, lookEvery, report, outboxIs, now } = options;
  // Who kicks may be a request, whose patience with the stores is not to be the sender's.
  const outside = AsyncLocalStorage.snapshot();
  let unmarked: (() => Promise<unknown>) | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let state: 'new' | 'started' | 'ended' = 'new';
  let asked = false;
  let away = false;
  let purgeAt = 0;

  function kick(): void {
    if (state !== 'started') return;
    asked = true;
    running ??= outside(run);
  }

  async function run(): Promise<void> {
    try {
      while (asked && state === 'started') {
        asked = false;
        await look();
      }
    } finally {
      running = undefined;
    }
  }

  /** Sends all that is due. While the outbox is away all waits; the next look finds it. */
  async function look(): Promise<void> {
    try {
      while (state === 'started' && (await next()));
      await purge();
      if (away) outboxIs('back');
      away = false;
    } catch (fault) {
      if (!away) outboxIs('away', fault);
      away = true;
    }
  }

  async function purge(): Promise<void> {
    if (now().getTime() < purgeAt) return;
    await outbox.purge(new Date(now().getTime() - keptFailed));
    purgeAt = now().getTime() + purgeEvery;
  }

  /** Sends the one that has been due longest; false when none is. */
  async function next(): Promise<boolean> {
    // The outbox went away before the last one could be marked.
    await unmarked?.();
    unmarked = undefined;
    const notice =
      (await outbox.claim({ kinds, lease })) ?? (bulk && (await outbox.claim({ kinds: bulk.kinds, lease })));
    if (!notice) return false;
    const fate = await fateOf(notice);
    unmarked = () => mark(notice, fate);
    await unmarked();
    unmarked = undefined;
    await report(notice, fate);
    return true;
  }

  async function fateOf(notice: Notice): Promise<Fate> {
    const age = () => now().getTime() - notice.at.getTime();
    const oldest = bulk?.kinds.includes(notice.kind) ? bulk.patience : tooOld;
    // As one from a backup may be, which has been sent long since.
    if (age() > oldest) return { outcome: 'failed', reason: 'it is too old' };
    const { delivery, final } = await send(notice);
    if (delivery.outcome === 'sent') return delivery;
    const { reason } = delivery;
    const pause = pauseAfter(notice.tries);
    if (final || age() + pause > oldest) return { outcome: 'failed', reason };
    // What a process leaves undone when it ends is the next one's at once.
    return { outcome: 'deferred', reason, until: new Date(now().getTime() + (state === 'ended' ? 0 : pause)) };
  }

  async function send(notice: Notice) {
    try {
      const expiresAt = new Date(now().getTime() + mailLife);
      const message = {
        to: notice.email,
        language: notice.locale,
        ...(await compose(notice)),
        expiresAt,
        oneRound: true,
      };
      const delivery = await mailer.send(message);
      return { delivery, final: delivery.outcome === 'failed' && delivery.final };
    } catch (fault) {
      const reason = `it could not be put into words: ${(fault as Error).message}`;
      return { delivery: { outcome: 'failed', reason } as const };
    }
  }

  function mark({ id }: Notice, fate: Fate): Promise<unknown> {
    switch (fate.outcome) {
      case 'sent':
        return outbox.sent(id);
      case 'deferred':
        return outbox.retry(id, fate.until);
      case 'failed':
        return outbox.failed(id, fate.reason);
    }
  }

  /** Several processes do not look at the same moment. */
  function schedule(): void {
    const wait = lookEvery * (0.75 + Math.random() / 2);
    timer = setTimeout(() => {
      kick();
      schedule();
    }, wait).unref();
  }

  return {
    start() {
      state = 'started';
      kick();
      schedule();
    },
    kick,
    async end() {
      state = 'ended';
      clearTimeout(timer);
      await running;
    },
  };
}
