/**
 * The rules for a new password: long enough, not easily guessed, more than what is known of the person. There are no rules
 * on its composition and none on its age (NIST SP 800-63B-4, 3.1.1.2; ASVS 6.2.5, 6.2.10). Pure; a password that is
 * already set is never judged, or its owner would be locked out by a longer list. docs/decisions/014 argues each rule.
 */

import { type ContextKind, contextWords, type PasswordContext, withoutContext } from './context.ts';
import { guessable, type Listed } from './guessable.ts';
import { maxPasswordLength } from './passwords.ts';
import { lengthOf, ownLength } from './spelling.ts';
import type { Strength } from './strength.ts';

/** Why a password is refused. */
export type Reason =
  | { reason: 'too-short'; leastLength: number }
  | { reason: 'too-long'; mostLength: number }
  /** It was broken on its way here: half a character, or one that could not be decoded. Nobody could type it again. */
  | { reason: 'not-text' }
  /** It is in the list of common and breached passwords, or little more than one of them. */
  | { reason: 'common' }
  /** It repeats a short piece, or runs along the keyboard or the alphabet. */
  | { reason: 'pattern' }
  /** It is little more than words of these kinds. */
  | { reason: 'context'; kinds: ContextKind[] };

export type Judgement =
  /** `strength` is to be shown; it refuses nothing. */
  | { outcome: 'accepted'; strength: Strength }
  /** All that is wrong with it; at least one. */
  | { outcome: 'refused'; reasons: Reason[] };

export interface PasswordRules {
  /** In Unicode code points. */
  leastLength: number;
  context: PasswordContext;
  listed: Listed;
  /** Estimates an accepted password; `known` are words that a guesser tries first. */
  strengthOf(password: string, known: readonly string[]): Strength;
}

/** Whether `password` may become one. */
export function judgePassword(password: string, rules: PasswordRules): Judgement {
  // Before anything that takes longer for a longer one.
  if (password.length > maxPasswordLength) {
    return { outcome: 'refused', reasons: [{ reason: 'too-long', mostLength: maxPasswordLength }] };
  }
  const { leastLength, context, listed } = rules;
  const words = contextWords(context);
  const reasons: Reason[] = [];
  if (lengthOf(password) < leastLength) reasons.push({ reason: 'too-short', leastLength });
  if (!password.isWellFormed() || password.includes('\u{fffd}')) reasons.push({ reason: 'not-text' });
  const easy = guessable(password, listed);
  if (easy) reasons.push({ reason: easy });
  const kinds = contextAlone(password, words, rules);
  if (kinds.length > 0) reasons.push({ reason: 'context', kinds });
  if (reasons.length > 0) return { outcome: 'refused', reasons };
  return {
    outcome: 'accepted',
    strength: rules.strengthOf(
      password,
      words.map(({ word }) => word),
    ),
  };
}

/**
 * Words of the context count for nothing: what is left without them must be long enough and hard enough to guess to be a
 * password itself. The kinds of words that carry it, none when it stands without them. ASVS 6.2.11.
 */
function contextAlone(
  password: string,
  words: ReturnType<typeof contextWords>,
  { leastLength, listed }: Pick<PasswordRules, 'leastLength' | 'listed'>,
): ContextKind[] {
  const { rest, kinds } = withoutContext(password, words);
  const stands = lengthOf(rest) >= Math.min(ownLength, leastLength) && guessable(rest, listed) === undefined;
  return stands ? [] : kinds;
}
