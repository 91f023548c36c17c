const hu = {
  toAccount: 'Vissza a fiókomhoz',
  again: 'Bejelentkezés',
  cancelled: {
    heading: 'Nem jelentkezett be',
    text: 'A bejelentkezést megszakította. Semmi sem változott.',
  },
  unmet: {
    heading: 'Ehhez erősebb igazolás kell',
    text: 'Amit tenni szeretne, ahhoz a jelszava mellett mással is igazolnia kell magát, és ezt most nem tette meg, vagy nincs rá módja. Semmi sem változott.',
  },
  operator: (operator: string) =>
    `Ha nincs beállítva más mód a fiókjában, vagy nem fér hozzá, forduljon az ügyfélszolgálathoz (${operator}): ott személyesen igazolhatja magát.`,
};

const en: typeof hu = {
  toAccount: 'Back to my account',
  again: 'Sign in',
  cancelled: {
    heading: 'You have not signed in',
    text: 'You stopped signing in. Nothing has been changed.',
  },
  unmet: {
    heading: 'This needs a stronger confirmation',
    text: 'What you want to do needs another confirmation as well as your password. You did not give one, or have no way to. Nothing has been changed.',
  },
  operator: (operator) =>
    `If your account has no other way set up, or you have lost it, go to the help desk (${operator}): you can show there who you are.`,
};

export const texts = { hu, en };
