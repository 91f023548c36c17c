/**
 * What somebody is told who comes back and finds that they have been signed out everywhere: that it was done, when, and whether it was a new
 * password that did it. Only a browser that has proven before to be the person's is told: by its session, or by what it is
 * known by. Any other one sees what it would see of a name that nobody has (docs/design.md, section 7, rule 2).
 */

import type { Context } from 'koa';
import { since } from '../src/assurance/evidence.ts';
import type { EventName } from '../src/audit/events.ts';
import type { Visit } from '../src/oidc/interactions.ts';
import type { Account, Records } from '../src/records/records.ts';
import { hasProven, type KnownBrowsers, stillKnown } from './known-browsers.ts';

/** That the sessions of an account were ended everywhere, and why. */
export interface Ended {
  at: Date;
  why: 'new-password' | 'reported' | 'signed-out';
}

export interface EndedOptions {
  knownBrowsers: KnownBrowsers;
  /** The person's own part of the audit. */
  audit: Pick<Records['audit'], 'recent'>;
}

const reasons: Partial<Record<EventName, Ended['why']>> = {
  'password.reset': 'new-password',
  'password.changed': 'new-password',
  'password.set': 'new-password',
  'account.activated': 'new-password',
  'account.reported': 'reported',
  'account.held': 'reported',
};

/** Milliseconds: what is done is written down just before, and clocks of servers differ. */
const around = 10_000;
/** Entries looked at: the one that is sought is among the last. */
const most = 20;

/**
 * What this browser may be told of `account`, whom `method` has been asked to prove in `visit`; undefined for one that cannot show
 * to have been the person's, and where nothing was ended since.
 */
export type TellEnded = (
  ctx: Context,
  visit: Pick<Visit, 'accountId' | 'evidence'>,
  method: string,
  account: Account,
) => Promise<Ended | undefined>;

/** Looks for it; undefined where nothing has ended, or the browser is not the person's. Throws RecordsUnavailable. */
export function createTellEnded({ knownBrowsers, audit }: EndedOptions): TellEnded {
  async function whyOf({ id }: Account, at: Date): Promise<Ended['why']> {
    const [since, until] = [new Date(at.getTime() - around), new Date(at.getTime() + around)];
    const entries = await audit.recent({ accountId: id, since, until, limit: most });
    return entries.map(({ event }) => reasons[event as EventName]).find((why) => why !== undefined) ?? 'signed-out';
  }

  return async (ctx, visit, method, account) => {
    const at = account.validSince;
    if (!at || account.status !== 'active') return undefined;
    const known = knownBrowsers.recall(ctx, method, account.username);
    const bySession =
      visit.accountId === account.id && visit.evidence.length > 0 && since(visit.evidence, at).length === 0;
    const byBrowser = known !== undefined && hasProven(known, account) && !stillKnown(known, account);
    if (!bySession && !byBrowser) return undefined;
    return { at, why: await whyOf(account, at) };
  };
}
