/**
 * Confirming an e-mail address by a code, for somebody who has no account yet. How far a sign-in has come is kept in the state, under
 * its own name; the records know nothing of it. Who may have a code mailed is counted for the origin, for the address and for all
 * sign-ups: nobody's mailbox can be filled, and nobody who has an account waits for codes because strangers have asked for theirs.
 * Codes are long: nobody comes by somebody else's address by guessing.
 */

import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { sourceOf } from '../../src/audit/audit.ts';
import { mailboxOf } from '../../src/mail/address.ts';
import type { Guess } from '../../src/state/state.ts';
import { poolOf, type Spending, spendInTurn } from '../../src/throttle/throttle.ts';
import { createCodes } from '../mailed-code/codes.ts';
import { codeMessage } from '../mailed-code/message.ts';
import { mailReference } from '../mailed-code/report.ts';
import type { Step } from '../method.ts';
import type { WayInParts } from '../way-in.ts';

export interface Confirming {
  /** Mails a code to `email`; one that was asked for before is for its own address. */
  ask(ctx: Context, step: Step, email: string): Promise<Spending>;
  /** The address that this sign-in has given. */
  asked(step: Step): Promise<{ email: string } | undefined>;
  /** Guesses the code: digits only. */
  guess(step: Step, typed: string): Promise<Guess>;
  /** The address that has been confirmed in this sign-in. */
  confirmed(step: Step): Promise<string | undefined>;
  /** Uses the confirmation up: of all callers one hears true. */
  use(step: Step): Promise<boolean>;
  /** It came to nothing after all. */
  giveBack(step: Step, email: string): Promise<void>;
}

const day = 24 * 3600;
/** Mails that one origin may cause in a day: an office, a school, a library. */
const mailsPerOrigin = 60;
/** Of all mails with codes as many as a tenth may be for sign-ups, apart from the others. */
const shareOfSignUps = 0.1;

type Parts = Pick<WayInParts, 'settings' | 'state' | 'throttle' | 'now' | 'deliver'>;

/** Confirming over `state`. Its verbs throw StateUnavailable. */
export function createConfirming({ settings, state, throttle, now, deliver }: Parts): Confirming {
  const { longDigits, life, sendsPerAccount, sendsPerSignIn, sendsInAll, window } = settings.emailCode;
  const signInLife = settings.times.interaction;
  const codes = createCodes(state, settings.secrets.codeKeys, { ...settings.emailCode, signInLife });
  const askedKey = ({ uid }: Step) => `sign-up:${uid}`;
  const confirmedKey = ({ uid }: Step) => `sign-up-confirmed:${uid}`;
  const nameOf = (email: string) => hash('sha256', mailboxOf(email), 'base64url');
  const bindingOf = ({ uid }: Step, email: string) => ({
    uid: `sign-up:${uid}`,
    accountId: hash('sha256', email, 'base64url'),
    level: 'sign-up',
  });
  const read = async (step: Step): Promise<{ email: string } | undefined> => {
    const kept = await state.get(askedKey(step));
    return kept && JSON.parse(kept.value);
  };

  /** An address has some mails anywhere, fewer at one origin. */
  async function mayAsk(step: Step, email: string): Promise<Spending> {
    const name = nameOf(email);
    const asking = [
      poolOf('sign-up.visit', step.uid, signInLife, sendsPerSignIn),
      poolOf('sign-up.origin', step.origin, day, mailsPerOrigin),
    ];
    const mailing = [
      poolOf('sign-up.here', JSON.stringify([name, step.origin]), day, Math.ceil(sendsPerAccount / 3)),
      poolOf('sign-up.address', name, day, sendsPerAccount),
      poolOf('sign-up.sends-in-all', 'all', window, Math.ceil(sendsInAll * shareOfSignUps)),
    ];
    const asked = await spendInTurn(throttle, asking);
    if (asked.outcome === 'refused') return asked;
    const mailed = await spendInTurn(throttle, mailing);
    // The address gets no mail, so that it has lost none.
    if (mailed.outcome === 'refused') for (const each of mailed.spent) await throttle.refund(each);
    return mailed;
  }

  return {
    async ask(ctx, step, email) {
      const spending = await mayAsk(step, email);
      if (spending.outcome === 'refused') return spending;
      const { service, view, level } = step;
      const code = await codes.make(bindingOf(step, email), longDigits);
      await state.put(askedKey(step), JSON.stringify({ email }), signInLife);
      const about = {
        accountId: undefined,
        clientId: service.clientId,
        level,
        source: sourceOf(ctx),
        reference: mailReference(`sign-up ${step.uid}`),
      };
      const time = now();
      const message = codeMessage(settings, {
        ...{ to: email, locale: view.locale, purpose: 'address', code, service: service.name, time },
        ...{ userAgent: ctx.get('user-agent'), reference: about.reference },
      });
      const expiresAt = new Date(time.getTime() + life * 1000);
      deliver({ about, compose: async () => ({ ...message, expiresAt, forStranger: true }) });
      return { outcome: 'allowed' };
    },

    asked: read,

    async guess(step, typed) {
      const asked = await read(step);
      if (!asked) return { outcome: 'none' };
      const guess = await codes.guess(bindingOf(step, asked.email), typed);
      if (guess.outcome === 'right') await state.put(confirmedKey(step), asked.email, signInLife);
      return guess;
    },

    confirmed: async (step) => (await state.get(confirmedKey(step)))?.value,
    use: async (step) => (await state.take(confirmedKey(step))) !== undefined,
    giveBack: (step, email) => state.put(confirmedKey(step), email, signInLife),
  };
}
