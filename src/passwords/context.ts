/**
 * Words that belong into no password because they are known of the person or of this service (ASVS 6.1.2, 6.2.11). They are
 * compared without case and accents, and with digits read as letters. Pure.
 */

import { folded, readings } from './spelling.ts';

/** What is known of who chooses a password, and where. */
export interface PasswordContext {
  username?: string;
  email?: string;
  name?: string;
  birthName?: string;
  /** YYYY-MM-DD. */
  birthDate?: string;
  /** Names of the deployment, its operator and host, and words that the operator adds. */
  service: readonly string[];
}

/** Where a word comes from. */
export type ContextKind = 'username' | 'email' | 'name' | 'birth-date' | 'service';

interface ContextWord {
  kind: ContextKind;
  /** Folded. */
  word: string;
}

/** Shorter ones are in too many other words. */
const shortest = 3;

/** The words of a context. */
export function contextWords({ username, email, name, birthName, birthDate, service }: PasswordContext): ContextWord[] {
  const [local = '', domain = ''] = email?.split('@') ?? [];
  const texts: [ContextKind, string[]][] = [
    ['username', wordsIn(username)],
    // The last label ('hu', 'com') says nothing of anybody.
    ['email', [...wordsIn(local), ...domain.split('.').slice(0, -1).flatMap(wordsIn)]],
    ['name', [...wordsIn(name), ...wordsIn(birthName)].flatMap(withoutNe)],
    ['birth-date', spellings(birthDate)],
    ['service', service.flatMap(wordsIn)],
  ];
  return texts.flatMap(([kind, words]) =>
    [...new Set(words)].filter((word) => word.length >= shortest).map((word) => ({ kind, word })),
  );
}

/** What is left of `password`, folded, once all `words` are taken out, and the kinds of those that were in it. */
export function withoutContext(password: string, words: ContextWord[]): { rest: string; kinds: ContextKind[] } {
  const plain = folded(password);
  const taken = new Array<boolean>(plain.length).fill(false);
  const found = words.filter(({ word }) =>
    readings(plain)
      .map((reading) => takeOut(reading, word, taken))
      .some(Boolean),
  );
  const rest = [...taken.keys()].filter((at) => !taken[at]).map((at) => plain[at]);
  return { rest: rest.join(''), kinds: [...new Set(found.map(({ kind }) => kind))] };
}

/** Marks every place of `word` in `text`; true when there is one. */
function takeOut(text: string, word: string, taken: boolean[]): boolean {
  let places = 0;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1), places++) {
    taken.fill(true, at, at + word.length);
  }
  return places > 0;
}

/** A text as one word, and its words one by one. */
function wordsIn(text = ''): string[] {
  const plain = folded(text);
  const words = plain.split(/[^\p{L}\p{N}]+/u);
  return [plain, words.join(''), ...words];
}

/** 'szabone' is the wife of 'szabo'. */
function withoutNe(word: string): string[] {
  return word.endsWith('ne') ? [word, word.slice(0, -2)] : [word];
}

/** A date in the usual orders and spellings, and its year. */
function spellings(date = ''): string[] {
  const [year, month, day] = date.split('-');
  if (!year || !month || !day) return [];
  const short = [year.slice(2), year];
  const padded = short.map((each) => [each, month, day] as const);
  const bare = short.map((each) => [each, String(Number(month)), String(Number(day))] as const);
  const orders = [...padded, ...bare].flatMap(([y, m, d]) => [
    [y, m, d],
    [d, m, y],
    [m, d, y],
    [m, d],
    [d, m],
  ]);
  const written = orders.flatMap((parts) => ['', '-', '.', '/', ' ', '. '].map((between) => parts.join(between)));
  return [year, ...written];
}
