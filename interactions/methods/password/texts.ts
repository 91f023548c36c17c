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
  busy: 'Most sokan jelentkeznek be egyszerre. Várjon egy percet, és próbálja újra.',
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
  busy: 'Many people are signing in right now. Wait a minute and try again.',
};

export const texts = { hu, en };
