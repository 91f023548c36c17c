/**
 * Sending a code: within its budgets, once a request for it, without making the page wait. What became of the mails of one
 * sign-in and account is one record beside it, so that any process can tell the page: `send:1`, `send:2` ... hold what
 * became of each. Whoever begins `send:<n>` sends the nth; all levels of one sign-in share the numbers, and so the pause
 * and the limit.
 */

import type { Settings } from '../../../config/settings.ts';
import type { Source } from '../../../src/audit/audit.ts';
import type { Message } from '../../../src/mail/mailer.ts';
import type { Fields, State } from '../../../src/state/state.ts';
import type { CodeBudgets, Counted } from '../../mailed-code/budgets.ts';
import type { Binding, Codes } from '../../mailed-code/codes.ts';
import type { Deliver } from '../../mailed-code/deliver.ts';
import { mailReference } from '../../mailed-code/report.ts';

export type DeliveryState = 'sending' | 'sent' | 'failed';

export type Sending =
  /** `long`: its code is a long one. */
  | { outcome: 'sending'; long: boolean }
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
  /** Codes that have not expired: a guess is compared with each. */
  live: number;
  /** Whether the last code is a long one. */
  long: boolean;
}

export interface Sender {
  /** Sends the first code of a sign-in for a level; on every later call, as when the page is loaded again, does nothing. Gives
   *  how things stand then. */
  first(binding: Asked, compose: Compose): Promise<MailStatus>;
  /** Sends one more code. */
  again(binding: Asked, compose: Compose): Promise<Sending>;
  status(binding: Binding): Promise<MailStatus>;
  /** Notes that the tries are used up: no code of this sign-in can be right any more. */
  close(binding: Binding): Promise<void>;
}

/** A code that is asked for: what it is bound to, and the request that asks. */
export type Asked = Binding & Counted & { clientId: string; source: Source };

/** Writes the mail that carries `code`. */
export type Compose = (code: string) => Omit<Message, 'expiresAt'>;

export interface SenderOptions {
  state: State;
  codes: Codes;
  budgets: CodeBudgets;
  settings: Settings['emailCode'];
  /** The life of a sign-in, in seconds. */
  interactionLife: number;
  now: () => Date;
  deliver: Deliver;
}

/** The sender of one deployment's codes. Its verbs throw StateUnavailable; that a mail did not leave is told by
 *  `status`. */
