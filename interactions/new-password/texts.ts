/** What is said of a new password: how to make one, why it is refused, how strong it is. */

import type { Judgement } from '../../src/passwords/judge.ts';
import type { Locale } from '../../src/records/records.ts';

type Reason = Extract<Judgement, { outcome: 'refused' }>['reasons'][number];
type Kind = Extract<Reason, { reason: 'context' }>['kinds'][number];

const hu = {
  label: 'Új jelszó',
  hint: (length: number) =>
    `Legalább ${length} karakter. Jó jelszó például több olyan szó egymás után, amelyeknek nincs közük egymáshoz. Jelszókezelőt is használhat.`,
  repeat: 'Új jelszó még egyszer',
  strength: 'A jelszó erőssége',
  check: 'Megnézem, milyen erős',
  missing: 'Írja be az új jelszót.',
  different: 'A két jelszó nem egyezik. Írja be ugyanazt mindkét helyre.',
  tooMany: 'Túl sok jelszót próbált ki rövid idő alatt. Várjon néhány percet, és próbálja újra.',
  busy: 'Most sokan használják egyszerre a rendszert. Várjon egy percet, és próbálja újra.',
  strengths: [
    'Nagyon gyenge: könnyen kitalálható.',
    'Gyenge: kitalálható.',
    'Közepes.',
    'Erős.',
    'Nagyon erős.',
  ] as const,
  tooShort: (length: number) => `Túl rövid: legalább ${length} karakter legyen.`,
  tooLong: (length: number) => `Túl hosszú: legfeljebb ${length} karakter lehet.`,
  notText: 'Olyan karakter van benne, amelyet nem tudunk elolvasni. Írja be más karakterekkel.',
  common: 'Gyakori jelszó, vagy nagyon hasonlít egyre. Tegyen egymás után több, egymáshoz nem illő szót.',
  pattern:
    'Ismétlődik, vagy a billentyűk, illetve az ábécé sorrendjét követi. Tegyen egymás után több, egymáshoz nem illő szót.',
  context: (kinds: string) => `Alig több, mint ${kinds}. Legyen benne legalább 8 más, nehezen kitalálható karakter.`,
  kinds: {
    username: 'a felhasználóneve',
    email: 'az e-mail-címe',
    name: 'a neve',
    'birth-date': 'a születési dátuma',
    service: 'ennek a szolgáltatásnak a neve',
  } satisfies Record<Kind, string>,
};

const en: Omit<typeof hu, 'strengths'> & { strengths: readonly [string, string, string, string, string] } = {
  label: 'New password',
  hint: (length) =>
    `At least ${length} characters. Several words that have nothing to do with each other make a good one. You can use a password manager.`,
  repeat: 'New password again',
  strength: 'Strength of the password',
  check: 'Show me how strong it is',
  missing: 'Enter the new password.',
  different: 'The two passwords are not the same. Enter the same one in both places.',
  tooMany: 'You have tried too many passwords in a short time. Wait a few minutes and try again.',
  busy: 'Many people are using the system right now. Wait a minute and try again.',
  strengths: ['Very weak: easy to guess.', 'Weak: it can be guessed.', 'Fair.', 'Strong.', 'Very strong.'],
  tooShort: (length) => `It is too short: use at least ${length} characters.`,
  tooLong: (length) => `It is too long: use at most ${length} characters.`,
  notText: 'It has a character that we cannot read. Use other characters.',
  common: 'It is a common password, or close to one. Put several words together that do not belong together.',
  pattern:
    'It repeats itself, or follows the keyboard or the alphabet. Put several words together that do not belong together.',
  context: (kinds) => `It is little more than ${kinds}. Add at least 8 other characters that are hard to guess.`,
  kinds: {
    username: 'your username',
    email: 'your email address',
    name: 'your name',
    'birth-date': 'your date of birth',
    service: 'the name of this service',
  },
};

export const texts = { hu, en };

/** British English has no comma before 'and'. */
const listsOf = { hu: 'hu', en: 'en-GB' };

/** A strength of 0 to 4 in words. */
export function score(locale: Locale, reached: 0 | 1 | 2 | 3 | 4): string {
  return texts[locale].strengths[reached];
}

/** Why a password is refused, and what to do, in a sentence or two. */
export function wordsFor(locale: Locale, reason: Reason): string {
  const t = texts[locale];
  switch (reason.reason) {
    case 'too-short':
      return t.tooShort(reason.leastLength);
    case 'too-long':
      return t.tooLong(reason.mostLength);
    case 'not-text':
      return t.notText;
    case 'common':
      return t.common;
    case 'pattern':
      return t.pattern;
    case 'context':
      return t.context(new Intl.ListFormat(listsOf[locale]).format(reason.kinds.map((kind) => t.kinds[kind])));
  }
}
