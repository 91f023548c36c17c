const hu = {
  cancelled: {
    heading: 'Nem jelentkezett be',
    text: 'A bejelentkezést megszakította. Semmi sem változott.',
    on: 'Bejelentkezés',
  },
  unmet: {
    heading: 'Ehhez erősebb igazolás kell',
    text: 'Amit tenni szeretne, ahhoz a jelszava mellett mással is igazolnia kell magát, és ezt most nem tette meg, vagy nincs rá módja. Semmi sem változott.',
    on: 'Vissza a fiókomhoz',
  },
  otherPerson: {
    heading: 'Ezt az oldalt más valaki kapta',
    text: 'Amióta az oldalt megnyitották, ebben a böngészőben más jelentkezett be. Semmi sem változott. Nézze meg, kinek a fiókját látja, és ha az Öné, kezdje újra.',
    on: 'Tovább a most bejelentkezett fiókhoz',
  },
  operator: (operator: string) =>
    `Ha nincs beállítva más mód a fiókjában, vagy nem fér hozzá, forduljon az ügyfélszolgálathoz (${operator}): ott személyesen igazolhatja magát.`,
};

const en: typeof hu = {
  cancelled: {
    heading: 'You have not signed in',
    text: 'You stopped signing in. Nothing has been changed.',
    on: 'Sign in',
  },
  unmet: {
    heading: 'This needs a stronger confirmation',
    text: 'What you want to do needs another confirmation as well as your password. You did not give one, or have no way to. Nothing has been changed.',
    on: 'Back to my account',
  },
  otherPerson: {
    heading: 'This page was shown to somebody else',
    text: 'Since the page was opened, somebody else has signed in with this browser. Nothing has been changed. Look whose account you see now, and if it is yours, begin again.',
    on: 'On to the account signed in now',
  },
  operator: (operator) =>
    `If your account has no other way set up, or you have lost it, go to the help desk (${operator}): you can show there who you are.`,
};

export const texts = { hu, en };
