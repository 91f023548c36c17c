/** What notices say, by what has happened. Each says what to do if it was not the person who reads it. */

import type { Settings } from '../../config/settings.ts';

/** What people are told of where the settings say so, by the setting's name. */
type Switched = Exclude<keyof Settings['notices'], 'lookEvery'>;

/** What people are told of in any case: that they hear of it, and can stop it, is what makes it safe (docs/decisions/023). */
type Always =
  | 'passwordReset'
  | 'passwordChanged'
  | 'emailChanged'
  | 'noticeEmailAdded'
  | 'noticeEmailChanged'
  | 'noticeEmailRemoved'
  | 'accountReported'
  | 'holdEnded'
  | 'methodAdded'
  | 'methodRemoved'
  | 'deletionAsked'
  | 'deletionTakenBack'
  | 'activation'
  | 'codeIssued'
  | 'passwordByCode'
  | 'deskChecked'
  | 'welcome';

export type NoticeKind = Switched | Always;

interface Words {
  heading: string;
  /**
   * `operator` has done it, or it was done on the way to `service`; `address` is masked; `until` is when a hold ends, empty for one
   * without an end; `method` is what the choice page calls it; so many codes are `left`.
   */
  what(names: {
    operator: string;
    service: string;
    address: string;
    until: string;
    method: string;
    left: string;
    /** The hold stands on a change of address, which its person can confirm. */
    byAddress: string;
    /** The address from now on, masked, where an operator has changed it; 'none' where there is none. */
    mailbox: string;
    /** Of activations alone: the account's, the code, and where to use it. */
    username: string;
    code: string;
    startAt: string;
  }): string;
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
  /** Before the link that stops what has happened. */
  stop: string;
  automatic: string;
  kinds: Record<NoticeKind, Words>;
}

const heldHu = (until: string) =>
  `Biztonsági okból az e-mailben küldött kódok az erősebb azonosításhoz nem elegendők ${until ? `a következő időpontig: ${until}, vagy addig` : 'addig'}, amíg a jelszava mellett egy saját módszerével is nem igazolja magát.`;
const heldEn = (until: string) =>
  `To keep you safe, codes by email are not enough for the stronger sign-in until ${until ? `${until}, or until ` : ''}you prove who you are with your password and a method of your own.`;

const openHu = (until: string) =>
  `Biztonsági okból az e-mailben küldött kódok az erősebb azonosításhoz nem elegendők eddig: ${until}; vagy addig, amíg a Fiókom oldalon, a jelszavával és egy saját módszerével igazolva magát, meg nem erősíti, hogy a cím az Öné.`;
const openEn = (until: string) =>
  `To keep you safe, codes by email are not enough for the stronger sign-in until ${until}, or until you prove who you are with your password and a method of your own, and confirm in My account that the address is yours.`;

const takenHu = (...taken: string[]) =>
  taken.some(Boolean)
    ? `Töröltük, ami az utóbbi napokban került a fiókjába, mert nem tudjuk, hogy Ön állította-e be: ${taken.filter(Boolean).join(', ')}.`
    : '';
const takenEn = (...taken: string[]) =>
  taken.some(Boolean)
    ? `What was added to your account in the last few days has been removed, because we cannot tell whether that was you: ${taken.filter(Boolean).join(', ')}.`
    : '';

const mailboxHu = (mailbox: string) =>
  mailbox === 'none'
    ? 'A fiókjának mostantól nincs e-mail-címe.'
    : `Az e-mailben küldött kódok újra elegendők az erősebb azonosításhoz.${mailbox && ` A fiókja e-mail-címe mostantól: ${mailbox}.`}`;
