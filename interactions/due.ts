/**
 * What is due in a sign-in: what the policy says, and before a service hears that a level is out of reach, what can be done about it or has
 * to be said: a first method to set up, or why the account's hold is in the way.
 */

import { type Hold, isHeld } from '../src/assurance/hold.ts';
import type { Answer } from '../src/assurance/request.ts';
import type { Visit } from '../src/oidc/interactions.ts';
import type { Account } from '../src/records/records.ts';
import { createFirstMethod, type FirstMethodOptions } from './first-method.ts';

export type Due =
  | Answer
  /** One of `methods` can be set up. */
  | { kind: 'enrol'; methods: string[] }
  /** Without the hold there would be a way. */
  | { kind: 'held'; hold: Hold };

export function createDue(options: FirstMethodOptions) {
  const { assessor, now } = options;
  const firstMethod = createFirstMethod(options);

  return function due(answer: Answer, visit: Visit, account: Account | undefined): Due {
    if (answer.kind !== 'unmet' || answer.reason !== 'out-of-reach') return answer;
    if (!account || visit.prompt !== 'login') return answer;
    const hold = isHeld(account.hold, now()) ? account.hold : undefined;
    if (!hold) return firstMethod(answer, visit, account);
    const free = { ...account, hold: undefined };
    const isInTheWay = assessor.answer(visit.demand, visit.evidence, free, visit.settles).kind !== 'unmet';
    return isInTheWay ? { kind: 'held', hold } : answer;
  };
}
