/** What notices say, by what has happened. Each says what to do if it was not the person who reads it. */

import type { Settings } from '../../config/settings.ts';

/** What people are told of: the settings switch each on or off by this name. */
export type NoticeKind = Exclude<keyof Settings['notices'], 'lookEvery'>;

interface Words {
  heading: string;
  /** `operator` has done it, or it was done on the way to `service`. */
  what(names: { operator: string; service: string }): string;
  notYou: string;
}

interface Texts {
  subject(deployment: string, heading: string): string;
  greeting: string;
  when: string;
  from: string;
  browser(browser: string, system: string): string;
  /** `onPages`: the help is named on every page. */
  help(operator: string, phone: string | undefined, onPages: boolean): string;
  automatic: string;
  kinds: Record<NoticeKind, Words>;
}

const hu: Texts = {
  subject: (deployment, heading) => `${deployment}: ${heading}`,
  greeting: 'Tisztelt Felhasználó!',
  when: 'Ekkor történt:',
  from: 'Ekkor és innen történt:',
  browser: (browser, system) => `${browser}, ${system}`,
  help(operator, phone, onPages) {
    if (phone) return `Ügyfélszolgálat: ${operator}, telefon: ${phone}`;
    return `Ügyfélszolgálat: ${operator}${onPages ? '. Az elérhetőségét a bejelentkezési oldalon találja.' : ''}`;
  },
  automatic:
    'Ezt a levelet automatikusan küldtük, kérjük, ne válaszoljon rá. Jelszót és kódot soha nem kérünk levélben.',
  kinds: {
    passwordSet: {
      heading: 'Új jelszót kapott a fiókja',
      what: ({ operator }) =>
        `Az üzemeltető (${operator}) új jelszót állított be az Ön fiókjához. A korábbi jelszó már nem érvényes, és mindenhonnan kijelentkeztettük.`,
      notYou:
        'Ha nem Ön kérte az új jelszót, forduljon azonnal az ügyfélszolgálathoz: lehet, hogy valaki az Ön nevében járt el.',
    },
    accountDisabled: {
      heading: 'Letiltottuk a fiókját',
      what: ({ operator }) =>
        `Az üzemeltető (${operator}) letiltotta az Ön fiókját. Mindenhonnan kijelentkeztettük, és a tiltás feloldásáig nem tud bejelentkezni.`,
      notYou: 'Ha nem Ön kérte a letiltást, és nem tud az okáról, forduljon az ügyfélszolgálathoz.',
    },
    accountEnabled: {
      heading: 'Újra használhatja a fiókját',
      what: ({ operator }) =>
        `Az üzemeltető (${operator}) feloldotta az Ön fiókjának tiltását. Újra be tud jelentkezni.`,
      notYou: 'Ha nem Ön kérte a feloldást, és nem tud az okáról, forduljon azonnal az ügyfélszolgálathoz.',
    },
    sessionsEnded: {
      heading: 'Mindenhonnan kijelentkeztettük',
      what: ({ operator }) =>
        `Az üzemeltető (${operator}) minden böngészőben és szolgáltatásban kijelentkeztette Önt. A jelszava nem változott, újra be tud jelentkezni.`,
      notYou: 'Ha nem Ön kérte a kijelentkeztetést, és nem tud az okáról, forduljon az ügyfélszolgálathoz.',
    },
    newBrowser: {
      heading: 'Bejelentkezés új böngészőből',
      what: ({ service }) =>
        `Az Ön felhasználónevét és jelszavát, vagy egy azonosítókulcsát (passkey), olyan böngészőben használták, amelyet még nem ismerünk. A szolgáltatás, amelybe bejelentkeztek: ${service}.`,
      notYou:
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más tudja a jelszavát, vagy nála van egy eszköze: forduljon azonnal az ügyfélszolgálathoz, és kérje, hogy jelentkeztessék ki mindenhonnan, és állítsanak be új jelszót.',
    },
    codesRefused: {
      heading: 'Hibás kódok a jelszava után',
      what: ({ service }) =>
        `Valaki helyesen adta meg az Ön felhasználónevét és jelszavát, majd annyiszor írt be hibás kódot, hogy nem próbálkozhat tovább. A szolgáltatás, amelybe bejelentkezett volna: ${service}.`,
      notYou:
        'Ha Ön volt, kezdje újra a bejelentkezést. Ha nem Ön volt, valaki más tudja a jelszavát: forduljon azonnal az ügyfélszolgálathoz, és kérjen új jelszót.',
    },
    passkeyCopied: {
      heading: 'Lehet, hogy lemásolták egy azonosítókulcsát',
      what: ({ service }) =>
        `Egy azonosítókulcsát (passkey) úgy használták, mintha másolat volna róla, ezért visszautasítottuk. A szolgáltatás, amelybe bejelentkeztek volna: ${service}.`,
      notYou:
        'Jelentkezzen be más módon, távolítsa el ezt az azonosítókulcsot a fiókjából, és hozzon létre másikat. Ha nem Ön próbált bejelentkezni, forduljon azonnal az ügyfélszolgálathoz is.',
    },
  },
};

