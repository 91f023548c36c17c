const hu = {
  methodTitle: 'Azonosítókulcs (passkey)',
  heading: 'Bejelentkezés azonosítókulccsal',
  why: 'Az azonosítókulcsot (passkey, más néven jelkulcs) a telefonja, a számítógépe vagy egy biztonsági kulcs őrzi. Az eszköz ujjlenyomattal, arccal vagy PIN-kóddal ellenőrzi, hogy Ön az. Felhasználónév és jelszó nem kell.',
  whyKnown:
    'Igazolja magát egy azonosítókulccsal (passkey), amelyet ehhez a fiókhoz hozott létre. Az eszköz ujjlenyomattal, arccal vagy PIN-kóddal ellenőrzi, hogy Ön az.',
  noScript:
    'Az azonosítókulcs használatához JavaScript kell, és a böngészőjében ez ki van kapcsolva. Kapcsolja be, vagy válasszon az oldal alján másik módot.',
  submit: 'Azonosítókulcs használata',
  decline: 'Továbblépés azonosítókulcs nélkül',
  lost: 'Nincs kéznél az azonosítókulcsa?',
  otherDevice:
    'Ha a telefonján van, válassza a böngésző ablakában a másik eszköz használatát, és olvassa be a telefonjával a megjelenő kódot.',
  otherWays: 'Ha más módon is be tud jelentkezni, azt az oldal alján találja.',
  lostAll: (operator: string) =>
    `Ha minden eszközét elvesztette, és más mód sem maradt, forduljon az üzemeltetőhöz: ${operator}.`,
  said: {
    waiting: 'Kövesse az eszközén megjelenő lépéseket.',
    cancelled:
      'Nem használt azonosítókulcsot: megszakította, letelt az idő, vagy ezen az eszközön nincs ehhez az oldalhoz való kulcs. Próbálja újra, vagy válasszon másik módot.',
    unsupported:
      'Ez a böngésző nem tud azonosítókulcsot használni. Válasszon másik módot, vagy nyissa meg az oldalt másik böngészőben.',
    incapable:
      'Ez az eszköz nem tud azonosítókulcsot létrehozni. Állítson be rajta képernyőzárat (ujjlenyomat, arc vagy PIN-kód), vagy használjon másik eszközt.',
    unusable: 'Az azonosítókulcs most nem használható ezen az eszközön. Próbálja újra, vagy válasszon másik módot.',
    unreachable: 'Nem sikerült elérni a kiszolgálót. Ellenőrizze az internetkapcsolatot, és próbálja újra.',
  },
  problem: {
    'no-script':
      'Az azonosítókulcs használatához bekapcsolt JavaScript és friss böngésző kell. Próbálja meg így, vagy válasszon másik módot.',
    expired: 'Letelt az idő. Próbálja újra.',
    refused:
      'Ezt az azonosítókulcsot itt nem tudjuk elfogadni. Lehet, hogy eltávolították, vagy egy másik fiókhoz tartozik. Használjon másikat, vagy válasszon másik módot.',
    copied:
      'Ezt az azonosítókulcsot nem fogadtuk el, mert úgy tűnik, hogy másolat készült róla. Jelentkezzen be más módon, távolítsa el a fiókjából, és hozzon létre másikat.',
    already: 'Ezen az eszközön már van azonosítókulcs. Másik eszközzel hozhat létre újat.',
  },
  tooMany: (minutes?: number) =>
    `Túl sok sikertelen próbálkozás történt. Próbálja újra ${minutes ? `${minutes} perc múlva` : 'később'}.`,
  places: { key: 'Biztonsági kulcs', phone: 'Telefon', device: 'Saját eszköz' },
  about:
    'Bejelentkezés ujjlenyomattal, arccal vagy PIN-kóddal, jelszó nélkül. Több eszközön is létrehozhat egyet-egyet.',
  kept: {
    synced: 'Szinkronizált: a jelszókezelője a többi eszközén is elérhetővé teszi.',
    syncable: 'Szinkronizálható, de most csak egy eszközön van meg.',
    bound: 'Csak azon az eszközön van meg, amelyen létrehozta.',
  },
  setUp: {
    heading: 'Azonosítókulcs létrehozása',
    what: 'Az azonosítókulccsal (passkey) jelszó nélkül jelentkezhet be: elég, ha az eszközén ujjlenyomattal, arccal vagy PIN-kóddal igazolja magát. Az adathalász oldalak nem tudják ellopni.',
    private: 'Az ujjlenyomata és az arcképe nem hagyja el az eszközt: mi nem kapjuk meg.',
    where:
      'Az eszköze kérdezheti meg, hol őrizze: a készüléken, a jelszókezelőjében (ilyenkor a többi eszközén is használhatja), vagy egy biztonsági kulcson.',
    several: (most: number) =>
      `Érdemes két eszközön is létrehoznia egyet, hogy az egyik elvesztése után is be tudjon lépni. Legfeljebb ${most} lehet.`,
    noScript:
      'Az azonosítókulcs létrehozásához JavaScript kell, és a böngészőjében ez ki van kapcsolva. Kapcsolja be, és töltse be újra az oldalt.',
    name: 'Az azonosítókulcs neve',
    nameHint: 'Erről ismeri majd meg a listában, például „Munkahelyi laptop”. Ha üresen hagyja, mi nevezzük el.',
    submit: 'Azonosítókulcs létrehozása',
    back: 'Mégsem',
    full: (most: number) =>
      `Már ${most} azonosítókulcsa van, többet nem hozhat létre. Előbb távolítson el egyet, amelyet nem használ.`,
    said: {
      cancelled: 'Nem jött létre azonosítókulcs: megszakította, vagy letelt az idő. Próbálja újra.',
      unsupported:
        'Ez a böngésző nem tud azonosítókulcsot létrehozni. Nyissa meg az oldalt másik böngészőben vagy eszközön.',
      unusable:
        'Most nem sikerült azonosítókulcsot létrehozni ezen az eszközön. Próbálja újra, vagy használjon másik eszközt.',
    },
    problem: {
      'no-script':
        'Az azonosítókulcs létrehozásához bekapcsolt JavaScript és friss böngésző kell. Próbálja meg így újra.',
      refused: 'Amit az eszköze küldött, azt nem tudjuk elfogadni. Próbálja újra, vagy használjon másik eszközt.',
    },
  },
};

