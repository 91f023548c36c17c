/** What the browser app's page says, in both languages. A text that is missing in one does not compile. */

const hu = {
  name: 'Böngészőben futó alkalmazás',
  service: 'Minta Adóhivatal',
  otherLanguage: 'English',
  lead: 'Ez az oldal kiszolgáló nélkül, a böngészőben lépteti be Önt a Kapuval. A tokenek csak az oldal memóriájában vannak: újratöltés után újra be kell jelentkezni, de a Kapu akkor már nem kérdez semmit.',
  noScript: 'Ez az oldal JavaScript nélkül nem működik. A Minta Adóhivatal oldala igen.',
  signIn: 'Bejelentkezés',
  signInPlus: 'Bejelentkezés plusz szinten',
  signOut: 'Kijelentkezés',
  signedInAs: 'Bejelentkezve',
  level: 'Szint (acr)',
  how: 'Hogyan (amr)',
  when: 'Mikor (auth_time)',
  knownAs: 'Azonosító (sub)',
  submit: 'Bevallás beadása',
  submitOpen: 'Most beadhatja a bevallását.',
  submitClosed: 'Ehhez plusz szintű bejelentkezés kell.',
  stepUp: 'Szintemelés pluszra',
  failures: {
    cancelled: ['Megszakította a bejelentkezést', 'Ha mégis be szeretne jelentkezni, próbálja újra.'],
    unmet: [
      'Nem sikerült elérni a plusz szintet',
      'Megszakította, vagy a fiókjához nincs e-mail-cím, ahová a kód mehetne. Alapszinten továbbra is bejelentkezhet.',
    ],
    unknown: ['Ez a bejelentkezés nem folytatható', 'Másik lapon kezdődött, vagy már befejeződött. Kezdje újra.'],
    refused: ['A bejelentkezés nem sikerült', 'Lehet, hogy a Kapu most nem elérhető. Próbálja újra.'],
  },
  demoNote: 'Bemutató: ez a hivatal nem létezik.',
};

const en: typeof hu = {
  name: 'An app in the browser',
  service: 'Sample Tax Office',
  otherLanguage: 'Magyar',
  lead: 'This page signs you in with Kapu from the browser, without a server of its own. Its tokens are in the memory of the page alone: load it anew and you sign in again, but Kapu asks nothing then.',
  noScript: 'This page does not work without JavaScript. The page of the Sample Tax Office does.',
  signIn: 'Sign in',
  signInPlus: 'Sign in with plus',
  signOut: 'Sign out',
  signedInAs: 'Signed in',
  level: 'Level (acr)',
  how: 'How (amr)',
  when: 'When (auth_time)',
  knownAs: 'Known as (sub)',
  submit: 'Submit a return',
  submitOpen: 'You can submit your return now.',
  submitClosed: 'This needs a sign-in at level plus.',
  stepUp: 'Step up to plus',
  failures: {
    cancelled: ['You cancelled signing in', 'If you want to sign in after all, try again.'],
    unmet: [
      'Level plus was not reached',
      'You cancelled, or your account has no email address to send the code to. You can still sign in at basic.',
    ],
    unknown: ['This sign-in cannot go on', 'It was started in another tab, or finished already. Start again.'],
    refused: ['Signing in did not work', 'Kapu may not be reachable at the moment. Try again.'],
  },
  demoNote: 'A demonstration: this office does not exist.',
};

export const texts = { hu, en };
