/**
 * Asking for a code to set a new password with: who may, and the mail that carries it. The name that was typed is counted, and
 * what is done until the answer is the same, whether somebody has it or not; mailing comes later, as with a guarded account
 * (methods/password/guard.ts). The codes are long: nobody gets one by guessing, and so nobody's guesses shut anybody out.
 */

import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import type { Settings } from '../../config/settings.ts';
import { sourceOf } from '../../src/audit/audit.ts';
import { type Account, type Records, usernameKey } from '../../src/records/records.ts';
import type { Guess, State } from '../../src/state/state.ts';
import { poolOf, type Spending, spendInTurn, type Throttle } from '../../src/throttle/throttle.ts';
import { isAsSeen, type Seen, seenOf } from '../as-seen.ts';
import { hasProven } from '../known-browsers.ts';
import { hasMailbox } from '../mailbox.ts';
import { createCodeBudgets } from '../mailed-code/budgets.ts';
import { createCodes } from '../mailed-code/codes.ts';
import type { Deliver } from '../mailed-code/deliver.ts';
import { codeMessage } from '../mailed-code/message.ts';
import { mailReference } from '../mailed-code/report.ts';
import type { Step } from '../method.ts';

export interface AskingOptions {
  settings: Settings;
  accounts: Pick<Records['accounts'], 'findByUsername' | 'find'>;
  state: State;
  throttle: Throttle;
  now: () => Date;
  deliver: Deliver;
}

/** What a sign-in has asked for, and whose code it is: nobody's, where none is mailed. A code does not outlive its address. */
export interface Asked extends Seen {
  /** As it was typed. */
  username: string;
}

export interface Asking {
  /** Asks for a code for whoever has this user name. `account`: who it is, if anybody; told for the audit alone. */
  ask(
    ctx: Context,
    step: Step,
    username: string,
  ): Promise<{ outcome: 'allowed'; account?: Account } | Extract<Spending, { outcome: 'refused' }>>;
  /** What has been asked for in this sign-in. */
  asked(step: Step): Promise<Asked | undefined>;
  /** Guesses the code: digits only. `account`: whose it was, where it was right and nothing has changed meanwhile. */
  guess(step: Step, typed: string): Promise<{ guess: Guess; account?: Account & { email: string } }>;
}

const day = 24 * 3600;

/** Asking over `state`. Its verbs throw StateUnavailable and RecordsUnavailable, whoever is asked for. */
export function createAsking(options: AskingOptions): Asking {
  const { settings, accounts, state, throttle, now, deliver } = options;
  const { longDigits, life, sendsPerAccount } = settings.emailCode;
  const signInLife = settings.times.interaction;
  const codes = createCodes(state, settings.secrets.codeKeys, { ...settings.emailCode, signInLife });
  const budgets = createCodeBudgets(throttle, settings.emailCode);
  const place = (uid: string) => `reset:${uid}`;
  const bindingOf = (uid: string, accountId: string) => ({ uid: `reset:${uid}`, accountId, level: 'password' });
  const read = async (uid: string): Promise<Asked | undefined> => {
    const kept = await state.get(place(uid));
    return kept && JSON.parse(kept.value);
  };

  /**
   * Counts a mail for that name. A browser that its owner has used has mails of its own, also after all sessions were ended: who does that needs
   * a new password next. Whoever has had the password can have many such browsers: what all of them may is wide, and a mailbox is not filled
   * without end. Strangers share the others. `apart`: under what the mail itself is counted.
   */
  async function mayAsk(
    step: Step,
    name: string,
    known: string | undefined,
  ): Promise<{ outcome: 'allowed'; apart: string } | Extract<Spending, { outcome: 'refused' }>> {
    const perOrigin = Math.ceil(sendsPerAccount / 3);
    if (known) {
      const own = await spendInTurn(throttle, [
        poolOf('reset.known', known, day, perOrigin),
        poolOf('reset.known-in-all', name, day, 24 * sendsPerAccount),
      ]);
      if (own.outcome === 'allowed') return { ...own, apart: `reset ${known}` };
    }
    const { window, triesPerOrigin } = settings.password;
    // An origin's own is short: others are there, too.
    const strangers = await spendInTurn(throttle, [
      poolOf('reset.origin', step.origin, window, triesPerOrigin),
      poolOf('reset.here', JSON.stringify([name, step.origin]), day, perOrigin),
      poolOf('reset.anywhere', name, day, sendsPerAccount),
    ]);
    return strangers.outcome === 'allowed' ? { ...strangers, apart: `reset of ${name}` } : strangers;
  }

  return {
    async ask(ctx, step, username) {
      const name = usernameKey(username) ?? username;
      const found = await accounts.findByUsername(username);
      const browser = step.knownAs(username);
      const spending = await mayAsk(
        step,
        name,
        browser && found && hasProven(browser, found) ? browser.key : undefined,
      );
      if (spending.outcome === 'refused') return spending;

      const account = found?.status === 'active' && hasMailbox(found) ? found : undefined;
      const { uid, service, view, level } = step;
      const asked: Asked = { username, ...(account ? seenOf(account) : { accountId: randomUUID() }) };
      const code = await codes.make(bindingOf(uid, asked.accountId), longDigits);
      await state.put(place(uid), JSON.stringify(asked), signInLife);
      if (!account) return { outcome: 'allowed', account: found };

      const about = {
        accountId: account.id,
        clientId: service.clientId,
        level,
        source: sourceOf(ctx),
        reference: mailReference(`reset ${uid}`),
      };
      const carried = {
        to: account.email,
        locale: view.locale,
        purpose: 'reset',
        code,
        service: service.name,
        time: now(),
        userAgent: ctx.get('user-agent'),
        reference: about.reference,
      } as const;
      const compose = async () => {
        // Apart from what plus may mail, and from what others have mailed for that name: nobody is kept out of one by the other.
        if (!(await budgets.mayMail({ accountId: account.id, apart: spending.apart }))) return undefined;
        return { ...codeMessage(settings, carried), expiresAt: new Date(carried.time.getTime() + life * 1000) };
      };
      deliver({ about, compose, after: ctx });
      return { outcome: 'allowed', account: found };
    },

    asked: ({ uid }) => read(uid),

    async guess({ uid }, typed) {
      const asked = await read(uid);
      if (!asked) return { guess: { outcome: 'none' } };
      const guess = await codes.guess(bindingOf(uid, asked.accountId), typed);
      if (guess.outcome !== 'right') return { guess };
      const account = await accounts.find(asked.accountId);
      return { guess, account: isAsSeen(account, asked) && hasMailbox(account) ? account : undefined };
    },
  };
}