const en: typeof hu = {
  methodTitle: 'Passkey',
  heading: 'Sign in with a passkey',
  why: 'A passkey is kept by your phone, your computer or a security key. The device makes sure that it is you by your fingerprint, your face or a PIN. You need no username and no password.',
  whyKnown:
    'Confirm that it is you with a passkey that you have created for this account. The device makes sure that it is you by your fingerprint, your face or a PIN.',
  noScript:
    'A passkey needs JavaScript, which is switched off in your browser. Switch it on, or choose another way at the end of this page.',
  submit: 'Use a passkey',
  decline: 'Go on without a passkey',
  lost: 'You do not have your passkey with you?',
  otherDevice:
    'If it is on your phone, choose to use another device in the window of your browser, and scan the code that appears with your phone.',
  otherWays: 'If you have another way to sign in, you find it at the end of this page.',
  lostAll: (operator) =>
    `If you have lost all your devices and no other way is left, ask the operator for help: ${operator}.`,
  said: {
    waiting: 'Follow the steps on your device.',
    cancelled:
      'No passkey was used: you cancelled, the time ran out, or this device has no passkey for this site. Try again, or choose another way.',
    unsupported: 'This browser cannot use passkeys. Choose another way, or open this page in another browser.',
    incapable:
      'This device cannot create a passkey. Set up a screen lock on it (fingerprint, face or PIN), or use another device.',
    unusable: 'Passkeys cannot be used on this device right now. Try again, or choose another way.',
    unreachable: 'We could not be reached. Check your internet connection and try again.',
  },
  problem: {
    'no-script': 'A passkey needs JavaScript and a recent browser. Try again with these, or choose another way.',
    expired: 'The time ran out. Try again.',
    refused:
      'We cannot accept this passkey here. It may have been removed, or belong to another account. Use another one, or choose another way.',
    copied:
      'We did not accept this passkey, because it looks as if there were a copy of it. Sign in in another way, remove it from your account, and create another one.',
    already: 'There is a passkey on this device already. Use another device to create a new one.',
  },
  tooMany: (minutes) =>
    `There have been too many failed attempts. Try again ${minutes ? `in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}` : 'later'}.`,
  places: { key: 'Security key', phone: 'Phone', device: 'Own device' },
  about:
    'Sign in with your fingerprint, your face or a PIN, without a password. You can create one on each of your devices.',
  kept: {
    synced: 'Synced: your password manager makes it available on your other devices.',
    syncable: 'It can be synced, but is on one device only at present.',
    bound: 'It is only on the device that it was created on.',
  },
  setUp: {
    heading: 'Create a passkey',
    what: 'With a passkey you sign in without a password: it is enough to confirm that it is you on your device, by your fingerprint, your face or a PIN. Fake websites cannot steal it.',
    private: 'Your fingerprint and your face never leave the device: we do not get them.',
    where:
      'Your device may ask where to keep it: on the device itself, in your password manager (you can then use it on your other devices too), or on a security key.',
    several: (most) =>
      `It is a good idea to create one on two devices, so that you can still sign in after losing one of them. You can have up to ${most}.`,
    noScript:
      'Creating a passkey needs JavaScript, which is switched off in your browser. Switch it on and load this page again.',
    name: 'Name of the passkey',
    nameHint:
      'You will recognise it in the list by this, for example “Laptop at work”. If you leave it empty, we give it a name.',
    submit: 'Create a passkey',
    back: 'Cancel',
    full: (most) => `You have ${most} passkeys already and cannot create more. First remove one that you do not use.`,
    said: {
      cancelled: 'No passkey was created: you cancelled, or the time ran out. Try again.',
      unsupported: 'This browser cannot create passkeys. Open this page in another browser or on another device.',
      unusable: 'No passkey could be created on this device right now. Try again, or use another device.',
    },
    problem: {
      'no-script': 'Creating a passkey needs JavaScript and a recent browser. Try again with these.',
      refused: 'We cannot accept what your device sent. Try again, or use another device.',
    },
  },
};

export const texts = { hu, en };
