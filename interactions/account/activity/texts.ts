/** What the activity page says: its own words, and words for everything in the audit that can concern a person. */

import { unknown } from '../../device.ts';

/** What words may name. */
export interface Named {
  /** The method, as the choice page calls it. */
  method: string;
  /** The service, or the own pages. */
  service: string;
  /** A number, or a text that an operator knows. */
  detail: Readonly<Record<string, string | number | boolean>>;
}

type Words = Record<string, (named: Named) => string>;

const hu = {
  title: 'Tevékenység',
  linkAbout: 'Mi történt a fiókjában: bejelentkezések, változások, értesítések.',
  intro: 'Ezek történtek a fiókjában, a legújabb elöl. Ha valamelyik nem Ön volt, jelezze.',
  none: 'Még nem történt semmi.',
  from: (network: string) => `Honnan: ${network}`,
  notMe: 'Nem én voltam',
  notMeAbout: (what: string, when: string) => `Nem én voltam: ${what} (${when})`,
  older: 'Régebbiek',
  newest: 'Vissza a legújabbakhoz',
  reference: 'Azonosító:',
  reportHeading: 'Nem Ön volt?',
  reportAbout: 'Erről szól:',
  reportText: 'Ha jelzi, hogy nem Ön volt, ez történik:',
  reportList: [
    'Mindenhonnan kijelentkeztetjük, azt is, aki az Ön nevében lépett be.',
    'Az e-mailben küldött kódok nem elegendők többé az erősebb azonosításhoz, amíg a jelszava mellett egy saját módszerével is nem igazolja magát, vagy személyesen nem azonosítják.',
    'Ha nemrég megváltozott az e-mail-címe, a korábbi lesz újra érvényes.',
    'Az üzemeltető értesül róla.',
  ],
  report: 'Nem én voltam, állítsák meg',
  cancel: 'Mégsem',
  other: 'Egyéb esemény a fiókjában',
  words: {
    'sign-in.completed': ({ service }) => `Bejelentkezés ide: ${service}`,
    'session.began': ({ detail }) =>
      `Bejelentkezés ebben a böngészőben: ${detail.browser || unknown.hu}, ${detail.system || unknown.hu}`,
    'session.ended': () => 'Kijelentkeztette egy másik böngészőjét',
    'session.all-ended': () => 'Mindenhonnan kijelentkezett',
    'service.revoked': ({ service }) => `Visszavonta, amit ez a szolgáltatás kapott: ${service}`,
    'sign-in.silent': ({ service }) => `Belépés kérdés nélkül ide, mert már be volt jelentkezve: ${service}`,
    'sign-in.cancelled': ({ service }) => `Megszakított bejelentkezés: ${service}`,
    'sign-in.unmet': ({ service }) => `Elmaradt az erősebb igazolás, amelyet ez a szolgáltatás kért: ${service}`,
    'METHOD.passed': ({ method }) => `Sikeres igazolás: ${method}`,
    'METHOD.refused': ({ method }) => `Sikertelen igazolás: ${method}`,
    'METHOD.added': ({ method }) => `Új igazolási mód: ${method}`,
    'METHOD.renamed': ({ method }) => `Átnevezett igazolási mód: ${method}`,
    'METHOD.removed': ({ method }) => `Törölt igazolási mód: ${method}`,
    'mail.sent': () => 'Kódot küldtünk e-mailben',
    'mail.failed': () => 'Nem sikerült elküldeni egy kódot e-mailben',
    'notice.sent': () => 'Értesítést küldtünk e-mailben',
    'notice.failed': () => 'Egy értesítést nem tudtunk kézbesíteni: ellenőrizze az e-mail-címét',
    'consent.given': ({ service }) => `Engedélyezte az adatai átadását: ${service}`,
    'token.issued': ({ service }) => `Adatok átadása a szolgáltatásnak: ${service}`,
    'token.replayed': ({ service }) =>
      `Valaki másodszor is felhasznált egy engedélyt, ezért azt megszüntettük: ${service}`,
    'sign-out.completed': () => 'Kijelentkezés',
    'logout.told': ({ service }) => `A szolgáltatást értesítettük a kijelentkezésről: ${service}`,
    'logout.failed': ({ service }) => `A szolgáltatást nem tudtuk értesíteni a kijelentkezésről: ${service}`,
    'reset.asked': () => 'Kód kérése új jelszó beállításához',
    'password.reset': () => 'Új jelszó beállítása e-mailben kapott kóddal',
    'password.changed': () => 'Megváltoztatott jelszó',
    'address.changed': () => 'Megváltoztatott e-mail-cím',
    'notice-address.added': () => 'Második cím az értesítésekhez',
    'notice-address.removed': () => 'Törölt második cím az értesítésekhez',
    'hold.ended': () => 'Az e-mailben küldött kódok újra elegendők az erősebb azonosításhoz',
    'account.reported': () => 'Jelezte, hogy nem Ön volt: mindent megállítottunk',
    'account.downloaded': () => 'Letöltötte az adatait',
    'account.deletion-asked': () => 'Kérte a fiókja törlését',
    'account.deletion-taken-back': () => 'Visszavonta a fiókja törlését',
    'account.deleted': () => 'A fiókot töröltük',
    'account.signed-up': () => 'Létrehozta a fiókját',
    'account.activated': () => 'Jelszó beállítása az üzemeltetőtől kapott kóddal',
    'account.held': () => 'Az üzemeltető megállította a változásokat a fiókjában',
    'recovery.code-issued': () => 'Az üzemeltető kódot adott ki új jelszó beállításához',
    'method.removed-by-operator': ({ method }) => `Az üzemeltető törölt egy igazolási módot: ${method}`,
    'desk-check.recorded': () => 'Személyesen igazolta magát az ügyfélszolgálatnál',
    'account.added': () => 'Az üzemeltető létrehozta a fiókját',
    'account.enabled': () => 'Az üzemeltető feloldotta a fiókja tiltását',
    'account.disabled': () => 'Az üzemeltető letiltotta a fiókját',
    'account.sessions-ended': () => 'Az üzemeltető mindenhonnan kijelentkeztette',
    'password.set': () => 'Az üzemeltető új jelszót állított be',
  } as Words,
};

