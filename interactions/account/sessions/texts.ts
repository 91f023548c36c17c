const hu = {
  title: 'Bejelentkezések',
  linkAbout: 'Hol van most bejelentkezve, és kijelentkezés máshonnan.',
  intro:
    'Ezekben a böngészőkben van most bejelentkezve. Ha valamelyiket nem ismeri fel, léptesse ki, és változtassa meg a jelszavát.',
  done: {
    ended: 'Azt a böngészőt kijelentkeztettük.',
    others: 'Minden más böngészőt kijelentkeztettünk.',
  },
  gone: 'Az a bejelentkezés már véget ért.',
  this: 'Ez a böngésző',
  began: 'Bejelentkezés:',
  lastUse: 'Utolsó használat:',
  from: 'Honnan:',
  here: 'ugyanabból a hálózatból, mint most',
  elsewhere: (network: string) => `másik hálózatból (${network})`,
  unknown: 'Ismeretlen böngésző',
  device: (browser: string, system: string) => `${browser}, ${system}`,
  end: 'Kijelentkeztetés',
  endOne: (what: string) => `Kijelentkeztetés: ${what}`,
  endOthers: 'Minden más böngésző kijelentkeztetése',
  endAll: 'Kijelentkezés mindenhonnan',
  allAbout:
    'A kijelentkezés mindenhonnan ezt a böngészőt is kijelentkezteti, és elfelejti azokat a böngészőket, amelyeket már ismertünk. A szolgáltatásokat is értesítjük.',
  none: 'Máshol nincs bejelentkezve.',
  more: 'Csak a legutóbbi bejelentkezések látszanak itt; a kijelentkeztetés az összesre vonatkozik.',
};

const en: typeof hu = {
  title: 'Where you are signed in',
  linkAbout: 'Browsers that you are signed in with now, and signing out of others.',
  intro:
    'You are signed in with these browsers now. If you do not know one of them, sign it out, and change your password.',
  done: {
    ended: 'That browser has been signed out.',
    others: 'All other browsers have been signed out.',
  },
  gone: 'That one had ended already.',
  this: 'This browser',
  began: 'Signed in:',
  lastUse: 'Last used:',
  from: 'From:',
  here: 'the same network as now',
  elsewhere: (network) => `another network (${network})`,
  unknown: 'An unknown browser',
  device: (browser, system) => `${browser}, ${system}`,
  end: 'Sign out',
  endOne: (what) => `Sign out: ${what}`,
  endOthers: 'Sign out all other browsers',
  endAll: 'Sign out everywhere',
  allAbout:
    'Signing out everywhere signs out this browser too, and forgets the browsers that we knew already. Services are told.',
  none: 'You are not signed in anywhere else.',
  more: 'Only the latest are shown here; signing out is for all of them.',
};

export const texts = { hu, en };
