/**
 * The mailer over SMTP: sees each message through by one transport after another, round after round, until one has
 * taken it, its recipient is refused for good, or it has expired. It knows nothing of what messages say.
 *
 * Messages wait in memory. What a crash loses is a code, and the person asks for another.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMailOptions } from 'nodemailer';
import type { Settings } from '../../config/settings.ts';
import { compose, readSender, unsendable } from './envelope.ts';
import type { Delivery, Mailer, Message } from './mailer.ts';
import { maskAddress } from './mask.ts';
import type { Refusal } from './refusal.ts';
import { createSlots } from './slots.ts';
import { createTransport, type Transport } from './transport.ts';

/** The part of pino that is used. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export type MailerOptions = Settings['mail'] & {
  now: () => Date;
  log: Log;
  /** Messages in hand: being sent, in line, or between two rounds. One more fails at once. */
  capacity?: number;
  /** Connections at once, over all transports. */
  atOnce?: number;
};

type Attempt = { transport: Transport } & ({ outcome: 'sent' } | Refusal);

/** The part of the capacity that messages for strangers may take. */
const shareOfStrangers = 0.1;
/** A transport that did not answer is asked after the others for this long, so that not every mail waits for it first. */
const distrust = 60_000;
const longestTimer = 2 ** 31 - 1;

/** Throws when `from` is not an address. */
export function createMailer(options: MailerOptions): Mailer {
  const { connectPatience, retryAfter, now, log, capacity = 1000, atOnce = 20 } = options;
  const sender = readSender(options.from);
  const transports = options.transports.map((settings) => createTransport(settings, connectPatience));
  const distrustedUntil = new Map<Transport, number>();
  const slots = createSlots(atOnce);
  const inHand = new Map<AbortController, Promise<unknown>>();
  let forStrangers = 0;
  let closed = false;

  async function send(message: Message): Promise<Delivery> {
    const unfit = unsendable(message);
    const problem = unfit ?? notNow(message);
    const delivery = problem ? failed(problem, unfit !== undefined) : await takeInHand(message);
    if (delivery.outcome === 'failed')
      log.error({ to: maskAddress(message.to), reason: delivery.reason }, 'mail not sent');
    return delivery;
  }

  function notNow(message: Message): string | undefined {
    if (closed) return 'the mailer is closed';
    if (message.expiresAt <= now()) return 'the message has expired';
    if (inHand.size >= capacity) return `${capacity} messages are being sent already`;
    if (message.forStranger && forStrangers >= capacity * shareOfStrangers)
      return `${forStrangers} messages for strangers are being sent already`;
    return undefined;
  }

  async function takeInHand(message: Message): Promise<Delivery> {
    const giveUp = new AbortController();
    const life = message.expiresAt.getTime() - now().getTime();
    const expiry = setTimeout(() => giveUp.abort('the message has expired'), Math.min(life, longestTimer));
    const delivery = seeThrough(message, giveUp.signal);
    inHand.set(giveUp, delivery);
    if (message.forStranger) forStrangers++;
    try {
      return await delivery;
    } catch (fault) {
      return failed(`fault: ${fault instanceof Error ? fault.name : typeof fault}`);
    } finally {
      clearTimeout(expiry);
      inHand.delete(giveUp);
      if (message.forStranger) forStrangers--;
    }
  }

  async function seeThrough(message: Message, signal: AbortSignal): Promise<Delivery> {
    const mail = compose(sender, message, now());
    const about = { mail: mail.messageId, to: maskAddress(message.to) };
    let willing = transports;
    for (let round = 0; ; round++) {
      const attempts = await slots(() => goRound(mail, willing, signal, about));
      const last = attempts.at(-1);
      if (last?.outcome === 'sent') {
        log.info({ ...about, transport: last.transport.name, round }, 'mail sent');
        return { outcome: 'sent', transport: last.transport.name };
      }
      if (last?.outcome === 'no-such-recipient') return failed(`the address is refused: ${last.reason}`, true);
      if (signal.aborted) return failed(String(signal.reason));

      willing = willing.filter(
        (transport) => !attempts.some((one) => one.transport === transport && one.outcome === 'refused'),
      );
      const pause = retryAfter[round];
      if (willing.length === 0) return failed(`every transport refuses it: ${reasons(attempts)}`);
      if (pause === undefined || message.oneRound) return failed(`no transport takes it: ${reasons(attempts)}`);
      if (now().getTime() + pause >= message.expiresAt.getTime())
        return failed(`no time for another round: ${reasons(attempts)}`);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Asks each of `willing`, those trusted first, until one takes the mail or the recipient is refused. */
  async function goRound(
    mail: SendMailOptions,
    willing: Transport[],
    signal: AbortSignal,
    about: object,
  ): Promise<Attempt[]> {
    const attempts: Attempt[] = [];
    for (const transport of byTrust(willing)) {
      if (signal.aborted) break;
      const attempt: Attempt = { transport, ...(await transport.attempt(mail, signal)) };
      attempts.push(attempt);
      if (attempt.outcome === 'sent') {
        distrustedUntil.delete(transport);
        break;
      }
      log.warn(
        { ...about, transport: transport.name, outcome: attempt.outcome, reason: attempt.reason },
        'mail not taken',
      );
      if (attempt.outcome === 'no-such-recipient') break;
      if (attempt.outcome === 'unreachable') distrustedUntil.set(transport, now().getTime() + distrust);
    }
    return attempts;
  }

  function byTrust(willing: Transport[]): Transport[] {
    const distrusted = (transport: Transport) => (distrustedUntil.get(transport) ?? 0) > now().getTime();
    return [...willing.filter((one) => !distrusted(one)), ...willing.filter(distrusted)];
  }

  return {
    send,
    check: () =>
      Promise.all(
        transports.map(async (transport) => {
          const problem = await transport.check();
          return problem === undefined ? { transport: transport.name } : { transport: transport.name, problem };
        }),
      ),
    async end(patience) {
      closed = true;
      const enough = new AbortController();
      const allDone = Promise.allSettled(inHand.values());
      await Promise.race([allDone, sleep(patience, undefined, { signal: enough.signal }).catch(() => undefined)]);
      enough.abort();
      for (const giveUp of inHand.keys()) giveUp.abort('the mailer was closed');
      await allDone;
    },
  };
}

function failed(reason: string, final = false): Delivery {
  return { outcome: 'failed', reason, ...(final && { final }) };
}

function reasons(attempts: Attempt[]): string {
  return attempts.map((one) => `${one.transport.name}: ${one.outcome === 'sent' ? 'sent' : one.reason}`).join('; ');
}