const en: typeof hu = {
  title: 'Activity',
  linkAbout: 'What has happened in your account: sign-ins, changes, notices.',
  intro: 'This has happened in your account, the latest first. If any of it was not you, tell us.',
  none: 'Nothing has happened yet.',
  from: (network) => `From: ${network}`,
  notMe: 'This was not me',
  notMeAbout: (what, when) => `This was not me: ${what} (${when})`,
  older: 'Older',
  newest: 'Back to the latest',
  reference: 'Reference:',
  reportHeading: 'Was it not you?',
  reportAbout: 'This is about:',
  reportText: 'If you tell us that it was not you, this happens:',
  reportList: [
    'We sign you out everywhere, and anybody else who is signed in as you.',
    'Codes by email are not enough for the stronger sign-in any more, until you prove who you are with your password and a method of your own, or in person.',
    'If your email address has been changed lately, the old one will be the address of your account again.',
    'The operator is told.',
  ],
  report: 'It was not me, stop it',
  cancel: 'Cancel',
  other: 'Something else in your account',
  words: {
    'sign-in.completed': ({ service }) => `Sign-in to ${service}`,
    'session.began': ({ detail }) =>
      `Sign-in with this browser: ${detail.browser || unknown.en}, ${detail.system || unknown.en}`,
    'session.ended': () => 'You signed out another browser of yours',
    'session.all-ended': () => 'You signed out everywhere',
    'service.revoked': ({ service }) => `You took back what this service was given: ${service}`,
    'sign-in.silent': ({ service }) => `Sign-in without a question, because you were signed in already: ${service}`,
    'sign-in.cancelled': ({ service }) => `A sign-in that was given up: ${service}`,
    'sign-in.unmet': ({ service }) => `The stronger confirmation that a service asked for was not given: ${service}`,
    'METHOD.passed': ({ method }) => `Confirmed: ${method}`,
    'METHOD.refused': ({ method }) => `Not confirmed: ${method}`,
    'METHOD.added': ({ method }) => `Set up: ${method}`,
    'METHOD.renamed': ({ method }) => `Renamed: ${method}`,
    'METHOD.removed': ({ method }) => `Removed: ${method}`,
    'mail.sent': () => 'We sent a code by email',
    'mail.failed': () => 'A code by email could not be sent',
    'notice.sent': () => 'We sent a notice by email',
    'notice.failed': () => 'A notice could not be delivered: check your email address',
    'consent.given': ({ service }) => `You allowed your data to be passed on to ${service}`,
    'token.issued': ({ service }) => `Data passed on to ${service}`,
    'token.replayed': ({ service }) => `Something that was used up came again, so we ended it: ${service}`,
    'sign-out.completed': () => 'Sign-out',
    'logout.told': ({ service }) => `We told the service that you signed out: ${service}`,
    'logout.failed': ({ service }) => `We could not tell the service that you signed out: ${service}`,
    'reset.asked': () => 'A code to set a new password was asked for',
    'password.reset': () => 'A new password was set with a code by email',
    'password.changed': () => 'Password changed',
    'address.changed': () => 'Email address changed',
    'notice-address.added': () => 'A second address for notices was added',
    'notice-address.removed': () => 'The second address for notices was removed',
    'hold.ended': () => 'Codes by email are enough for the stronger sign-in again',
    'account.reported': () => 'You said that it was not you, and we stopped it',
    'account.downloaded': () => 'You downloaded your data',
    'account.deletion-asked': () => 'You asked for your account to be deleted',
    'account.deletion-taken-back': () => 'You took back the deletion of your account',
    'account.deleted': () => 'The account has been deleted',
    'account.signed-up': () => 'You made your account',
    'account.activated': () => 'A password was set with a code from the operator',
    'account.held': () => 'The operator stopped changes in your account',
    'recovery.code-issued': () => 'The operator issued a code to set a new password with',
    'method.removed-by-operator': ({ method }) => `The operator removed a way to confirm: ${method}`,
    'desk-check.recorded': () => 'You showed at the help desk who you are',
    'account.added': () => 'The operator made your account',
    'account.enabled': () => 'The operator enabled your account',
    'account.disabled': () => 'The operator disabled your account',
    'account.sessions-ended': () => 'The operator signed you out everywhere',
    'password.set': () => 'The operator set a new password',
  },
};

export const texts = { hu, en };

/** Events that never concern a person: services', keys' and the records' own. */
export const nobodys = /^(client|registration|keys|records|accounts)\./;
