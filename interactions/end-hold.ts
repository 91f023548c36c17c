/**
 * The end of a hold by its person: by the password and something of their own that was there before, both proven since it began, in
 * one browser (docs/decisions/023). Where an address was changed as well, that alone does not say whose the new one is: its page asks
 * (account/email).
 */

import type { Context } from 'koa';
import type { Settings } from '../config/settings.ts';
import { type Evidence, since } from '../src/assurance/evidence.ts';
import { doubtedSince, endsHold, isHeld, settled } from '../src/assurance/hold.ts';
import type { Audit } from '../src/audit/audit.ts';
import type { Account, Records } from '../src/records/records.ts';
import type { MethodFacts } from './method.ts';

export interface HoldParts {
  settings: Pick<Settings, 'recovery'>;
  accounts: Pick<Records['accounts'], 'change'>;
  credentials: Pick<Records['credentials'], 'list'>;
  methods: readonly MethodFacts[];
  audit: Audit;
  /** Notices have been written: they are sent at once. */
  noticesWritten(): void;
  now: () => Date;
}

/** Of `evidence`, a browser's, what does not stand on something that has been set up too lately to be told from a thief's. */
export async function settledIn(
  { id, hold, validSince }: Account,
  evidence: Evidence,
  { credentials, methods, settings, now }: HoldParts,
): Promise<Evidence> {
  const doubted = doubtedSince(settings.recovery.hold, hold, now());
  return settled(since(evidence, validSince), await credentials.list(id), methods, doubted);
}

/** Whether `evidence`, a browser's, ends the hold that the account is on. */
export async function canEndHold(account: Account, evidence: Evidence, parts: HoldParts): Promise<boolean> {
  const { hold } = account;
  // What does not count with what is young does not without: few have a hold, and fewer end it.
  if (!hold || !isHeld(hold, parts.now()) || !endsHold(evidence, hold, parts.methods)) return false;
  return endsHold(await settledIn(account, evidence, parts), hold, parts.methods);
}

/** Ends it, tells the address of before too, and writes that `method` was proven last. False where the account has changed meanwhile. */
export async function endHold(
  ctx: Context,
  account: Account,
  { method, clientId, address }: { method: string; clientId?: string; address?: string },
  { accounts, audit, noticesWritten }: HoldParts,
): Promise<boolean> {
  const notice = { kind: 'holdEnded', toLeft: true, ...(address && { detail: { address } }) };
  // Somebody who has stopped the account meanwhile is not to be overruled by what was proven before.
  const change = { hold: null, formerEmail: null };
  if (!(await accounts.change(account.id, change, { notices: [notice], seen: account }))) return false;
  // After it, and not before: what has not come about is not written.
  await audit.write(ctx, 'hold.ended', { account, clientId, detail: { method } });
  noticesWritten();
  return true;
}
