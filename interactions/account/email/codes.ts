/**
 * Codes that prove that a new address is the person's own: mailed to it within budgets, and guessed at. Neither says whether anybody
 * else has that address; several people may.
 */

import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { sourceOf } from '../../../src/audit/audit.ts';
import { mailboxOf } from '../../../src/mail/address.ts';
import { ownClientId } from '../../../src/oidc/clients/own-client.ts';
import type { Account } from '../../../src/records/records.ts';
import type { Guess } from '../../../src/state/state.ts';
import { poolOf, spendInTurn } from '../../../src/throttle/throttle.ts';
import { createCodeBudgets } from '../../mailed-code/budgets.ts';
import { createCodes } from '../../mailed-code/codes.ts';
import { codeMessage } from '../../mailed-code/message.ts';
import { mailReference } from '../../mailed-code/report.ts';
import type { AccountPageParts } from '../pages.ts';
import type { AccountVisit } from '../visit.ts';

/** What the address is for: codes and notices, or notices alone. */
export type Use = 'email' | 'notice';

/** What is being confirmed in a session. */
export interface Pending {
  id: string;
  to: string;
  use: Use;
}

export interface AddressCodes {
  /** Mails a code to `to`. False: too many have been mailed, by this person or to this address. */
  send(ctx: Context, visit: AccountVisit, to: string, use: Use): Promise<boolean>;
  /** What is being confirmed. */
  pending(visit: AccountVisit): Promise<Pending | undefined>;
  /** Guesses the code: digits only. */
  guess(visit: AccountVisit, pending: Pending, typed: string): Promise<Guess>;
  /** What the page and the mail share. */
  reference(pending: Pending): string;
}

const [day, perPerson, perPersonAndAddress, perAddress] = [24 * 3600, 10, 3, 15];

/** The codes of a deployment. Their verbs throw StateUnavailable; that a mail did not leave is in the audit. */
export function createAddressCodes(parts: AccountPageParts): AddressCodes {
  const { settings, state, throttle, now, deliver } = parts;
  const { life, longDigits } = settings.emailCode;
  const kept = settings.times.interaction;
  const codes = createCodes(state, settings.secrets.codeKeys, { ...settings.emailCode, signInLife: kept });
  const budgets = createCodeBudgets(throttle, settings.emailCode);
  const place = ({ account, session }: AccountVisit) => `address:${account.id}:${session.uid}`;
  const bindingOf = ({ id }: Account, pending: Pending) => ({
    uid: `address:${pending.id}`,
    accountId: id,
    level: JSON.stringify([pending.use, pending.to]),
  });
  const reference = ({ id }: Pending) => mailReference(`address ${id}`);

  return {
    async send(ctx, visit, to, use) {
      const { account, view } = visit;
      // A person's own first: what they may not mail must not use up what an address may get, and nobody has that to themselves.
      const mailing = await spendInTurn(throttle, [
        poolOf('address.person', account.id, day, perPerson),
        poolOf('address.share', JSON.stringify([account.id, mailboxOf(to)]), day, perPersonAndAddress),
        poolOf('address.address', mailboxOf(to), day, perAddress),
      ]);
      if (mailing.outcome === 'refused') return false;
      if (!(await budgets.mayMail({ accountId: account.id, apart: `address ${account.id}` }))) return false;
      const pending: Pending = { id: randomUUID(), to, use };
      const code = await codes.make(bindingOf(account, pending), longDigits);
      await state.put(place(visit), JSON.stringify(pending), kept);
      const about = {
        accountId: account.id,
        clientId: ownClientId,
        level: use,
        source: sourceOf(ctx),
        reference: reference(pending),
      };
      const message = codeMessage(settings, {
        to,
        locale: view.locale,
        purpose: 'address',
        code,
        service: settings.deployment.name[view.locale],
        time: now(),
        userAgent: ctx.get('user-agent'),
        reference: about.reference,
      });
      const expiresAt = new Date(now().getTime() + life * 1000);
      deliver({ about, compose: async () => ({ ...message, expiresAt }) });
      return true;
    },

    async pending(visit) {
      const found = await state.get(place(visit));
      return found && JSON.parse(found.value);
    },

    guess: ({ account }, pending, typed) => codes.guess(bindingOf(account, pending), typed),
    reference,
  };
}
