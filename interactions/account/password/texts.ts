const hu = {
  title: 'Jelszó',
  about: 'Új jelszó beállítása',
  heading: 'Jelszó megváltoztatása',
  current: 'Mostani jelszó',
  keep: 'Maradjak bejelentkezve a többi böngészőmben is',
  keepHint: 'Ha valaki más megtudhatta a jelszavát, ezt ne jelölje be.',
  submit: 'Megváltoztatom a jelszót',
  back: 'Vissza',
  missing: 'Írja be a mostani jelszavát.',
  wrong: 'A mostani jelszó nem megfelelő. Ellenőrizze, és írja be újra.',
  tooMany: 'Túl sokszor adott meg hibás jelszót. Próbálja meg később, vagy jelentkezzen ki, és kérjen új jelszót.',
  busy: 'Most sokan használják egyszerre a rendszert. Várjon egy percet, és próbálja újra.',
  changed: 'A fiókja közben megváltozott, ezért a jelszót nem állítottuk be. Próbálja újra.',
  done: {
    heading: 'Megváltozott a jelszava',
    others: 'A többi böngészőben és szolgáltatásban kijelentkeztettük. Itt bejelentkezve maradt.',
    kept: 'A többi böngészőjében is bejelentkezve maradt.',
    told: 'Minden címére értesítést küldtünk.',
    back: 'Vissza a fiókomhoz',
  },
};

const en: typeof hu = {
  title: 'Password',
  about: 'Set a new password',
  heading: 'Change your password',
  current: 'Current password',
  keep: 'Stay signed in in my other browsers too',
  keepHint: 'If somebody else may have learnt your password, leave this out.',
  submit: 'Change the password',
  back: 'Back',
  missing: 'Enter your current password.',
  wrong: 'The current password is not right. Check it and enter it again.',
  tooMany: 'A wrong password has been entered too often. Try again later, or sign out and ask for a new password.',
  busy: 'Many people are using the system right now. Wait a minute and try again.',
  changed: 'Your account has changed meanwhile, so the password was not set. Try again.',
  done: {
    heading: 'Your password has been changed',
    others: 'You have been signed out of your other browsers and of services. Here you are still signed in.',
    kept: 'You are still signed in in your other browsers.',
    told: 'We have told all your addresses.',
    back: 'Back to my account',
  },
};

export const texts = { hu, en };
