/**
 * Sending a code: within its budgets, once a request for it, without making the page wait. What became of the mail is kept
 * beside the sign-in, so that any process can tell the page.
 */

import { createHash } from 'node:crypto';
import type { Settings } from '../../../config/settings.ts';
import type { Mailer, Message } from '../../../src/mail/mailer.ts';
import type { State } from '../../../src/state/state.ts';
import type { Throttle } from '../../../src/throttle/throttle.ts';
import type { Binding, Codes } from './codes.ts';

export type DeliveryState = 'sending' | 'sent' | 'failed';

export type Sending =
  | { outcome: 'sending' }
  /** The last mail is too recent; seconds to wait. */
  | { outcome: 'too-soon'; wait: number }
  /** This sign-in has had all the mails it may have. */
  | { outcome: 'sign-in-limit' }
  /** The account, or all accounts together, have. */
  | { outcome: 'account-limit' };

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
  /** Sends the first code of a sign-in; on every later call, as when the page is loaded again, does nothing. */
  first(binding: Binding, compose: Compose): Promise<void>;
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
  const place = ({ uid, accountId }: Binding) => `${uid}:${accountId}`;
  const record = (binding: Binding) => `email-code-mail:${place(binding)}`;

  async function send(binding: Binding, compose: Compose): Promise<Sending> {
    // Two requests at once, from two tabs or a double click, are one: whoever takes the pause sends.
    const alone = await state.add(`email-code-pause:${place(binding)}`, '', settings.resendAfter);
    if (!alone) return { outcome: 'too-soon', wait: (await status(binding)).wait };
    const sends = await state.count(`email-code-sends:${place(binding)}`, life);
    if (sends > settings.sendsPerSignIn) return { outcome: 'sign-in-limit' };
    const { sendsPerAccount, sendsInAll, window } = settings;
    // One after the other: who has used up their own budget must not go on using up everybody's.
    for (const budget of [
      { name: 'email-code.sends', key: binding.accountId, limit: sendsPerAccount, window },
      { name: 'email-code.sends-in-all', key: 'all', limit: sendsInAll, window },
    ])
      if ((await throttle.spend([budget])).outcome === 'refused') return { outcome: 'account-limit' };

    const expiresAt = new Date(now().getTime() + settings.life * 1000);
    await note(binding, { delivery: 'sending', sends: String(sends), at: String(now().getTime()) });
    deliver(binding, { ...compose(await codes.make(binding)), expiresAt });
    return { outcome: 'sending' };
  }

  /** Not waited for: the page comes at once. */
  function deliver(binding: Binding, message: Message): void {
    mailer
      .send(message)
      .then(async (delivery) => {
        report(binding, delivery.outcome, delivery.outcome === 'sent' ? delivery.transport : delivery.reason);
        await note(binding, { delivery: delivery.outcome });
      })
      .catch((error: Error) => report(binding, 'failed', `the outcome could not be kept: ${error.message}`));
  }

  async function note(binding: Binding, fields: Record<string, string>): Promise<void> {
    await state.merge(record(binding), fields, {}, life);
  }

  async function status(binding: Binding): Promise<MailStatus> {
    const fields = (await state.fields(record(binding))) ?? {};
    const since = fields.at === undefined ? Number.POSITIVE_INFINITY : (now().getTime() - Number(fields.at)) / 1000;
    return {
      delivery: (fields.delivery as DeliveryState | undefined) ?? 'failed',
      wait: Math.max(0, Math.ceil(settings.resendAfter - since)),
      sendsLeft: Math.max(0, settings.sendsPerSignIn - Number(fields.sends ?? 0)),
      closed: fields.closed !== undefined,
    };
  }

  return {
    async first(binding, compose) {
      if (await state.add(`email-code-first:${place(binding)}:${binding.level}`, '', life))
        await send(binding, compose);
    },
    again: send,
    status,
    close: (binding) => note(binding, { closed: 'yes' }),
  };
}
