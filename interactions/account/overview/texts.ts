const hu = {
  heading: 'Fiókom',
  name: 'Név',
  username: 'Felhasználónév',
  email: 'E-mail-cím',
  noEmail: 'nincs megadva',
  notVerified: 'nincs megerősítve',
  setUp: 'Igazolási módok',
  held: (until: string) =>
    `Az e-mailben küldött kódok most nem elegendők az erősebb azonosításhoz${until ? `. Ez ekkor ér véget: ${until}. Hamarabb is véget ér` : '. Ez akkor ér véget'}, ha a jelszavával és egy saját módszerével is igazolja magát, vagy személyesen azonosítják az ügyfélszolgálatnál.`,
  toAddress: 'Az e-mail-cím megváltozott: az Öné az új?',
  deletion: (until: string) => `Kérte a fiókja törlését. Ekkor töröljük: ${until}.`,
  toDeletion: 'Megtartom a fiókomat',
};

const en: typeof hu = {
  heading: 'My account',
  name: 'Name',
  username: 'Username',
  email: 'Email address',
  noEmail: 'none',
  notVerified: 'not confirmed',
  setUp: 'Ways to confirm',
  held: (until) =>
    `Codes by email are not enough for the stronger sign-in now${until ? `, until ${until}` : ''}. This ends sooner when you prove who you are with your password and a method of your own, or in person at the help desk.`,
  toAddress: 'The email address was changed: is the new one yours?',
  deletion: (until) => `You have asked for your account to be deleted. This will be at: ${until}.`,
  toDeletion: 'Keep my account',
};

export const texts = { hu, en };
