/** Texts that the person's own pages share. */

const hu = { title: 'Fiókom', signOut: 'Kijelentkezés' };

const en: typeof hu = { title: 'My account', signOut: 'Sign out' };

export const texts = { hu, en };
