/**
 * A first method of one's own, set up inside a sign-in that asks for it: by whoever has the password alone, and so only where the
 * settings say that this is enough, by somebody who has nothing else yet, and never in a hold.
 */

import type { Settings } from '../config/settings.ts';
import { isHeld } from '../src/assurance/hold.ts';
import type { Answer } from '../src/assurance/request.ts';
import type { Visit } from '../src/oidc/interactions.ts';
import type { Assessor } from '../src/oidc/policy.ts';
import type { Account } from '../src/records/records.ts';
import type { Method } from './method.ts';

/** What is due in a sign-in: what the policy says, or setting up one of `methods` first. */
export type Due = Answer | { kind: 'enrol'; methods: string[] };

export interface FirstMethodOptions {
  settings: Settings;
  assessor: Assessor;
  methods: readonly Method[];
  now: () => Date;
}

/** `answer`, or in its place setting up a first method, or the password again before that. */
export function createFirstMethod({ settings, assessor, methods, now }: FirstMethodOptions) {
  const { firstMethodOnPassword, freshness } = settings.account;

  return function due(answer: Answer, visit: Visit, account: Account | undefined): Due {
    if (!firstMethodOnPassword || !account || visit.prompt !== 'login') return answer;
    if (answer.kind !== 'unmet' || answer.reason !== 'out-of-reach') return answer;
    if (!hasNothingElse(account) || isHeld(account.hold, now())) return answer;
    const wouldDo = methods.filter((method) => {
      if (!method.enrolment || method.proves !== 'own' || method.spare) return false;
      const having = { ...account, setUp: [...account.setUp, method.name] };
      return assessor.answer(visit.demand, visit.evidence, having, false).kind === 'missing';
    });
    if (wouldDo.length === 0) return answer;
    // Another one's unattended browser is not enough: the password, and lately.
    const counting = assessor.counting(visit.demand, visit.evidence, account);
    const passwords = methods.filter(({ proves }) => proves === 'password').map(({ name }) => name);
    const isFresh = counting.some(
      ({ method, at }) => passwords.includes(method) && now().getTime() - at.getTime() <= freshness * 1000,
    );
    return isFresh
      ? { kind: 'enrol', methods: wouldDo.map(({ name }) => name) }
      : { kind: 'missing', target: visit.demand.floor, next: passwords, mayDecline: false };
  };

  function hasNothingElse(account: Account): boolean {
    const others = methods.filter(({ proves }) => proves !== 'password');
    // What is set up and switched off today is there still.
    const passwords = methods.filter(({ proves }) => proves === 'password').map(({ name }) => name);
    return (
      !others.some((method) => method.availableTo(account)) && account.setUp.every((name) => passwords.includes(name))
    );
  }
}
