/** What is said to an operator of a password: why it is refused and what to change, or how strong it is. */

import type { ContextKind } from '../passwords/context.ts';
import type { Reason } from '../passwords/judge.ts';
import { ownLength } from '../passwords/spelling.ts';
import type { Strength } from '../passwords/strength.ts';
import { Refused } from './command.ts';

/** All that is wrong with a password, and what to do about each. The password itself is not in it. */
export function refusedPassword(reasons: readonly Reason[]): Refused {
  const said = reasons.map(inWords);
  const hints = new Set(said.map(({ hint }) => hint));
  return new Refused(said.map(({ problem }) => problem).join('; '), `${[...hints].join('; ')}; or add --generate`);
}

const unrelated = 'put several words together that have nothing to do with each other';

function inWords(reason: Reason): { problem: string; hint: string } {
  switch (reason.reason) {
    case 'too-short':
      return { problem: 'the password is too short', hint: `use at least ${reason.leastLength} characters` };
    case 'too-long':
      return { problem: 'the password is too long', hint: `use at most ${reason.mostLength} characters` };
    case 'not-text':
      return { problem: 'the password has characters that cannot be read', hint: 'give it as UTF-8' };
    case 'common':
      return { problem: 'the password is a common one, or close to one', hint: unrelated };
    case 'pattern':
      return { problem: 'the password repeats itself, or runs along the keyboard', hint: unrelated };
    case 'context': {
      const kinds = reason.kinds.map((kind) => words[kind]).join(' and ');
      return {
        problem: `the password is little more than ${kinds}`,
        hint: `let ${ownLength} other characters be in it, which are not common themselves`,
      };
    }
  }
}

const words: Record<ContextKind, string> = {
  username: 'the user name',
  email: 'the e-mail address',
  name: 'the name',
  'birth-date': 'the birth date',
  service: 'the name of this service',
};

/** One line: 'strength: 3 of 4, some 10^9 guesses'. */
export function strengthInWords({ score, guesses }: Strength): string {
  return `strength: ${score} of 4, some 10^${Math.floor(guesses)} guesses`;
}