export function createSender(options: SenderOptions): Sender {
  const { state, codes, budgets, settings, interactionLife: life, now, deliver } = options;
  const record = ({ uid, accountId }: Binding) => `email-code-mail:${uid}:${accountId}`;

  /** Claims a mail. Undefined: it is ours to send. Else the record, and somebody else has it. */
  function claim(binding: Binding, send: Send): Promise<Fields | undefined> {
    return state.begin(record(binding), fieldOf(send), written(send), life);
  }

  const nthNow = ({ level }: Binding, nth: number): Send => ({ nth, delivery: 'sending', at: now().getTime(), level });

  /** Sends the next mail after those that `fields` know of. */
  async function next(binding: Asked, fields: Fields, compose: Compose): Promise<Sending> {
    const { closed, wait, sendsLeft } = statusOf(fields);
    if (closed) return { outcome: 'closed' };
    if (wait > 0) return { outcome: 'too-soon', wait };
    if (sendsLeft === 0) return { outcome: 'sign-in-limit' };
    const mine = nthNow(binding, sendsIn(fields).length + 1);
    // Two requests at once, from two tabs or a double click, are one: whoever begins it sends.
    const other = await claim(binding, mine);
    return other ? { outcome: 'too-soon', wait: statusOf(other).wait } : send(binding, mine, compose);
  }

  /** Sends the mail that has been claimed; whatever keeps it from leaving is noted. */
  async function send(binding: Asked, mine: Send, compose: Compose): Promise<Sending> {
    try {
      if (!(await budgets.mayMail(binding))) {
        await note(binding, written({ ...mine, delivery: 'failed' }));
        return { outcome: 'account-limit' };
      }
      const expiresAt = new Date(now().getTime() + settings.life * 1000);
      const digits = await budgets.digitsFor(binding.accountId);
      const long = digits > settings.digits;
      if (long) await note(binding, { long: 'yes' });
      mail(binding, mine, { ...compose(await codes.make(binding, digits)), expiresAt });
      return { outcome: 'sending', long };
    } catch (fault) {
      await note(binding, written({ ...mine, delivery: 'failed' })).catch(() => {});
      throw fault;
    }
  }

  /** Not waited for: the page comes at once, and is told when what became of the mail has been written down. */
  function mail(binding: Asked, mine: Send, message: Message): void {
    const { accountId, clientId, level, source } = binding;
    deliver({
      about: { accountId, clientId, level, source, reference: mailReference(binding.uid) },
      compose: async () => message,
      became: (delivery) => note(binding, written({ ...mine, delivery })),
    });
  }

  async function note(binding: Binding, fields: Fields): Promise<void> {
    await state.merge(record(binding), fields, {}, life);
  }

  function statusOf(fields: Fields): MailStatus {
    const sends = sendsIn(fields);
    const last = sends.at(-1);
    const ageOf = ({ at }: Send) => (now().getTime() - at) / 1000;
    const since = last ? ageOf(last) : Number.POSITIVE_INFINITY;
    // No mail leaves after its code has expired: whoever was sending it has ended without a word.
    const lost = last?.delivery === 'sending' && since > settings.life;
    return {
      delivery: !last || lost ? 'failed' : last.delivery,
      wait: Math.max(0, Math.ceil(settings.resendAfter - since)),
      sendsLeft: Math.max(0, settings.sendsPerSignIn - sends.length),
      closed: fields.closed !== undefined,
      live: sends.filter((send) => ageOf(send) <= settings.life).length,
      long: fields.long !== undefined,
    };
  }

  const read = async (binding: Binding) => (await state.fields(record(binding))) ?? {};
  const status = async (binding: Binding) => statusOf(await read(binding));

  return {
    async first(binding, compose) {
      const mine = nthNow(binding, 1);
      const known = await claim(binding, mine);
      if (!known) {
        const sent = await send(binding, mine, compose);
        const sending = sent.outcome === 'sending';
        const long: Fields = sending && sent.long ? { long: 'yes' } : {};
        return statusOf({ ...written({ ...mine, delivery: sending ? 'sending' : 'failed' }), ...long });
      }
      if (sendsIn(known).some(({ level }) => level === binding.level)) return statusOf(known);
      // Another level of this sign-in had the first mail; this level's own comes after the pause, as a further one.
      await next(binding, known, compose);
      return status(binding);
    },
    again: async (binding, compose) => next(binding, await read(binding), compose),
    status,
    close: (binding) => note(binding, { closed: 'yes' }),
  };
}

/** One mail as the record holds it. */
interface Send {
  /** From 1. */
  nth: number;
  delivery: DeliveryState;
  /** When it was asked for, in milliseconds since 1970. */
  at: number;
  /** The level that its code is for. It stands in the value: names of fields are not sealed. */
  level: string;
}

const fieldOf = ({ nth }: Pick<Send, 'nth'>) => `send:${nth}`;

function written(send: Send): Fields {
  return { [fieldOf(send)]: `${send.delivery}:${send.at}:${send.level}` };
}

/** The mails that the record knows of, in their order. */
function sendsIn(fields: Fields): Send[] {
  const sends: Send[] = [];
  for (let nth = 1; ; nth++) {
    const [, delivery, at, level] = /^(\w+):(\d+):(.*)$/s.exec(fields[fieldOf({ nth })] ?? '') ?? [];
    if (!delivery) return sends;
    sends.push({ nth, delivery: delivery as DeliveryState, at: Number(at), level: level! });
  }
}
