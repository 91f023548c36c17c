/** What the words of an explanation must say, in any language. A text that is missing in one does not compile. */

import type { Ask, Minimum } from '../demand.ts';
import type { Understood } from '../explain.ts';
import type { MistakeFacts, MistakeName } from '../mistakes.ts';
import type { ConsentStep, Outcome, Why } from '../steps.ts';

/** What is wrong, and what to change. */
export type MistakeWords = {
  [N in MistakeName]: (facts: MistakeFacts[N]) => readonly [problem: string, change: string];
};

export interface Words {
  headings: { understood: string; steps: string; token: string; mistakes: string };
  severities: { error: string; warning: string };
  summary(outcome: Outcome, pages: number): string;
  labels: {
    client: string;
    redirect: string;
    scopes: string;
    resources: string;
    asked: string;
    floor: string;
    minimum: string;
    excluded: string;
    freshness: string;
    prompts: string;
    person: string;
    session: string;
  };
  client(facts: NonNullable<Understood['client']>, name: string): string;
  ask(ask: Ask): string;
  floor(level: string): string;
  minimum(minimum: Minimum): string;
  /** `duration` is in words already. */
  freshness(facts: NonNullable<Understood['freshness']>, duration: string): string;
  anybody: string;
  nobody: string;
  session(level: string | undefined, ago: string): string;

  /** Where there is no page of a sign-in. */
  noSteps(outcome: Outcome): string;
  selectAccount: string;
  signUp: string;
  choose(titles: string[]): string;
  method(title: string, why: Why, level: string, mayDecline: boolean): string;
  consent(why: ConsentStep['why'], scopes: string[]): string;

  /** What auth_time says, where it is the moment of this very sign-in. */
  thisMoment: string;
  /** One of these values, beside others. */
  andOneOf(values: readonly string[]): string;
  noIdToken: string;
  /** What the service must check. */
  check(acceptable: string[]): string;
  noMistakes: string;
  mistakes: MistakeWords;
}
