const hu = {
  heading: 'Melyik felhasználóként folytatja?',
  now: (username: string) => `Ebben a böngészőben már bejelentkezett: ${username}.`,
  goOn: (username: string) => `Folytatás ${username} felhasználóként`,
  another: 'Bejelentkezés másik felhasználóként',
  anotherHint: 'Ha másik felhasználóként jelentkezik be, őt kijelentkeztetjük.',
};

const en: typeof hu = {
  heading: 'Which account do you want to use?',
  now: (username) => `You are already signed in on this browser as ${username}.`,
  goOn: (username) => `Go on as ${username}`,
  another: 'Use another account',
  anotherHint: 'If you use another account, this one is signed out.',
};

export const texts = { hu, en };
