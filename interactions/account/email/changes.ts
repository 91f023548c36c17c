/**
 * What changes a person's addresses, and what that is worth. Whoever has shown no more for it than the mailbox, or something that was
 * set up lately by whoever had no more, may be somebody who reads it: the account is held then, and all addresses, those that are left
 * too, are told how to stop it (docs/decisions/023).
 */

import type { Context } from 'koa';
import { heldFor, isHeld } from '../../../src/assurance/hold.ts';
import { maskAddress } from '../../../src/mail/mask.ts';
import type { Account, AccountChange, NewNotice } from '../../../src/records/records.ts';
import { byMailbox, holdIn } from '../../../src/stop.ts';
import { activation } from '../../activate/code.ts';
import { deviceInWords } from '../../device.ts';
import { canEndHold, endHold } from '../../end-hold.ts';
import { hasMailbox } from '../../mailbox.ts';
import type { AccountPageParts } from '../pages.ts';
import { standsOnOwn } from '../standing.ts';
import type { AccountVisit } from '../visit.ts';
import type { Done } from './page.ts';

/** The new address takes the place of the old one. Undefined where the account has changed meanwhile. */
export async function changeFirst(
  ctx: Context,
  visit: AccountVisit,
  to: string,
  parts: AccountPageParts,
): Promise<Done | undefined> {
  const { account } = visit;
  const { settings, now } = parts;
  const hold = (await standsOnOwn(visit, parts)) ? undefined : heldFor(settings.recovery.hold, account.hold, now());
  await parts.audit.write(ctx, 'address.changed', { account, detail: { held: hold !== undefined } });
  const isOn = isHeld(account.hold, now());
  const left = hasMailbox(account) ? account.email : undefined;
  const change: AccountChange = {
    email: to,
    emailVerified: true,
    // A code on its way to the old mailbox is one no more, should the address come back.
    clear: [activation],
    // In a hold the address that it goes back to is the one of before all of it. Whoever has shown something of their own has left an
    // address for good: who reads it must not get it back by a stop.
    formerEmail: hold ? (isOn && account.formerEmail) || (left ?? null) : null,
    // One that is over at once leaves what the old mailbox has proven behind it, in whatever session.
    hold: hold ?? (isOn ? account.hold! : { since: now(), until: now() }),
  };
  const detail = {
    ...detailOf(ctx, account, to),
    ...holdIn(hold ?? (isOn ? account.hold : undefined)),
    ...(hold && { byAddress: '1' }),
  };
  if (!(await write(account, change, { kind: 'emailChanged', detail, toLeft: true }, parts))) return undefined;
  return hold ? 'held' : 'email';
}

/** Sets the second address, or with null takes it away. Undefined where the account has changed meanwhile. */
export async function changeSecond(
  ctx: Context,
  visit: AccountVisit,
  to: string | null,
  parts: AccountPageParts,
): Promise<Done | undefined> {
  const { account } = visit;
  const { noticeEmail } = account;
  // Who takes away what is told of them may want nobody to be told. Where there was none, nobody hears less.
  const held =
    noticeEmail === undefined || (await standsOnOwn(visit, parts))
      ? undefined
      : byMailbox(account, parts.settings.recovery.hold, parts.now());
  await parts.audit.write(ctx, to === null ? 'notice-address.removed' : 'notice-address.added', { account });
  const kind =
    to === null ? 'noticeEmailRemoved' : noticeEmail === undefined ? 'noticeEmailAdded' : 'noticeEmailChanged';
  // It can be stopped by itself (src/notices), when the hold has ended as well.
  const detail = { ...detailOf(ctx, account, to ?? noticeEmail!), ...holdIn(held?.hold) };
  const change = { noticeEmail: to, ...held };
  if (!(await write(account, change, { kind, detail, toLeft: true }, parts))) return undefined;
  if (held) return 'held';
  return to === null ? 'removed' : 'added';
}

/** Whether this person has shown enough to say that an address that was changed in a hold is theirs. */
export async function mayConfirm({ account, evidence }: AccountVisit, parts: AccountPageParts): Promise<boolean> {
  return account.formerEmail !== undefined && canEndHold(account, evidence, parts);
}

/** The address of now is the person's, who may say so: nothing leads back any more. Undefined where the account has changed meanwhile. */
export async function confirmAddress(
  ctx: Context,
  { account, evidence }: AccountVisit,
  parts: AccountPageParts,
): Promise<Done | undefined> {
  const own = parts.methods.filter(({ proves }) => proves === 'own').map(({ name }) => name);
  const proofs = evidence.filter(({ method }) => own.includes(method));
  const last = proofs.reduce((one, other) => (one.at > other.at ? one : other));
  const address = maskAddress(account.email ?? '');
  return (await endHold(ctx, account, { method: last.method, address }, parts)) ? 'confirmed' : undefined;
}

async function write(
  account: Account,
  change: AccountChange,
  notice: NewNotice,
  { accounts, noticesWritten }: AccountPageParts,
): Promise<boolean> {
  const written = await accounts.change(account.id, change, { notices: [notice], seen: account });
  if (written) noticesWritten();
  return written;
}

const detailOf = (ctx: Context, { locale }: Account, address: string) => ({
  ...deviceInWords(ctx.get('user-agent'), locale),
  address: maskAddress(address),
});