const mailboxEn = (mailbox: string) =>
  mailbox === 'none'
    ? 'Your account has no email address from now on.'
    : `Codes by email are enough for the stronger sign-in again.${mailbox && ` The email address of your account from now on: ${mailbox}.`}`;

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
  stop: 'Ha nem Ön volt, állítsa meg ezen a címen. Nem kell hozzá bejelentkeznie:',
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
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más tudja a jelszavát, vagy nála van egy eszköze: jelentkezzen be a fiókjába, jelezze a Tevékenység oldalon, hogy nem Ön volt, és változtassa meg a jelszavát. Ha nem tud belépni, forduljon azonnal az ügyfélszolgálathoz.',
    },
    codesRefused: {
      heading: 'Hibás kódok a jelszava után',
      what: ({ service }) =>
        `Valaki helyesen adta meg az Ön felhasználónevét és jelszavát, majd annyiszor írt be hibás kódot, hogy nem próbálkozhat tovább. A szolgáltatás, amelybe bejelentkezett volna: ${service}.`,
      notYou:
        'Ha Ön volt, kezdje újra a bejelentkezést. Ha nem Ön volt, valaki más tudja a jelszavát: változtassa meg azonnal a fiókjában, vagy forduljon az ügyfélszolgálathoz.',
    },
    passkeyCopied: {
      heading: 'Lehet, hogy lemásolták egy azonosítókulcsát',
      what: ({ service }) =>
        `Egy azonosítókulcsát (passkey) úgy használták, mintha másolat volna róla, ezért visszautasítottuk. A szolgáltatás, amelybe bejelentkeztek volna: ${service}.`,
      notYou:
        'Jelentkezzen be más módon, távolítsa el ezt az azonosítókulcsot a fiókjából, és hozzon létre másikat. Ha nem Ön próbált bejelentkezni, forduljon azonnal az ügyfélszolgálathoz is.',
    },
    passwordReset: {
      heading: 'Új jelszót állítottak be a fiókjához',
      what: ({ until }) =>
        `Az Ön e-mail-címére küldött kóddal új jelszót állítottak be a fiókjához. A korábbi jelszó már nem érvényes, és mindenhonnan kijelentkeztettük. ${heldHu(until)}`,
      notYou: 'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki hozzáfér a leveleihez: állítsa meg most.',
    },
    passwordChanged: {
      heading: 'Megváltozott a jelszava',
      what: () => 'A fiókjában, bejelentkezve, a korábbi jelszó megadása után új jelszót állítottak be.',
      notYou:
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más tudta a jelszavát: forduljon azonnal az ügyfélszolgálathoz.',
    },
    emailChanged: {
      heading: 'Megváltozott az e-mail-címe',
      what: ({ address, until, byAddress }) =>
        `A fiókjához új e-mail-címet adtak meg: ${address}. A kódokat és az értesítéseket ezután oda küldjük. ${until && (byAddress ? openHu : heldHu)(until)}`.trim(),
      notYou: 'Ha Ön volt, nincs teendője. Ha nem Ön volt, állítsa meg most: akkor a korábbi címe lesz újra érvényes.',
    },
    noticeEmailAdded: {
      heading: 'Második cím az értesítésekhez',
      what: ({ address }) => `A fiókjához második címet adtak meg, amelyre az értesítéseket is elküldjük: ${address}.`,
      notYou: 'Ha Ön volt, nincs teendője. Ha nem Ön volt, állítsa meg most: akkor töröljük a címet.',
    },
    noticeEmailChanged: {
      heading: 'Megváltozott az értesítések második címe',
      what: ({ address, until }) =>
        `A fiókjához másik második címet adtak meg, az értesítéseket ezután oda küldjük: ${address}. A korábbi második címre nem küldünk többet. ${until && heldHu(until)}`.trim(),
      notYou: 'Ha Ön volt, nincs teendője. Ha nem Ön volt, állítsa meg most: akkor töröljük az új címet.',
    },
    noticeEmailRemoved: {
      heading: 'Törölték az értesítések második címét',
      what: ({ address, until }) =>
        `Erre a címre nem küldünk több értesítést a fiókjáról: ${address}. ${until && heldHu(until)}`.trim(),
      notYou:
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más fér hozzá a fiókjához: állítsa meg, vagy forduljon azonnal az ügyfélszolgálathoz.',
    },
    accountReported: {
      heading: 'Megállítottuk a változásokat a fiókjában',
      what: ({ method, address }) =>
        `Azt jelezték, hogy a fiókjában nem Ön járt. Mindenhonnan kijelentkeztettük, a cím változását visszavontuk, és az e-mailben küldött kódok addig nem elegendők az erősebb azonosításhoz, amíg a jelszava mellett mással is nem igazolja magát. ${takenHu(method, address)}`.trim(),
      notYou:
        'Ha még be tud jelentkezni, változtassa meg a jelszavát. Ha nem tud, vagy nincs más módja az igazolásra, forduljon az ügyfélszolgálathoz.',
    },
    deletionAsked: {
      heading: 'Törölni fogjuk a fiókját',
      what: ({ until }) =>
        `A fiókjában, bejelentkezve, a fiók törlését kérték. Ekkor töröljük: ${until}. Mindenhonnan kijelentkeztettük.`,
      notYou:
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, vagy meggondolta magát, jelentkezzen be addig a Fiókom oldalra, vonja vissza, és változtassa meg a jelszavát.',
    },
    deletionTakenBack: {
      heading: 'A fiókja megmarad',
      what: () => 'A fiókjában, bejelentkezve, visszavonták a fiók törlését.',
      notYou: 'Ha Ön volt, nincs teendője. Ha nem Ön volt, forduljon azonnal az ügyfélszolgálathoz.',
    },
    methodAdded: {
      heading: 'Új igazolási módot állítottak be',
      what: ({ method, until }) =>
        `A fiókjában új módot állítottak be, amellyel a jelszava mellett igazolhatja magát: ${method}. ${until && heldHu(until)}`.trim(),
      notYou: 'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más fér hozzá a fiókjához: állítsa meg most.',
    },
    activation: {
      heading: 'Így állíthat be jelszót a fiókjához',
      what: ({ operator, username, code, startAt }) =>
        `Az üzemeltető (${operator}) kódot küld Önnek, amellyel jelszót választhat. Felhasználóneve: ${username}. Kódja: ${code}. Nyissa meg ezt a címet: ${startAt}. Ott válassza ezt: „Kódot kaptam a fiókomhoz”. A kód egyszer használható. Senkinek ne adja oda: munkatársaink sem kérik el.`,
      notYou: 'Ha nem várt ilyen levelet, ne használja a kódot, és jelezze az ügyfélszolgálatnak.',
    },
    codeIssued: {
      heading: 'Kódot adtunk ki a fiókjához',
      what: ({ operator }) =>
        `Az üzemeltető (${operator}) kódot adott ki, amellyel új jelszó állítható be az Ön fiókjához. Amíg a kódot fel nem használják, a mostani jelszava érvényes marad.`,
      notYou: 'Ha nem Ön kérte, forduljon azonnal az ügyfélszolgálathoz: lehet, hogy valaki az Ön nevében járt el.',
    },
    passwordByCode: {
      heading: 'Új jelszót állítottak be a fiókjához',
      what: ({ operator }) =>
        `Az üzemeltetőtől (${operator}) kapott kóddal új jelszót állítottak be a fiókjához. A korábbi jelszó már nem érvényes, és mindenhonnan kijelentkeztettük.`,
      notYou:
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más jutott hozzá a kódjához: forduljon azonnal az ügyfélszolgálathoz.',
    },
    deskChecked: {
      heading: 'Személyesen igazolta magát',
      what: ({ operator, method, address, mailbox }) =>
        `Az üzemeltetőnél (${operator}) feljegyezték, hogy Ön személyesen igazolta magát. A korábbi jelszó már nem érvényes, mindenhonnan kijelentkeztettük, és az ott kapott kóddal új jelszót választhat. ${mailboxHu(mailbox)} ${takenHu(method, address)}`.trim(),
      notYou: 'Ha nem Ön volt, forduljon azonnal az ügyfélszolgálathoz: valaki az Ön nevében járt el.',
    },
    welcome: {
      heading: 'Elkészült a fiókja',
      what: ({ username }) =>
        `Fiókot hoztak létre ezzel az e-mail-címmel. A felhasználónév: ${username}. Az e-mail-címet kóddal erősítették meg.`,
      notYou: 'Ha nem Ön hozta létre, valaki hozzáfér a leveleihez: jelezze az ügyfélszolgálatnak.',
    },
    methodRemoved: {
      heading: 'Töröltek egy igazolási módot',
      what: ({ method, until }) =>
        `A fiókjából töröltek egy módot, amellyel a jelszava mellett igazolhatta magát: ${method}. ${until && heldHu(until)}`.trim(),
      notYou:
        'Ha Ön volt, nincs teendője. Ha nem Ön volt, valaki más fér hozzá a fiókjához: állítsa meg, vagy forduljon azonnal az ügyfélszolgálathoz.',
    },
    holdEnded: {
      heading: 'Újra használhatja az e-mailben küldött kódokat',
      what: ({ address }) =>
        `A jelszavával és egy saját módszerével is igazolta magát, ${address && `és megerősítette, hogy a fiókja új címe az Öné: ${address}, `}ezért az e-mailben küldött kódok újra elegendők az erősebb azonosításhoz.`,
      notYou: 'Ha nem Ön volt, forduljon azonnal az ügyfélszolgálathoz.',
    },
    recoveryCodeUsed: {
      heading: 'Felhasználtak egy tartalékkódot',
      what: ({ service, left }) =>
        `A jelszava után valaki az Ön egyik tartalékkódját adta meg, így az többé nem használható. A szolgáltatás, amelybe bejelentkezett: ${service}. Még ${left} felhasználatlan kódja van.`,
      notYou:
        'Ha Ön volt, nincs teendője; ha kevés kódja maradt, készítsen újakat. Ha nem Ön volt, valaki más tudja a jelszavát, és a kódjai is nála vannak: forduljon azonnal az ügyfélszolgálathoz.',
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
  stop: 'If it was not you, stop it at this address. You do not have to sign in:',
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
        `Your username and password, or one of your passkeys, were used in a browser that we do not know yet. The service that was signed in to: ${service}.`,
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else knows your password or has one of your devices: sign in to your account, say on the page Activity that it was not you, and change your password. If you cannot get in, tell the help desk at once.',
    },
    codesRefused: {
      heading: 'Wrong codes after your password',
      what: ({ service }) =>
        `Somebody gave your username and password correctly, and then wrong codes until there were no tries left. The service that they wanted to sign in to: ${service}.`,
      notYou:
        'If it was you, start signing in again. If it was not you, somebody else knows your password: change it in your account at once, or tell the help desk.',
    },
    passkeyCopied: {
      heading: 'One of your passkeys may have been copied',
      what: ({ service }) =>
        `One of your passkeys was used as if there were a copy of it, so we refused it. The service that was to be signed in to: ${service}.`,
      notYou:
        'Sign in in another way, remove this passkey from your account, and create another one. If it was not you who tried to sign in, tell the help desk at once as well.',
    },
    passwordReset: {
      heading: 'A new password has been set for your account',
      what: ({ until }) =>
        `A new password has been set for your account with a code that was sent to your email address. The old one does not work any more, and you have been signed out everywhere. ${heldEn(until)}`,
      notYou: 'If it was you, there is nothing to do. If it was not you, somebody can read your email: stop it now.',
    },
    passwordChanged: {
      heading: 'Your password has been changed',
      what: () => 'A new password has been set in your account, by somebody who was signed in and gave the old one.',
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else knew your password: tell the help desk at once.',
    },
    emailChanged: {
      heading: 'Your email address has been changed',
      what: ({ address, until, byAddress }) =>
        `A new email address has been given for your account: ${address}. Codes and notices go there from now on. ${until && (byAddress ? openEn : heldEn)(until)}`.trim(),
      notYou:
        'If it was you, there is nothing to do. If it was not you, stop it now: your old address will be the address of your account again.',
    },
    noticeEmailAdded: {
      heading: 'A second address for notices',
      what: ({ address }) =>
        `A second address has been given for your account, which notices go to as well: ${address}.`,
      notYou: 'If it was you, there is nothing to do. If it was not you, stop it now: the address is removed then.',
    },
    noticeEmailChanged: {
      heading: 'The second address for notices has been changed',
      what: ({ address, until }) =>
        `Another second address has been given for your account, and notices go there from now on: ${address}. The second address of before gets no more. ${until && heldEn(until)}`.trim(),
      notYou: 'If it was you, there is nothing to do. If it was not you, stop it now: the new address is removed then.',
    },
    noticeEmailRemoved: {
      heading: 'The second address for notices has been removed',
      what: ({ address, until }) =>
        `We will send no more notices of your account to this address: ${address}. ${until && heldEn(until)}`.trim(),
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else can get into your account: stop it, or tell the help desk at once.',
    },
    accountReported: {
      heading: 'Changes to your account have been stopped',
      what: ({ method, address }) =>
        `Somebody has told us that it was not you who used your account. You have been signed out everywhere, a change of address has been undone, and codes by email are not enough for the stronger sign-in until you prove who you are with your password and something else. ${takenEn(method, address)}`.trim(),
      notYou:
        'If you can still sign in, change your password. If you cannot, or have no other way to prove who you are, tell the help desk.',
    },
    deletionAsked: {
      heading: 'Your account will be deleted',
      what: ({ until }) =>
        `Somebody who is signed in to your account has asked for it to be deleted. This will be at: ${until}. You have been signed out everywhere.`,
      notYou:
        'If it was you, there is nothing to do. If it was not you, or you have changed your mind, sign in to My account before, take it back, and change your password.',
    },
    deletionTakenBack: {
      heading: 'You keep your account',
      what: () => 'Somebody who is signed in to your account has taken its deletion back.',
      notYou: 'If it was you, there is nothing to do. If it was not you, tell the help desk at once.',
    },
    methodAdded: {
      heading: 'A new way to confirm it is you',
      what: ({ method, until }) =>
        `A way to confirm it is you, beside your password, has been set up in your account: ${method}. ${until && heldEn(until)}`.trim(),
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else can get into your account: stop it now.',
    },
    activation: {
      heading: 'How to set a password for your account',
      what: ({ operator, username, code, startAt }) =>
        `The operator (${operator}) sends you a code with which you can choose a password. Your username: ${username}. Your code: ${code}. Open this address: ${startAt}. There choose “I have a code for my account”. The code works once. Give it to nobody: our staff will never ask you for it.`,
      notYou: 'If you did not expect this email, do not use the code, and tell the help desk.',
    },
    codeIssued: {
      heading: 'A code for your account has been issued',
      what: ({ operator }) =>
        `The operator (${operator}) has issued a code with which a new password can be set for your account. Until the code is used, your password stays as it is.`,
      notYou: 'If you did not ask for it, tell the help desk at once: somebody may have acted in your name.',
    },
    passwordByCode: {
      heading: 'A new password has been set for your account',
      what: ({ operator }) =>
        `A new password has been set for your account with a code from the operator (${operator}). The old one does not work any more, and you have been signed out everywhere.`,
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else has got hold of your code: tell the help desk at once.',
    },
    deskChecked: {
      heading: 'You have shown who you are in person',
      what: ({ operator, method, address, mailbox }) =>
        `The operator (${operator}) has noted that you have shown who you are in person. The old password does not work any more, you have been signed out everywhere, and you can choose a new password with the code that you were given there. ${mailboxEn(mailbox)} ${takenEn(method, address)}`.trim(),
      notYou: 'If it was not you, tell the help desk at once: somebody has acted in your name.',
    },
    welcome: {
      heading: 'Your account is ready',
      what: ({ username }) =>
        `An account has been made with this email address. The username: ${username}. The address was confirmed with a code.`,
      notYou: 'If you did not make it, somebody can read your email: tell the help desk.',
    },
    methodRemoved: {
      heading: 'A way to confirm it is you has been removed',
      what: ({ method, until }) =>
        `A way to confirm it is you, beside your password, has been removed from your account: ${method}. ${until && heldEn(until)}`.trim(),
      notYou:
        'If it was you, there is nothing to do. If it was not you, somebody else can get into your account: stop it, or tell the help desk at once.',
    },
    holdEnded: {
      heading: 'You can use codes by email again',
      what: ({ address }) =>
        `You have proven who you are with your password and a method of your own${address && `, and confirmed that the new address of your account is yours: ${address}`}, so codes by email are enough for the stronger sign-in again.`,
      notYou: 'If it was not you, tell the help desk at once.',
    },
    recoveryCodeUsed: {
      heading: 'A recovery code has been used',
      what: ({ service, left }) =>
        `After your password, somebody entered one of your recovery codes, which does not work any more. The service that was signed in to: ${service}. You have ${left} unused ${left === '1' ? 'code' : 'codes'} left.`,
      notYou:
        'If it was you, there is nothing to do; if only a few codes are left, make new ones. If it was not you, somebody else knows your password and has your codes: tell the help desk at once.',
    },
  },
};

export const texts = { hu, en };

/** All that there are words for. */
export const noticeKinds = Object.keys(hu.kinds) as NoticeKind[];
