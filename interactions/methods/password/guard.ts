/**
 * The guard of an account at which more passwords have been guessed than one account may bear. From a browser that does not know
 * the person, a password alone is neither taken nor refused any more: in either case the page asks for a code, which has been mailed to the
 * account's address if the password was right. Whoever guesses learns nothing, and the owner gets in from anywhere.
 *
 * Right and wrong must look alike here, in what is asked, written and awaited. An account without an address cannot be sent a code;
 * its right password is taken as it is, so that its owner is not locked out.
 */

import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'koa';
import type { Settings } from '../../../config/settings.ts';
import type { Mailer } from '../../../src/mail/mailer.ts';
import type { Account } from '../../../src/records/records.ts';
import type { State } from '../../../src/state/state.ts';
import type { Throttle } from '../../../src/throttle/throttle.ts';
import { createCodeBudgets } from '../../mailed-code/budgets.ts';
import { createCodes } from '../../mailed-code/codes.ts';
import { deviceOf } from '../../mailed-code/device.ts';
import { emailCodeMail } from '../../mailed-code/mail.ts';
import { mailReference, type ReportMail } from '../../mailed-code/report.ts';
import type { Step } from '../../method.ts';

export interface GuardOptions {
  settings: Settings;
  state: State;
  throttle: Throttle;
  mailer: Mailer;
  now: () => Date;
  reportMail: ReportMail;
  inBackground: (work: Promise<void>) => void;
}

export type GuardAnswer =
  /** Right: the account's password was right as well. */
  | { outcome: 'right'; accountId: string }
  | { outcome: 'wrong'; left: number }
  /** The tries of this sign-in are used up. */
  | { outcome: 'spent' }
  /** There is no code any more, or there never was one. */
  | { outcome: 'none' };

export interface Guard {
  /** Whether a code can be asked of this person. */
  canAsk(account: Account): boolean;
  /** Asks for a code in this sign-in, and mails it where `right` says whose password was right. */
  ask(ctx: Context, step: Step, right: Account | undefined): Promise<void>;
  /** Whether a code is being asked for in this sign-in. */
  isAsking(step: Step): Promise<boolean>;
  /** Guesses the code: digits only. */
  guess(step: Step, typed: string): Promise<GuardAnswer>;
}

/** Milliseconds. A browser has long asked for the next page by then. */
const [shortestPause, longestPause] = [700, 2_500];

/** The guard over `state`. Its codes are long: whoever has the password may go on guessing at them from everywhere. */
export function createGuard(options: GuardOptions): Guard {
  const { settings, state, throttle, mailer, now, reportMail, inBackground } = options;
  const { longDigits: digits, life } = settings.emailCode;
  const signInLife = settings.times.interaction;
  const codes = createCodes(state, settings.secrets.codeKeys, { ...settings.emailCode, signInLife });
  const budgets = createCodeBudgets(throttle, settings.emailCode);
  const place = ({ uid }: Step) => `password-guard:${uid}`;
  const bindingOf = ({ uid }: Step, accountId: string) => ({ uid: `guard:${uid}`, accountId, level: 'password' });

  async function mail(about: Mail): Promise<void> {
    const { account, clientId, source, reference } = about;
    const reported = { accountId: account.id, clientId, level: about.level, source, reference };
    if (!(await budgets.mayMail({ accountId: account.id })))
      return reportMail(reported, 'failed', 'too many codes have been mailed');
    const expiresAt = new Date(about.time.getTime() + life * 1000);
    const delivery = await mailer.send({
      to: account.email!,
      language: about.locale,
      ...emailCodeMail(about),
      expiresAt,
    });
    await reportMail(reported, delivery.outcome, delivery.outcome === 'sent' ? delivery.transport : delivery.reason);
  }

  return {
    canAsk: (account) => account.email !== undefined && account.emailVerified,

    async ask(ctx, step, right) {
      // Nobody's: the code that goes with it is never sent.
      const accountId = right?.id ?? randomUUID();
      const code = await codes.make(bindingOf(step, accountId), digits);
      await state.put(place(step), accountId, signInLife);
      if (!right) return;
      const { locale, service } = step.view;
      const about: Mail = {
        account: right,
        clientId: step.service.clientId,
        level: step.level,
        source: { ip: ctx.ip, state: { reference: ctx.state.reference } },
        locale,
        deploymentName: settings.deployment.name[locale],
        service: service?.name ?? step.service.name,
        code,
        lifeMinutes: life / 60,
        time: now(),
        timeZone: settings.deployment.timeZone,
        ...deviceOf(ctx.get('user-agent'), locale),
        reference: mailReference(step.uid),
      };
      // Some time after the answer: what it takes to mail must tell neither by it nor by the next one (ASVS 6.3.8).
      const answered = new Promise<void>((resolve) => ctx.res.once('close', resolve));
      const later = answered.then(() => pause(randomInt(shortestPause, longestPause)));
      inBackground(later.then(() => mail(about)).catch(() => {}));
    },

    isAsking: async (step) => (await state.get(place(step))) !== undefined,

    async guess(step, typed) {
      const asked = await state.get(place(step));
      if (!asked) return { outcome: 'none' };
      const guess = await codes.guess(bindingOf(step, asked.value), typed);
      return guess.outcome === 'right' ? { outcome: 'right', accountId: asked.value } : guess;
    },
  };
}

type Mail = Parameters<typeof emailCodeMail>[0] & {
  account: Account;
  clientId: string;
  level: string;
  source: { ip: string; state: { reference?: string } };
};
