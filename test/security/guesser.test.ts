/**
 * A guesser with a thousand origins and a week, against a hundred accounts, by a clock that runs as fast as the guesses do (ASVS 6.1.1;
 * NIST SP 800-63B-4, 3.2.2). What it may try is counted by the budgets themselves, with the settings that Kapu comes with; the
 * odds follow from what was counted. docs/security.md, section 1, says what they mean.
 */

import { expect, test } from '@jest/globals';
import { defaults } from '../../config/default.ts';
import { type Settings, settingsSchema } from '../../config/settings.ts';
import { createCodeBudgets } from '../../interactions/mailed-code/budgets.ts';
import { createCodes } from '../../interactions/mailed-code/codes.ts';
import { type Admission, createAdmissions } from '../../interactions/methods/password/admission.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';

const { password, emailCode } = settingsSchema.pick({ password: true, emailCode: true }).parse({
  password: defaults.password,
  emailCode: defaults.emailCode,
}) as Pick<Settings, 'password' | 'emailCode'>;

const origins = Array.from({ length: 1_000 }, (_, n) => `origin ${n}`);
const accounts = Array.from({ length: 100 }, (_, n) => `person ${n}`);
const day = 24 * 3600;
const year = 365 * day;

function world() {
  let time = Date.parse('2026-11-23T00:00:00Z');
  const state = createMemoryState({ now: () => new Date(time), sweepEvery: 3_600_000 });
  return {
    state,
    throttle: createThrottle({ state }),
    pass(seconds: number) {
      time += seconds * 1000;
    },
  };
}

test('passwords: a hundred guesses at an account tell something, and its owner is never kept out', async () => {
  const { state, throttle, pass } = world();
  const admissions = createAdmissions(throttle, password);
  const told = new Map(accounts.map((name) => [name, 0]));
  let tried = 0;
  let refused = 0;
  let waited = 0;
  const guess = async (name: string, origin: string): Promise<Admission> => {
    const admission = await admissions.admit({ name, origin });
    if (admission.outcome === 'refused') refused++;
    else tried++;
    // A guarded account with an address tells nothing (guarded.test.ts).
    if (admission.outcome === 'admitted' && admission.way === 'open') told.set(name, told.get(name)! + 1);
    return admission;
  };

  /** The owner knows the password: what was spent is given back. */
  const signIn = async (name: string, origin: string, browser?: string) => {
    const admission = await admissions.admit({ name, origin, browser });
    expect(admission.outcome).toBe('admitted');
    await admissions.undo(admission);
  };

  const windowsADay = 4;
  for (let today = 0; today < 7; today++) {
    for (let window = 0; window < windowsADay; window++) {
      const part = accounts.filter((_, n) => n % windowsADay === window);
      // What may tell something, as a guesser who knows the rules does; and one account as long as it is let.
      for (const origin of origins)
        for (const name of [...part, accounts[0]!]) {
          const most = name === accounts[0] ? password.guardedTries : password.plainTries;
          for (let tries = 0; tries < most; tries++) {
            const admission = await guess(name, origin);
            if (admission.outcome === 'admitted') continue;
            if (admission.way === 'guarded') waited = Math.max(waited, admission.retryAfter);
            break;
          }
        }
      // In the middle of it: at home, where the guesser is as well, and on a new machine somewhere else.
      for (const name of part) {
        await signIn(name, origins[today]!, `home of ${name}`);
        await signIn(name, `new ${today} ${name}`);
      }
      pass(Math.max(password.window, (day - 3600) / windowsADay));
    }
    pass(day - windowsADay * Math.max(password.window, (day - 3600) / windowsADay));
  }

  const most = Math.max(...told.values());
  const aYear = (password.triesFromAnywhere * year) / password.anywhereWindow;
  console.info(
    `passwords in a week: ${tried} tried, ${refused} refused; at most ${most} of one account told right from wrong, ` +
      `${Math.ceil(aYear)} in a year: 1 in ${Math.floor(1e9 / aYear)} for one of a thousand million passwords`,
  );
  expect(tried).toBeGreaterThan(7 * origins.length * accounts.length * password.plainTries);
  // NIST SP 800-63B-4, 3.2.2.
  expect(most + password.knownTries).toBeLessThanOrEqual(100);
  // The wait that docs/security.md states, for a new browser at an address that the guesser uses.
  expect(waited).toBeGreaterThan(0);
  expect(waited).toBeLessThanOrEqual(day);
  await state.end();
}, 600_000);

test('codes: who has the passwords of all guesses one in 100,000 accounts a year at most', async () => {
  const { state, throttle, pass } = world();
  const budgets = createCodeBudgets(throttle, emailCode);
  const codes = createCodes(state, ['key'], { ...emailCode, signInLife: 1800 });
  let guesses = 0;
  let mails = 0;
  let right = 0;
  const odds = { short: 0, long: 0 };

  /** One sign-in with as many mails as help, which is one of short codes, and every guess that is let. False: nothing can be tried at this account now. */
  async function signIn(accountId: string, uid: string): Promise<boolean> {
    const binding = { uid, accountId, level: 'plus' };
    const live: number[] = [];
    while (live.length < emailCode.sendsPerSignIn && (await budgets.mayMail({ accountId }))) {
      const digits = await budgets.digitsFor(accountId);
      await codes.make(binding, digits);
      live.push(digits);
      mails++;
      if (digits === emailCode.digits) break;
    }
    if (live.length === 0) return false;
    for (let tries = 0; tries < emailCode.tries; tries++) {
      if ((await budgets.mayGuess({ accountId })).outcome === 'refused') return false;
      const digits = live[0]!;
      const short = digits === emailCode.digits;
      if (short && (await budgets.mayGuessShort(accountId, live.length)).outcome === 'refused') return true;
      const guess = await codes.guess(binding, '7'.repeat(digits));
      if (guess.outcome === 'right') right++;
      odds[short ? 'short' : 'long'] += live.filter((each) => each === digits).length / 10 ** digits;
      guesses++;
    }
    return true;
  }

  const hours = 7 * 24;
  for (let hour = 0; hour < hours; hour++) {
    for (const accountId of accounts) for (let nth = 0; await signIn(accountId, `${accountId} ${hour} ${nth}`); nth++);
    pass(3600);
  }

  const each = { short: odds.short / accounts.length, long: odds.long / accounts.length };
  // The short ones are a year's already; the long ones go on as in this week.
  const aYear = (each.short * year) / emailCode.shortCodeWindow + each.long * (year / (hours * 3600));
  console.info(
    `codes in a week: ${mails} mails, ${guesses} guesses, ${right} right; ` +
      `an account and year: ${aYear.toExponential(2)}, 1 in ${Math.floor(1 / aYear)}`,
  );
  expect(guesses).toBeGreaterThanOrEqual(accounts.length * hours * 2 * emailCode.tries);
  expect(aYear).toBeLessThan(1e-5);
  // By the settings alone: each short chance once in its window, each long guess compared with as many codes as a sign-in may have.
  const { shortCodeChances, shortCodeWindow, triesPerAccount, window, sendsPerSignIn, digits, longDigits } = emailCode;
  const worst =
    (shortCodeChances * year) / shortCodeWindow / 10 ** digits +
    ((triesPerAccount * year) / window) * (sendsPerSignIn / 10 ** longDigits);
  expect(aYear).toBeLessThanOrEqual(worst);
  expect(worst).toBeLessThan(1e-5);
  await state.end();
}, 600_000);
