const hu = {
  signedOut: {
    heading: 'Sikeresen kijelentkezett',
    text: 'Ebben a böngészőben már nincs bejelentkezve. Ha más szolgáltatást is használt, abból külön is jelentkezzen ki.',
    shared: 'Ha ezt az eszközt mások is használják, zárja be a böngészőt.',
  },
  signedIn: {
    heading: 'Bejelentkezve maradt',
    text: 'Ebben a böngészőben továbbra is be van jelentkezve.',
    shared: 'Ha ezt az eszközt mások is használják, jelentkezzen ki, amikor végzett.',
  },
  toService: (service: string) => `Vissza ide: ${service}`,
};

const en: typeof hu = {
  signedOut: {
    heading: 'You have signed out',
    text: 'You are no longer signed in here in this browser. If you used other services too, sign out of each of them.',
    shared: 'If other people use this device, close the browser.',
  },
  signedIn: {
    heading: 'You are still signed in',
    text: 'You are still signed in here in this browser.',
    shared: 'If other people use this device, sign out when you have finished.',
  },
  toService: (service) => `Back to ${service}`,
};

export const texts = { hu, en };
