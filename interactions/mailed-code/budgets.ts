/**
 * How many codes may be mailed, how often they may be guessed at, and how long they are. Whoever holds a person's password
 * can have codes sent as often as the person can; so once enough of the short ones have been guessed at in vain, the account's codes are
 * long. That keeps the odds of guessing below 1 in 100,000 an account and year, and locks nobody out.
 */

import type { Settings } from '../../config/settings.ts';
import { poolOf, type Spending, spendInTurn, type Throttle } from '../../src/throttle/throttle.ts';

/** Whose tries and mails are counted: the account's, or what has its own, such as a browser that the person has used before. */
export interface Counted {
  accountId: string;
  /** Counted apart from the account's others, under this name. */
  apart?: string;
}

export interface CodeBudgets {
  /** Counts one mail. False: `counted`, or all accounts together, have had theirs. */
  mayMail(counted: Counted): Promise<boolean>;
  /** Counts a guess. */
  mayGuess(counted: Counted): Promise<Spending>;
  /** The guess was right. */
  forgiveGuess(counted: Counted): Promise<void>;
  /** The digits of the account's next code. */
  digitsFor(accountId: string): Promise<number>;
  /** Counts a guess at short codes, `chances` of which can be right. */
  mayGuessShort(accountId: string, chances: number): Promise<Spending>;
  /** A guess was right: it, and `wrong` ones at short codes before it in this sign-in, were the owner's. */
  forgiveShort(accountId: string, chances: number, wrong: number): Promise<void>;
}

/** The budgets of `settings`, counted by `throttle`; throws StateUnavailable like it. */
export function createCodeBudgets(throttle: Throttle, settings: Settings['emailCode']): CodeBudgets {
  const { sendsPerAccount, sendsInAll, triesPerAccount, window, digits, longDigits } = settings;
  const keyOf = ({ accountId, apart }: Counted) => apart ?? accountId;
  const tries = (counted: Counted) => poolOf('email-code.tries', keyOf(counted), window, triesPerAccount);
  const short = (accountId: string) =>
    poolOf('email-code.short', accountId, settings.shortCodeWindow, settings.shortCodeChances);
  return {
    async mayMail(counted) {
      const { outcome } = await spendInTurn(throttle, [
        poolOf('email-code.sends', keyOf(counted), window, sendsPerAccount),
        poolOf('email-code.sends-in-all', 'all', window, sendsInAll),
      ]);
      return outcome === 'allowed';
    },
    mayGuess: (counted) => throttle.spend(tries(counted)),
    forgiveGuess: (counted) => throttle.refund(tries(counted)),
    async digitsFor(accountId) {
      return (await throttle.spend(short(accountId), 0)).outcome === 'allowed' ? digits : longDigits;
    },
    async mayGuessShort(accountId, chances) {
      const spending = await throttle.spend(short(accountId), chances);
      // What is left is less than this guess needs. It is used up, so that the next code is a long one.
      if (spending.outcome === 'refused') while ((await throttle.spend(short(accountId))).outcome === 'allowed');
      return spending;
    },
    forgiveShort: (accountId, chances, wrong) => throttle.refund(short(accountId), chances + wrong),
  };
}
