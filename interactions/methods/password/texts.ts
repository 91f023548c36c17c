import { pageTexts as page } from '../../mailed-code/texts.ts';

const hu = {
  methodTitle: 'Felhasználónév és jelszó',
  heading: 'Bejelentkezés',
  username: 'Felhasználónév',
  password: 'Jelszó',
  submit: 'Bejelentkezés',
  decline: 'Továbblépés újabb bejelentkezés nélkül',
  plus: 'Ez a szolgáltatás a jelszón kívül egy egyszer használatos kódot is kér majd. Így az adatai akkor is védve vannak, ha valaki más megtudta a jelszavát.',
  usernameMissing: 'Írja be a felhasználónevét.',
  passwordMissing: 'Írja be a jelszavát.',
  wrong: 'A felhasználónév vagy a jelszó nem megfelelő. Ellenőrizze mindkettőt, és próbálja újra.',
  tooMany: (minutes?: number) =>
    `Túl sok sikertelen próbálkozás történt. Próbálja újra ${minutes ? `${minutes} perc múlva` : 'később'}.`,
  guarded: (hours: number) =>
    `Ehhez a felhasználónévhez sok helyről adtak meg hibás jelszót, ezért innen csak ${hours} óra múlva próbálkozhat újra. Azon a készüléken, amelyen már bejelentkezett, most is beléphet.`,
  busy: 'Most sokan jelentkeznek be egyszerre. Várjon egy percet, és próbálja újra.',
  ended: {
    'new-password': (when: string) =>
      `Ehhez a fiókhoz új jelszót állítottak be, és ezért minden készüléken kijelentkeztettük. Ez ekkor volt: ${when}. Jelentkezzen be az új jelszóval.`,
    reported: (when: string) =>
      `Bejelentették, hogy valaki más is járhatott ebben a fiókban, ezért minden készüléken kijelentkeztettük. Ez ekkor volt: ${when}. Jelentkezzen be a jelszavával, és utána állítson be újat.`,
    'signed-out': (when: string) =>
      `Ezt a fiókot minden készüléken kijelentkeztették. Ez ekkor volt: ${when}. Jelentkezzen be újra.`,
  },
  notYou: (operator: string) =>
    `Ha nem Ön volt, forduljon azonnal az üzemeltetőhöz: ${operator}. Nézze meg az erről küldött levelünket is.`,
  guard: {
    ...page.hu,
    why: 'Ehhez a felhasználónévhez mostanában nagyon sokszor adtak meg hibás jelszót. Hogy más ne juthasson be, ezen a készüléken most kód is kell a belépéshez.',
    sentIf: 'Ha a jelszó, amelyet megadott, helyes, akkor most kódot küldünk a fiókhoz tartozó e-mail-címre.',
    spam: 'Várjon néhány percet, és nézze meg a levélszemét (spam) mappát is.',
    maybeWrong: 'Lehet, hogy elírta a jelszót: ilyenkor nem küldünk levelet. Adja meg újra.',
    elsewhere: 'Azon a készüléken, amelyen már bejelentkezett, kód nélkül is beléphet.',
    again: 'Újra megadom a jelszót',
    cancel: 'Mégsem, vissza a szolgáltatáshoz',
    expired: 'A kód lejárt. Adja meg újra a jelszavát.',
  },
};

const en: typeof hu = {
  methodTitle: 'Username and password',
  heading: 'Sign in',
  username: 'Username',
  password: 'Password',
  submit: 'Sign in',
  decline: 'Go on without signing in again',
  plus: 'After your password, this service will also ask for a one-time code. It keeps your data safe even if somebody else has learnt your password.',
  usernameMissing: 'Enter your username.',
  passwordMissing: 'Enter your password.',
  wrong: 'The username or the password is not right. Check both and try again.',
  tooMany: (minutes) =>
    `There have been too many failed attempts. Try again ${minutes ? `in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}` : 'later'}.`,
  guarded: (hours) =>
    `Wrong passwords have been entered for this username from many places, so you can try again from here only in ${hours} ${hours === 1 ? 'hour' : 'hours'}. On a device on which you have signed in before, you can sign in now.`,
  busy: 'Many people are signing in right now. Wait a minute and try again.',
  ended: {
    'new-password': (when) =>
      `A new password was set for this account on ${when}, so it was signed out on all devices. Sign in with the new password.`,
    reported: (when) =>
      `On ${when} it was reported that somebody else may have used this account, so it was signed out on all devices. Sign in with your password, and set a new one afterwards.`,
    'signed-out': (when) => `This account was signed out on all devices on ${when}. Sign in again.`,
  },
  notYou: (operator) =>
    `If it was not you, turn to the operator at once: ${operator}. Look at the email that we sent about it, too.`,
  guard: {
    ...page.en,
    why: 'A wrong password has been entered for this username very often lately. So that nobody else gets in, you also need a code to sign in on this device now.',
    sentIf: 'If the password that you entered is right, we are sending a code to the email address of the account now.',
    spam: 'Wait a few minutes, and look in your spam or junk folder too.',
    maybeWrong: 'You may have mistyped your password: then we send no email. Enter it again.',
    elsewhere: 'On a device on which you have signed in before, you can sign in without a code.',
    again: 'Enter the password again',
    cancel: 'Cancel and go back to the service',
    expired: 'The code has expired. Enter your password again.',
  },
};

export const texts = { hu, en };
