/**
 * Sending a code: within its budgets, once a request for it, without making the page wait. What became of the mails of one
 * sign-in and account is one record beside it, so that any process can tell the page: `send:1`, `send:2` ... hold what
 * became of each and the level that it was for, `at` is the time of the last. Whoever begins `send:<n>` sends the nth; all
 * levels of one sign-in share the numbers, and so the pause and the limit.
 */

import { createHash } from 'node:crypto';
import type { Settings } from '../../../config/settings.ts';
import type { Mailer, Message } from '../../../src/mail/mailer.ts';
import type { Fields, State } from '../../../src/state/state.ts';
import type { Pool, Throttle } from '../../../src/throttle/throttle.ts';
import type { Binding, Codes } from './codes.ts';

export type DeliveryState = 'sending' | 'sent' | 'failed';

export type Sending =
  | { outcome: 'sending' }
  /** The last mail is too recent; seconds to wait. */
  | { outcome: 'too-soon'; wait: number }
  /** This sign-in has had all the mails it may have. */
  | { outcome: 'sign-in-limit' }
  /** The account, or all accounts together, have. */
  | { outcome: 'account-limit' }
  /** The tries of this sign-in are used up: a code would be of no use. */
  | { outcome: 'closed' };

/** How things stand with the mails of one sign-in. */
export interface MailStatus {
  delivery: DeliveryState;
  /** Seconds until another may be asked for. */
  wait: number;
  sendsLeft: number;
  /** Whether the tries are used up. */
  closed: boolean;
}

export interface Sender {
  /** Sends the first code of a sign-in for a level; on every later call, as when the page is loaded again, does nothing. Gives
   *  how things stand then. */
  first(binding: Binding, compose: Compose): Promise<MailStatus>;
  /** Sends one more code. */
  again(binding: Binding, compose: Compose): Promise<Sending>;
  status(binding: Binding): Promise<MailStatus>;
  /** Notes that the tries are used up: no code of this sign-in can be right any more. */
  close(binding: Binding): Promise<void>;
}

/** Writes the mail that carries `code`. */
export type Compose = (code: string) => Omit<Message, 'expiresAt'>;

export interface SenderOptions {
  state: State;
  codes: Codes;
  throttle: Throttle;
  mailer: Mailer;
  settings: Settings['emailCode'];
  /** The life of a sign-in, in seconds. */
  interactionLife: number;
  now: () => Date;
  /** Told of each mail that left or did not. */
  report: (binding: Binding, outcome: 'sent' | 'failed', detail: string) => void;
}

