/**
 * What may be taken away of somebody's methods: never what they need to reach plus again. It is asked before the page is shown, and
 * once more of what is there when it happens.
 */

import { doubtedSince, leavesDoubt } from '../../../src/assurance/hold.ts';
import type { Account, Credential } from '../../../src/records/records.ts';
import type { Method } from '../../method.ts';
import type { AccountPageParts } from '../pages.ts';
import { reachesPlus } from '../reach.ts';

/** A credential that an address names, or all of a method's where they only go together. */
export interface Chosen {
  method: Method;
  credentials: Credential[];
  /** All that the person has, of every method. */
  there: readonly Had[];
}

type Had = Pick<Credential, 'method' | 'id'>;

/** Whether a method's credentials are one thing to their owner. */
export const isTogether = ({ enrolment }: Method): boolean => enrolment?.together !== undefined;

/** The methods that `credentials` are of. */
export const namesOf = (credentials: readonly Had[]): string[] => [...new Set(credentials.map(({ method }) => method))];

/** What is left of `there` when `chosen` has gone. */
export function without({ method, credentials }: Chosen, there: readonly Had[]): readonly Had[] {
  const gone = (id: string) => isTogether(method) || credentials.some((credential) => credential.id === id);
  return there.filter((each) => each.method !== method.name || !gone(each.id));
}

/**
 * Whether of what is `there` plus can be reached without `chosen` as well, now and by this person; somebody who cannot reach it anyway
 * loses nothing.
 */
export function mayGo(
  account: Account,
  chosen: Chosen,
  there: readonly Had[],
  parts: Pick<AccountPageParts, 'methods' | 'settings' | 'now'>,
): boolean {
  const reaches = (having: readonly Had[]) => reachesPlus({ ...account, setUp: namesOf(having) }, parts);
  return reaches(without(chosen, there)) || !reaches(there);
}

/** Whether its owner's sessions end with it: it is too young to be told from a thief's, and others of its method stay. */
export function isDoubtLeft(
  { credentials, there }: Chosen,
  { hold }: Account,
  { settings, now }: Pick<AccountPageParts, 'settings' | 'now'>,
): boolean {
  return leavesDoubt(credentials, there, doubtedSince(settings.recovery.hold, hold, now()));
}
