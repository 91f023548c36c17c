const hu = {
  heading: 'Fiókom',
  name: 'Név',
  username: 'Felhasználónév',
  email: 'E-mail-cím',
  noEmail: 'nincs megadva',
  notVerified: 'nincs megerősítve',
};

const en: typeof hu = {
  heading: 'My account',
  name: 'Name',
  username: 'User name',
  email: 'Email address',
  noEmail: 'none',
  notVerified: 'not confirmed',
};

export const texts = { hu, en };