/** The short reference that the page and its mails share: enough to tell one screen from another, and no secret. */
export function mailReference(uid: string): string {
  const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  const bytes = createHash('sha256').update(`mail reference ${uid}`).digest();
  return [...bytes.subarray(0, 4)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

/** The sender of one deployment's codes. Its verbs throw StateUnavailable; that a mail did not leave is told by
 *  `status`. */
export function createSender(options: SenderOptions): Sender {
  const { state, codes, throttle, mailer, settings, interactionLife: life, now, report } = options;
  const record = ({ uid, accountId }: Binding) => `email-code-mail:${uid}:${accountId}`;

  /** Claims the `nth` mail. Undefined: it is ours to send. Else the record, and somebody else has it. */
  function claim(binding: Binding, nth: number): Promise<Fields | undefined> {
    return state.begin(record(binding), sendOf(nth), claimed(binding, nth), life);
  }

  function claimed({ level }: Binding, nth: number): Fields {
    return { [sendOf(nth)]: noted('sending', level), at: String(now().getTime()) };
  }

  /** Sends the next mail after those that `fields` know of. */
  async function next(binding: Binding, fields: Fields, compose: Compose): Promise<Sending> {
    const { closed, wait, sendsLeft } = statusOf(fields);
    if (closed) return { outcome: 'closed' };
    if (wait > 0) return { outcome: 'too-soon', wait };
    if (sendsLeft === 0) return { outcome: 'sign-in-limit' };
    const nth = sendsIn(fields).length + 1;
    // Two requests at once, from two tabs or a double click, are one: whoever begins it sends.
    const other = await claim(binding, nth);
    return other ? { outcome: 'too-soon', wait: statusOf(other).wait } : send(binding, nth, compose);
  }

  /** Sends the mail that has been claimed; whatever keeps it from leaving is noted. */
  async function send(binding: Binding, nth: number, compose: Compose): Promise<Sending> {
    try {
      if (await refused(binding)) {
        await noteSend(binding, nth, 'failed');
        return { outcome: 'account-limit' };
      }
      const expiresAt = new Date(now().getTime() + settings.life * 1000);
      deliver(binding, nth, { ...compose(await codes.make(binding)), expiresAt });
      return { outcome: 'sending' };
    } catch (fault) {
      await noteSend(binding, nth, 'failed').catch(() => {});
      throw fault;
    }
  }

  async function refused({ accountId }: Binding): Promise<boolean> {
    const { sendsPerAccount, sendsInAll, window } = settings;
    const pool = (name: string, key: string, limit: number): Pool => ({
      name,
      key,
      window,
      budgets: [{ of: '', limit }],
    });
    // One after the other: who has used up their own budget must not go on using up everybody's.
    for (const each of [
      pool('email-code.sends', accountId, sendsPerAccount),
      pool('email-code.sends-in-all', 'all', sendsInAll),
    ])
      if ((await throttle.spend(each)).outcome === 'refused') return true;
    return false;
  }

  /** Not waited for: the page comes at once. */
  function deliver(binding: Binding, nth: number, message: Message): void {
    mailer
      .send(message)
      .then(async (delivery) => {
        report(binding, delivery.outcome, delivery.outcome === 'sent' ? delivery.transport : delivery.reason);
        await noteSend(binding, nth, delivery.outcome);
      })
      .catch((error: Error) => report(binding, 'failed', `the outcome could not be kept: ${error.message}`));
  }

  async function note(binding: Binding, fields: Fields): Promise<void> {
    await state.merge(record(binding), fields, {}, life);
  }

  const noteSend = (binding: Binding, nth: number, delivery: DeliveryState) =>
    note(binding, { [sendOf(nth)]: noted(delivery, binding.level) });

  function statusOf(fields: Fields): MailStatus {
    const sends = sendsIn(fields).length;
    const since = fields.at === undefined ? Number.POSITIVE_INFINITY : (now().getTime() - Number(fields.at)) / 1000;
    const delivery = sends > 0 ? deliveryIn(fields[sendOf(sends)]!) : 'failed';
    return {
      // No mail leaves after its code has expired: whoever was sending it has ended without a word.
      delivery: delivery === 'sending' && since > settings.life ? 'failed' : delivery,
      wait: Math.max(0, Math.ceil(settings.resendAfter - since)),
      sendsLeft: Math.max(0, settings.sendsPerSignIn - sends),
      closed: fields.closed !== undefined,
    };
  }

  const read = async (binding: Binding) => (await state.fields(record(binding))) ?? {};
  const status = async (binding: Binding) => statusOf(await read(binding));

  return {
    async first(binding, compose) {
      const known = await claim(binding, 1);
      if (known && hasSentFor(binding.level, known)) return statusOf(known);
      if (known) {
        // Another level of this sign-in had the first mail; this level's own comes after the pause, as a further one.
        await next(binding, known, compose);
        return status(binding);
      }
      const { outcome } = await send(binding, 1, compose);
      const delivery = outcome === 'sending' ? outcome : 'failed';
      return statusOf({ ...claimed(binding, 1), [sendOf(1)]: noted(delivery, binding.level) });
    },
    again: async (binding, compose) => next(binding, await read(binding), compose),
    status,
    close: (binding) => note(binding, { closed: 'yes' }),
  };
}

const sendOf = (nth: number) => `send:${nth}`;
// Values are sealed in the store, names of fields are not: what belongs to a person's sign-in stands in the value.
const noted = (delivery: DeliveryState, level: string) => `${delivery}:${level}`;
const deliveryIn = (value: string) => value.slice(0, value.indexOf(':')) as DeliveryState;

/** What the record holds of each mail. */
function sendsIn(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (name.startsWith('send:') ? [value] : []));
}

function hasSentFor(level: string, fields: Fields): boolean {
  return sendsIn(fields).some((value) => value.slice(value.indexOf(':') + 1) === level);
}
