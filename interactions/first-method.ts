/**
 * A first method of one's own, set up inside a sign-in that asks for it: by whoever has the password alone, and so only where the
 * settings say that this is enough, by somebody who has nothing else yet; never in a hold, which due.ts sees to.
 */

import type { Settings } from '../config/settings.ts';
import type { Answer } from '../src/assurance/request.ts';
import type { Visit } from '../src/oidc/interactions.ts';
import type { Assessor } from '../src/oidc/policy.ts';
import type { Account } from '../src/records/records.ts';
import type { Due } from './due.ts';
import type { Method } from './method.ts';

export interface FirstMethodOptions {
  settings: Settings;
  assessor: Assessor;
  methods: readonly Method[];
  now: () => Date;
}

/** In the place of `answer`, that it is out of the account's reach: setting up a first method, or the password again before that. */
export function createFirstMethod({ settings, assessor, methods, now }: FirstMethodOptions) {
  const { firstMethodOnPassword, freshness } = settings.account;
  const passwords = methods.filter(({ proves }) => proves === 'password').map(({ name }) => name);

  return function firstMethod(answer: Answer, visit: Visit, account: Account): Due {
    if (!firstMethodOnPassword || !hasNothingElse(account)) return answer;
    const wouldDo = methods.filter((method) => {
      if (!method.enrolment || method.proves !== 'own' || method.spare) return false;
      const having = { ...account, setUp: [...account.setUp, method.name] };
      return assessor.answer(visit.demand, visit.evidence, having, false).kind === 'missing';
    });
    if (wouldDo.length === 0) return answer;
    // Another one's unattended browser is not enough: the password, and lately.
    const counting = assessor.counting(visit.demand, visit.evidence, account);
    const isFresh = counting.some(
      ({ method, at }) => passwords.includes(method) && now().getTime() - at.getTime() <= freshness * 1000,
    );
    return isFresh
      ? { kind: 'enrol', methods: wouldDo.map(({ name }) => name) }
      : { kind: 'missing', target: visit.demand.floor, next: passwords, mayDecline: false };
  };

  function hasNothingElse(account: Account): boolean {
    const others = methods.filter(({ name }) => !passwords.includes(name));
    // What is set up and switched off today is there still.
    return (
      !others.some((method) => method.availableTo(account)) && account.setUp.every((name) => passwords.includes(name))
    );
  }
}
