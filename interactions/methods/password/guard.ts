/**
 * The guard of an account at which more passwords have been guessed than one account may bear. From a browser that does not know
 * the person, a password alone is neither taken nor refused any more: in either case the page asks for a code, which is mailed to the
 * account's address if the password was right. Whoever guesses learns nothing, and the owner gets in from anywhere.
 *
 * Right and wrong must look alike here, in what is asked, written and awaited until the answer; mailing comes later.
 */

import { createHash, randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import type { Settings } from '../../../config/settings.ts';
import { sourceOf } from '../../../src/audit/audit.ts';
import type { Message } from '../../../src/mail/mailer.ts';
import type { Account, Records } from '../../../src/records/records.ts';
import type { State } from '../../../src/state/state.ts';
import type { Throttle } from '../../../src/throttle/throttle.ts';
import { isAsSeen, type Seen, seenOf } from '../../as-seen.ts';
import { hasMailbox } from '../../mailbox.ts';
import { createCodeBudgets } from '../../mailed-code/budgets.ts';
import { createCodes } from '../../mailed-code/codes.ts';
import type { Deliver } from '../../mailed-code/deliver.ts';
import { type Carried, codeMessage } from '../../mailed-code/message.ts';
import { mailReference } from '../../mailed-code/report.ts';
import type { Step } from '../../method.ts';
import type { Attempt } from './admission.ts';

export interface GuardOptions {
  settings: Settings;
  state: State;
  throttle: Throttle;
  now: () => Date;
  deliver: Deliver;
  accounts: Pick<Records['accounts'], 'findForPassword'>;
}

export type GuardAnswer =
  /** Right: the account's password was right as well, and still is. `attempt` is the try that the code was asked for. */
  | { outcome: 'right'; account: Account; attempt: Attempt }
  /** The account has changed since. */
  | { outcome: 'overtaken'; accountId: string }
  | { outcome: 'wrong'; left: number }
  /** The tries of this sign-in are used up. */
  | { outcome: 'spent' }
  /** The code has expired. */
  | { outcome: 'none' }
  /** No code is being asked for. */
  | { outcome: 'not-asking' };

export interface Guard {
  /** Whether a code can be asked of this person. */
  canAsk(account: Account): boolean;
  /** Asks for a code in this sign-in, and mails it where `right` says whose password was right. */
  ask(ctx: Context, step: Step, attempt: Attempt, right: Right | undefined): Promise<void>;
  /** Whether a code is being asked for in this sign-in. */
  isAsking(step: Step): Promise<boolean>;
  /** Guesses the code: digits only. */
  guess(step: Step, typed: string): Promise<GuardAnswer>;
}

/** Whose password was right, and what it was kept as. */
export interface Right {
  account: Account;
  passwordHash?: string;
}

/** What a sign-in is being asked for. */
interface Asked extends Seen {
  id: string;
  /** Whose code it is; nobody's, where none is mailed. */
  accountId: string;
  attempt: Attempt;
  /** Tells the password that was right from one that is set meanwhile. */
  password?: string;
}

const markOf = (passwordHash = '') => createHash('sha256').update(passwordHash).digest('base64url');

/** The guard over `state`. Its codes are long: whoever has the password may go on guessing at them from everywhere. */
export function createGuard(options: GuardOptions): Guard {
  const { settings, state, throttle, now, deliver, accounts } = options;
  const { longDigits: digits, life } = settings.emailCode;
  const signInLife = settings.times.interaction;
  const codes = createCodes(state, settings.secrets.codeKeys, { ...settings.emailCode, signInLife });
  const budgets = createCodeBudgets(throttle, settings.emailCode);
  const place = (uid: string) => `password-guard:${uid}`;
  const bindingOf = (uid: string, { accountId }: Asked) => ({ uid: `guard:${uid}`, accountId, level: 'password' });
  const keep = (uid: string, asked: Asked) => state.put(place(uid), JSON.stringify(asked), signInLife);
  const read = async (uid: string): Promise<Asked | undefined> => {
    const kept = await state.get(place(uid));
    return kept && JSON.parse(kept.value);
  };

  /** The mail that takes a code to the owner. */
  async function mailFor(owner: Account, carried: Omit<Carried, 'to'>): Promise<Message | undefined> {
    // Apart from what plus may mail: using that up keeps nobody out of basic.
    if (!(await budgets.mayMail({ accountId: owner.id, apart: `guard ${owner.id}` }))) return undefined;
    const message = codeMessage(settings, { to: owner.email!, ...carried });
    return { ...message, expiresAt: new Date(carried.time.getTime() + life * 1000) };
  }

  /** Nobody is to guess at a code that no mail carries. */
  async function forget(uid: string, mine: Asked): Promise<void> {
    if ((await read(uid))?.id === mine.id) await keep(uid, { ...mine, accountId: randomUUID() });
  }

  return {
    canAsk: hasMailbox,

    async ask(ctx, step, attempt, right) {
      const { uid, service, view, level } = step;
      const asked: Asked = {
        ...(right ? seenOf(right.account) : { accountId: randomUUID() }),
        ...{ id: randomUUID(), attempt, password: markOf(right?.passwordHash) },
      };
      const code = await codes.make(bindingOf(uid, asked), digits);
      await keep(uid, asked);
      if (!right) return;
      const reference = mailReference(uid);
      const source = sourceOf(ctx);
      const carried = {
        ...{ code, reference, locale: view.locale, service: service.name, time: now() },
        userAgent: ctx.get('user-agent'),
      };
      deliver({
        about: { accountId: right.account.id, clientId: service.clientId, level, source, reference },
        compose: () => mailFor(right.account, carried),
        after: ctx,
        became: async (outcome) => (outcome === 'failed' ? forget(uid, asked) : undefined),
      });
    },

    isAsking: async ({ uid }) => (await read(uid)) !== undefined,

    async guess({ uid }, typed) {
      const asked = await read(uid);
      if (!asked) return { outcome: 'not-asking' };
      const guess = await codes.guess(bindingOf(uid, asked), typed);
      if (guess.outcome !== 'right') return guess;
      const { accountId, attempt, password } = asked;
      const found = await accounts.findForPassword(attempt.name);
      return isAsSeen(found?.account, asked) && markOf(found?.passwordHash) === password
        ? { outcome: 'right', account: found!.account, attempt }
        : { outcome: 'overtaken', accountId };
    },
  };
}
