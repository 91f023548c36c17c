/** What the explainer's page says around an explanation, in both languages. A text that is missing in one does not compile. */

import type { Explained } from '../../src/explainer.ts';

type Problem = Exclude<Explained['outcome'], 'explained'> | 'nothing' | 'unreachable';
export type ExampleName = 'sign-in' | 'plus' | 'step-up';

const hu = {
  name: 'Mit fog kérni a Kapu?',
  service: 'Minta Adóhivatal',
  otherLanguage: 'English',
  lead: 'Illesszen be egy bejelentkezési kérést (azt a címet, amelyre a szolgáltatás a felhasználót küldi), és kiderül, milyen oldalakat mutat a Kapu, miért, és mi lesz a tokenben. A címet nem hívjuk meg.',
  url: 'A kérés címe',
  session: 'A böngészőben',
  noSession: 'senki nincs bejelentkezve',
  sessionAt: (level: string) => `bejelentkezve, „${level}” szinten`,
  age: 'A bejelentkezés ideje',
  person: 'Aki bejelentkezik',
  anybody: 'bárki, aki minden módszert beállított',
  submit: 'Magyarázat',
  examples: 'Ennek a hivatalnak a kérései',
  exampleNames: {
    'sign-in': 'bejelentkezés',
    plus: 'bejelentkezés plusz szinten',
    'step-up': 'szintemelés, öt perccel az alap szintű bejelentkezés után',
  } satisfies Record<ExampleName, string>,
  problem: 'Ez így nem magyarázható meg',
  problems: {
    nothing: 'Illessze be a kérés címét.',
    unreachable: 'A Kapu most nem elérhető. Próbálja újra.',
    'unknown-person': 'Nincs ilyen felhasználó.',
    'disabled-person': 'Ezzel a fiókkal nem lehet bejelentkezni.',
    'unknown-level': 'Nincs ilyen szint.',
    'level-out-of-reach':
      'Ez a felhasználó nem jelentkezhetett be ezen a szinten: válasszon másik szintet vagy személyt.',
    'session-too-old': 'Ennyi ideig egy munkamenet sem él.',
  } satisfies Record<Problem, string>,
  home: 'Kezdőlap',
};

export type Texts = typeof hu;

const en: Texts = {
  name: 'What will Kapu ask?',
  service: 'Sample Tax Office',
  otherLanguage: 'Magyar',
  lead: 'Paste an authorization request (the address that a service sends people to) to see which pages Kapu will show, why, and what the token will say. The address is not called.',
  url: 'Address of the request',
  session: 'The browser',
  noSession: 'nobody is signed in',
  sessionAt: (level) => `signed in at ${level}`,
  age: 'When that was',
  person: 'Who signs in',
  anybody: 'somebody who has set up every method',
  submit: 'Explain',
  examples: 'The requests of this office',
  exampleNames: {
    'sign-in': 'sign in',
    plus: 'sign in at plus',
    'step-up': 'step up, five minutes after a sign-in at basic',
  },
  problem: 'This cannot be explained',
  problems: {
    nothing: 'Paste the address of the request.',
    unreachable: 'Kapu cannot be reached just now. Try again.',
    'unknown-person': 'There is no such person.',
    'disabled-person': 'Nobody can sign in to this account.',
    'unknown-level': 'There is no such level.',
    'level-out-of-reach': 'This person cannot have signed in at that level: choose another level, or another person.',
    'session-too-old': 'No session lives that long.',
  },
  home: 'Start page',
};

export const texts = { hu, en };
