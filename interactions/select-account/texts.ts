const hu = {
  heading: 'Kivel szeretne belépni?',
  now: (username: string) => `Ebben a böngészőben már bejelentkezett: ${username}.`,
  goOn: (username: string) => `Tovább ezzel: ${username}`,
  another: 'Belépés másik felhasználóval',
  anotherHint: 'A mostani felhasználót ezzel kijelentkeztetjük.',
};

const en: typeof hu = {
  heading: 'Which account do you want to use?',
  now: (username) => `You are already signed in on this browser as ${username}.`,
  goOn: (username) => `Go on as ${username}`,
  another: 'Use another account',
  anotherHint: 'This signs the present one out.',
};

export const texts = { hu, en };
