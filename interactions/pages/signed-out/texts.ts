const hu = {
  heading: 'Sikeresen kijelentkezett',
  text: 'Ebben a böngészőben már nincs bejelentkezve. Ha más szolgáltatást is használt, abból külön is jelentkezzen ki.',
  shared: 'Ha ezt az eszközt mások is használják, zárja be a böngészőt.',
  toService: (service: string) => `Vissza ide: ${service}`,
};

const en: typeof hu = {
  heading: 'You have signed out',
  text: 'You are no longer signed in here in this browser. If you used other services too, sign out of each of them.',
  shared: 'If other people use this device, close the browser.',
  toService: (service) => `Back to ${service}`,
};

export const texts = { hu, en };
