/** An estimate of how many guesses a password withstands, by zxcvbn-ts. It is shown to people and decides nothing. */

import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

export interface Strength {
  /** 0: found in some 1,000 guesses; 1: a million; 2: 10^8; 3: 10^10; 4: more. */
  score: 0 | 1 | 2 | 3 | 4;
  /** Guesses as a power of ten. */
  guesses: number;
}

export type StrengthOf = (password: string, known: readonly string[]) => Strength;

/**
 * Characters that are looked at. The estimate of the first ones is one of the whole from below, and its time grows
 * faster than the length: 48 characters take a tenth of a second at worst.
 */
const looksAt = 48;

/** The estimator. Its dictionaries take 100 ms and 30 MB, so it is loaded where it is used, once. */
export async function loadStrength(): Promise<StrengthOf> {
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
  const { adjacencyGraphs, dictionary } = await import('@zxcvbn-ts/language-common');
  // By default 100 readings of digits as letters are tried, half a second for 64 brackets.
  const estimator: ZxcvbnFactory = new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: looksAt,
    l33tMaxSubstitutions: 8,
  });
  return (password, known) => {
    const { score, guessesLog10 } = estimator.check(password, [...known]);
    return { score, guesses: guessesLog10 };
  };
}
