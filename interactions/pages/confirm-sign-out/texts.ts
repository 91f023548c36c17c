const hu = {
  heading: 'Biztosan kijelentkezik?',
  text: 'Ha kijelentkezik, legközelebb újra meg kell adnia a felhasználónevét és a jelszavát.',
  leave: 'Kijelentkezés',
  stay: 'Bejelentkezve maradok',
};

const en: typeof hu = {
  heading: 'Do you want to sign out?',
  text: 'If you sign out, you will have to give your username and password again next time.',
  leave: 'Sign out',
  stay: 'Stay signed in',
};

export const texts = { hu, en };