const en: Texts = {
  subject: (deployment, heading) => `${deployment}: ${heading}`,
  greeting: 'Hello,',
  when: 'This happened at this time:',
  from: 'This happened at this time and from here:',
  browser: (browser, system) => `${browser}, ${system}`,
  help(operator, phone, onPages) {
    if (phone) return `Help desk: ${operator}, telephone: ${phone}`;
    return `Help desk: ${operator}${onPages ? '. The sign-in page says how to reach it.' : ''}`;
  },
  automatic: 'This email was sent automatically. Please do not reply. We never ask for a password or a code by email.',
  kinds: {
    passwordSet: {
      heading: 'Your account has a new password',
      what: ({ operator }) =>
        `The operator (${operator}) has set a new password for your account. The old one does not work any more, and you have been signed out everywhere.`,
      notYou:
        'If you did not ask for a new password, tell the help desk at once: somebody may have acted in your name.',
    },
    accountDisabled: {
      heading: 'Your account has been disabled',
      what: ({ operator }) =>
        `The operator (${operator}) has disabled your account. You have been signed out everywhere, and cannot sign in until it is enabled again.`,
      notYou: 'If you did not ask for this and do not know why, tell the help desk.',
    },
    accountEnabled: {
      heading: 'You can use your account again',
      what: ({ operator }) => `The operator (${operator}) has enabled your account. You can sign in again.`,
      notYou: 'If you did not ask for this and do not know why, tell the help desk at once.',
    },
    sessionsEnded: {
      heading: 'You have been signed out everywhere',
      what: ({ operator }) =>
        `The operator (${operator}) has signed you out of every browser and every service. Your password is the same, and you can sign in again.`,
      notYou: 'If you did not ask for this and do not know why, tell the help desk.',
    },
    newBrowser: {
      heading: 'Sign-in from a new browser',
      what: ({ service }) =>
        `Your user name and password, or one of your passkeys, were used in a browser that we do not know yet. The service that was signed in to: ${service}.`,
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else knows your password or has one of your devices: tell the help desk at once, and ask them to sign you out everywhere and to set a new password.',
    },
    codesRefused: {
      heading: 'Wrong codes after your password',
      what: ({ service }) =>
        `Somebody gave your user name and password correctly, and then wrong codes until there were no tries left. The service that they wanted to sign in to: ${service}.`,
      notYou:
        'If it was you, start signing in again. If it was not you, somebody else knows your password: tell the help desk at once, and ask for a new password.',
    },
    passkeyCopied: {
      heading: 'One of your passkeys may have been copied',
      what: ({ service }) =>
        `One of your passkeys was used as if there were a copy of it, so we refused it. The service that was to be signed in to: ${service}.`,
      notYou:
        'Sign in in another way, remove this passkey from your account, and create another one. If it was not you who tried to sign in, tell the help desk at once as well.',
    },
  },
};

export const texts = { hu, en };

/** All that there are words for. */
export const noticeKinds = Object.keys(hu.kinds) as NoticeKind[];
