const hu = {
  title: 'Szolgáltatások',
  linkAbout: 'Melyik szolgáltatás mit kapott Önről, és mikor. Itt visszavonhatja.',
  intro:
    'Ezekbe a szolgáltatásokba jelentkezett be innen. Amit egy szolgáltatás már megkapott, azt nála kell töröltetnie.',
  none: 'Innen még egyetlen szolgáltatásba sem jelentkezett be.',
  revoked: 'Visszavontuk. A szolgáltatás innen már nem kap semmit, és szóltunk neki, hogy jelentkeztesse ki Önt.',
  gets: 'Ezt kapja:',
  got: 'Ezt kapta:',
  takenBack: 'Visszavonta:',
  onlyIdentifier: 'egy azonosító, amelyről legközelebb is felismeri Önt',
  allowed: 'Engedélyezte:',
  first: 'Először:',
  last: 'Utoljára:',
  revoke: 'Visszavonás',
  revokeOne: (service: string) => `Visszavonás: ${service}`,
  confirmHeading: (service: string) => `Visszavonja ettől: ${service}?`,
  confirmText:
    'A szolgáltatás a továbbiakban nem kap innen adatot, kijelentkezteti Önt, és ha Ön külön engedélyt adott neki, azt is töröljük. Ha legközelebb oda bejelentkezik, újra megkapja, amihez joga van, vagy újra engedélyt kér.',
  cancel: 'Mégsem',
};

const en: typeof hu = {
  title: 'Services',
  linkAbout: 'Which service was given what about you, and when. You can take it back here.',
  intro:
    'You have signed in to these services from here. What a service has already been given you have to have removed there.',
  none: 'You have not signed in to any service from here yet.',
  revoked: 'This has been taken back. The service gets nothing more from here, and has been told to sign you out.',
  gets: 'It gets:',
  got: 'It got:',
  takenBack: 'Taken back:',
  onlyIdentifier: 'an identifier by which it will know you again next time',
  allowed: 'You allowed it:',
  first: 'First:',
  last: 'Last:',
  revoke: 'Take back',
  revokeOne: (service) => `Take back: ${service}`,
  confirmHeading: (service) => `Take back what ${service} has?`,
  confirmText:
    'The service gets no more data from here and signs you out, and what you allowed it is removed. When you sign in there the next time, it gets again what it has a right to, or asks you again.',
  cancel: 'Cancel',
};

export const texts = { hu, en };
