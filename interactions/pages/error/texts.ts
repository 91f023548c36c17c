const hu = {
  retry: 'Próbálja újra',
  toService: (service: string) => `Vissza ide: ${service}`,
  toYourService:
    'Nyissa meg újra azt a szolgáltatást, amelyet használni szeretne, és onnan kezdje újra a bejelentkezést.',
  fromService: 'Térjen vissza a szolgáltatáshoz, és kezdje újra a bejelentkezést.',
  fromServiceFinished: 'Térjen vissza a szolgáltatáshoz. Ha ott nincs bejelentkezve, kezdje újra a bejelentkezést.',
  again: 'Próbálja újra. Ha most sem sikerül, várjon néhány percet.',
  reference: 'Ha segítséget kér, adja meg ezt az azonosítót:',
  technical: 'A szolgáltatás fejlesztőjének:',
  kinds: {
    expired: {
      heading: 'A bejelentkezés ideje lejárt',
      text: 'Az Ön biztonsága érdekében a megkezdett bejelentkezést csak egy ideig lehet folytatni.',
    },
    finished: {
      heading: 'Ez a bejelentkezés már befejeződött',
      text: 'Lehet, hogy egy másik lapon már bejelentkezett, vagy a böngésző „Vissza” gombjával tért ide.',
    },
    'other-browser': {
      heading: 'Ez a bejelentkezés nem ebben a böngészőben kezdődött',
      text: 'A bejelentkezést ugyanabban a böngészőben kell befejezni, amelyikben elkezdte. Ha ez az a böngésző, ellenőrizze, hogy engedélyezi-e a sütiket (cookie-kat).',
    },
    'not-found': {
      heading: 'Ez az oldal nem található',
      text: 'Lehet, hogy a cím hibás, vagy az oldal már nem létezik.',
    },
    'bad-request': {
      heading: 'A bejelentkezés nem indítható el',
      text: 'A szolgáltatás hibás kérést küldött. Ön nem rontott el semmit, a hibát a szolgáltatás üzemeltetője tudja kijavítani.',
    },
    'unknown-service': {
      heading: 'Ezt a szolgáltatást nem ismerjük',
      text: 'A bejelentkezést olyan szolgáltatás kérte, amelyet itt nem vettek nyilvántartásba. Adatot nem adtunk át neki.',
    },
    unavailable: {
      heading: 'A bejelentkezés most nem érhető el',
      text: 'Átmeneti hiba történt nálunk, dolgozunk a javításán.',
    },
    fault: {
      heading: 'Hiba történt nálunk',
      text: 'A kérését nem tudtuk teljesíteni. A hibát feljegyeztük.',
    },
    'method-not-allowed': {
      heading: 'Ez az oldal így nem nyitható meg',
      text: 'Lehet, hogy a böngésző újra el akart küldeni egy korábban kitöltött űrlapot.',
    },
    'too-large': {
      heading: 'Túl sok adat érkezett',
      text: 'Az elküldött űrlap hosszabb volt annál, mint amit fogadni tudunk.',
    },
    'too-many': {
      heading: 'Innen most túl sokan jelentkeznek be',
      text: 'Az Ön hálózatáról rövid idő alatt nagyon sok bejelentkezést kezdtek.',
    },
    'forbidden-origin': {
      heading: 'A kérést nem fogadtuk el',
      text: 'A kérés nem a mi oldalunkról érkezett, ezért az Ön biztonsága érdekében nem hajtottuk végre.',
    },
  },
};

const en: typeof hu = {
  retry: 'Try again',
  toService: (service) => `Back to ${service}`,
  toYourService: 'Open the service you want to use again, and start signing in from there.',
  fromService: 'Go back to the service and start signing in again.',
  fromServiceFinished: 'Go back to the service. If you are not signed in there, start signing in again.',
  again: 'Try again. If it still does not work, wait a few minutes.',
  reference: 'If you ask for help, give this reference:',
  technical: 'For the developer of the service:',
  kinds: {
    expired: {
      heading: 'Your sign-in has expired',
      text: 'For your safety, a sign-in that has been started can be finished only for a while.',
    },
    finished: {
      heading: 'This sign-in is already finished',
      text: 'You may have signed in on another tab, or come here with the browser’s “Back” button.',
    },
    'other-browser': {
      heading: 'This sign-in was started in another browser',
      text: 'A sign-in has to be finished in the browser that started it. If this is that browser, check that it accepts cookies.',
    },
    'not-found': {
      heading: 'This page cannot be found',
      text: 'The address may be wrong, or the page may no longer exist.',
    },
    'bad-request': {
      heading: 'The sign-in cannot start',
      text: 'The service sent a faulty request. You have done nothing wrong: the operator of the service can put it right.',
    },
    'unknown-service': {
      heading: 'We do not know this service',
      text: 'A service that is not registered here asked you to sign in. We have passed no data to it.',
    },
    unavailable: {
      heading: 'Signing in is not available right now',
      text: 'We have a temporary fault and are working on it.',
    },
    fault: {
      heading: 'Something went wrong on our side',
      text: 'We could not do what you asked. The fault has been recorded.',
    },
    'method-not-allowed': {
      heading: 'This page cannot be opened like this',
      text: 'The browser may have tried to send again a form that you filled in earlier.',
    },
    'too-large': {
      heading: 'Too much data was sent',
      text: 'The form that was sent was longer than we can accept.',
    },
    'too-many': {
      heading: 'Too many people are signing in from here',
      text: 'A great many sign-ins have been started from your network in a short time.',
    },
    'forbidden-origin': {
      heading: 'We did not accept the request',
      text: 'The request did not come from our own page, so for your safety we did not carry it out.',
    },
  },
};

export const texts = { hu, en };
