/** What the pages of a sign-up say. */

import { pageTexts as code } from '../mailed-code/texts.ts';

const hu = {
  title: 'Új fiók létrehozása',
  back: 'Már van fiókom: vissza a bejelentkezéshez',
  cancel: 'Mégsem, vissza a szolgáltatáshoz',
  start: {
    heading: 'Új fiók létrehozása',
    how: 'Először az e-mail-címét erősítjük meg: kódot küldünk rá. Fiók csak akkor lesz belőle, amikor a végére ért.',
    email: 'E-mail-cím',
    hint: 'Olyan cím legyen, amelyet más nem olvas.',
    submit: 'Kódot kérek',
    missing: 'Írja be az e-mail-címét.',
    malformed: 'Ez nem e-mail-cím. Így nézzen ki: nev@pelda.hu',
    tooMany: (minutes: number) =>
      `Erre a címre vagy innen túl sokszor kértek kódot. Próbálja újra ${minutes < 120 ? `${minutes} perc` : `${Math.ceil(minutes / 60)} óra`} múlva.`,
  },
  code: {
    ...code.hu,
    sentTo: 'Kódot küldünk erre a címre:',
    spam: 'Várjon néhány percet, és nézze meg a levélszemét (spam) mappát is.',
    maybeWrong: 'Lehet, hogy elírta a címet: nézze meg fent, és ha kell, adja meg újra.',
    again: 'Másik cím vagy új kód',
    expired: 'A kód lejárt, vagy már nem használható. Kérjen újat.',
  },
  about: {
    heading: 'A fiók adatai',
    confirmed: 'Megerősített e-mail-cím:',
    username: 'Felhasználónév',
    usernameHint: '3–64 karakter: betűk, számok, pont, kötőjel, aláhúzás. Ezzel lép majd be.',
    name: 'Név',
    birthName: 'Születési név',
    birthDate: 'Születési dátum',
    birthDateHint: 'Év, hónap, nap, például: 1985. 04. 12.',
    submit: 'Létrehozom a fiókot',
    usernameMissing: 'Adjon meg egy felhasználónevet.',
    usernameMalformed:
      'A felhasználónév 3–64 karakter lehet: magyar vagy angol betűk, számok, közöttük pont, kötőjel vagy aláhúzás.',
    taken: 'Ez a felhasználónév már foglalt. Válasszon másikat.',
    tooMany: 'Innen vagy ezzel a címmel ma már túl sok felhasználónevet próbáltak ki. Próbálja újra holnap.',
    nameMissing: 'Írja be a nevét.',
    nameMalformed: 'A névben olyan karakter van, amely nem lehet benne. Ellenőrizze.',
    birthNameMissing: 'Írja be a születési nevét.',
    birthDateMissing: 'Írja be a születési dátumát.',
    birthDateMalformed: 'Ez nem lehet születési dátum. Írja így: 1985. 04. 12.',
  },
};

const en: typeof hu = {
  title: 'Create an account',
  back: 'I have an account: back to signing in',
  cancel: 'Cancel and go back to the service',
  start: {
    heading: 'Create an account',
    how: 'First we confirm your email address: we send a code there. There is no account until you have finished.',
    email: 'Email address',
    hint: 'Use an address that nobody else reads.',
    submit: 'Send me a code',
    missing: 'Enter your email address.',
    malformed: 'This is not an email address. It should look like this: name@example.com',
    tooMany: (minutes) =>
      `Codes have been asked for too often for this address or from here. Try again in ${minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`}.`,
  },
  code: {
    ...code.en,
    sentTo: 'We are sending a code to this address:',
    spam: 'Wait a few minutes, and look in your spam or junk folder too.',
    maybeWrong: 'You may have mistyped the address: look above, and enter it again if you have to.',
    again: 'Another address or a new code',
    expired: 'The code has expired or cannot be used any more. Ask for a new one.',
  },
  about: {
    heading: 'About your account',
    confirmed: 'Confirmed email address:',
    username: 'Username',
    usernameHint: '3 to 64 characters: letters, digits, dots, hyphens, underscores. You will sign in with it.',
    name: 'Name',
    birthName: 'Name at birth',
    birthDate: 'Date of birth',
    birthDateHint: 'Year, month, day, for example 1985-04-12.',
    submit: 'Create the account',
    usernameMissing: 'Enter a username.',
    usernameMalformed:
      'A username has 3 to 64 characters: English or Hungarian letters and digits, and dots, hyphens or underscores between them.',
    taken: 'This username is taken. Choose another one.',
    tooMany: 'Too many usernames have been tried from here, or with this address, today. Try again tomorrow.',
    nameMissing: 'Enter your name.',
    nameMalformed: 'There is a character in the name that cannot be in one. Check it.',
    birthNameMissing: 'Enter your name at birth.',
    birthDateMissing: 'Enter your date of birth.',
    birthDateMalformed: 'This cannot be a date of birth. Write it as 1985-04-12.',
  },
};

export const texts = { hu, en };
