/**
 * The way of a mail that carries a code, beside the request that asked for it: it is written, handed to the mailer, and what became of
 * it is written down. What fails on the way is that step's failure alone: a mail that has left is never reported as one that has not.
 * This file knows nothing of codes.
 */

import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'koa';
import type { Delivery, Mailer, Message } from '../../src/mail/mailer.ts';
import type { Reported, ReportMail } from './report.ts';

export interface Mailing {
  about: Reported;
  /** The message; undefined where too many have been mailed. */
  compose(): Promise<Message | undefined>;
  /**
   * The request whose answer must not tell whether anything is mailed. Nothing is done until some time after that answer: what it takes
   * to mail tells neither by it nor by the next one (ASVS 6.3.8).
   */
  after?: Context;
  /** Told what became of it, once that is written down. */
  became?(outcome: Delivery['outcome']): Promise<void>;
}

/** Begins it, and waits for nothing. */
export type Deliver = (mailing: Mailing) => void;

export interface DeliverOptions {
  mailer: Pick<Mailer, 'send'>;
  report: ReportMail;
  /** Does what goes on after its request, and notes what went wrong with it. */
  inBackground: (work: () => Promise<void>) => void;
  /** Milliseconds between an answer and the mail that it must not tell of: at least, and at most. */
  mailPause?: readonly [number, number];
}

/** A browser has long asked for the next page by then. */
const usualPause = [700, 2_500] as const;

export function createDeliver({ mailer, report, inBackground, mailPause = usualPause }: DeliverOptions): Deliver {
  async function sent(compose: Mailing['compose']): Promise<Delivery> {
    try {
      const message = await compose();
      return message ? await mailer.send(message) : { outcome: 'failed', reason: 'too many codes have been mailed' };
    } catch (fault) {
      return { outcome: 'failed', reason: (fault as Error).message };
    }
  }

  return ({ about, compose, after, became }) =>
    inBackground(async () => {
      if (after) {
        await answered(after);
        await pause(randomInt(...mailPause));
      }
      const delivery = await sent(compose);
      await report(about, delivery.outcome, delivery.outcome === 'sent' ? delivery.transport : delivery.reason);
      await became?.(delivery.outcome);
    });
}

async function answered({ res }: Context): Promise<void> {
  if (!res.destroyed) await new Promise<void>((resolve) => res.once('close', resolve));
}
