/**
 * What a change in a person's own pages stands on: something of their own, or no more than the mailbox, which others may read. What
 * takes something settled away and stands on that alone begins a hold (docs/decisions/023).
 */

import { doubtedSince } from '../../src/assurance/hold.ts';
import { reached } from '../../src/assurance/levels.ts';
import type { Credential } from '../../src/records/records.ts';
import { type ByMailbox, byMailbox } from '../../src/stop.ts';
import { settledIn } from '../end-hold.ts';
import type { AccountPageParts } from './pages.ts';
import type { AccountVisit } from './visit.ts';

type Parts = Pick<
  AccountPageParts,
  'methods' | 'settings' | 'now' | 'accounts' | 'credentials' | 'audit' | 'noticesWritten'
>;

/** Whether plus has lately been reached without the help of the mailbox, by something that was there before. */
export async function standsOnOwn(
  { account, evidence }: Pick<AccountVisit, 'account' | 'evidence'>,
  parts: Parts,
): Promise<boolean> {
  const { methods, settings, now } = parts;
  const fresh = now().getTime() - settings.account.freshness * 1000;
  const counts = (await settledIn(account, evidence, parts)).filter(({ method, at }) => {
    const proves = methods.find((each) => each.name === method)?.proves;
    return proves === 'password' || (proves === 'own' && at.getTime() >= fresh);
  });
  const standing = reached(settings.levels, counts, now());
  return standing !== undefined && standing.level !== settings.levels[0];
}

/** What is written with a change that takes `gone` away from the visit's person: a hold, where some of it is settled and the mailbox did it. */
export async function holdWithout(
  gone: readonly Credential[],
  visit: Pick<AccountVisit, 'account' | 'evidence'>,
  parts: Parts,
): Promise<ByMailbox | undefined> {
  const { settings, now } = parts;
  const { account } = visit;
  const doubted = doubtedSince(settings.recovery.hold, account.hold, now());
  if (gone.every(({ createdAt }) => createdAt >= doubted) || (await standsOnOwn(visit, parts))) return undefined;
  return byMailbox(account, settings.recovery.hold, now());
}
