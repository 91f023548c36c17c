import { pageTexts as code } from '../../mailed-code/texts.ts';

const hu = {
  title: 'E-mail-címek',
  about: 'Az e-mail-cím megváltoztatása, második cím az értesítésekhez',
  back: 'Vissza a fiókomhoz',
  doneHeading: 'Megtörtént a változtatás',
  list: {
    heading: 'E-mail-címek',
    now: 'Kódok és értesítések ide mennek',
    none: 'nincs',
    second: 'Értesítések ide is mennek',
    change: 'Új e-mail-cím',
    worth: (hours: string) =>
      `Ha most csak a jelszavával és e-mailben kapott kóddal igazolta magát, az új címre küldött kódok ${hours} nem lesznek elegendők az erősebb azonosításhoz. Hamarabb is azok lesznek, ha jelszavával és egy saját módszerrel belép, és itt megerősíti, hogy a cím az Öné. A korábbi címére értesítést küldünk: abból a változás addig visszavonható.`,
    openHeading: 'Az Öné ez a cím?',
    open: (former: string) =>
      `A fiókja címe nemrég változott meg; előtte ez volt: ${former}. Amíg nem tudjuk, hogy Ön változtatta-e meg, a korábbi cím visszaállítható, és az e-mailben küldött kódok nem elegendők az erősebb azonosításhoz.`,
    confirm: 'Ez az én címem',
    confirmHow:
      'Ha az Öné, jelentkezzen ki, jelentkezzen be a jelszavával és egy régebben beállított saját módszerével, és erősítse meg itt.',
    notMine: 'Nem én változtattam meg',
    email: 'Új e-mail-cím',
    submit: 'Kódot kérek az új címre',
    secondHeading: 'Második cím az értesítésekhez',
    secondAbout:
      'Ha a fiókjával valami történik, erre a címre is szólunk. Kódot ide nem küldünk. Olyan címet adjon meg, amelyet az elsőtől függetlenül ér el. Ha van már ilyen címe, annak a cseréje vagy törlése ugyanolyan következményekkel jár, mint az elsőé.',
    notice: 'Második cím',
    secondSubmit: 'Kódot kérek a második címre',
    remove: 'Törlöm a második címet',
    missing: 'Írja be az e-mail-címet.',
    malformed: 'Ez nem e-mail-cím. Ellenőrizze: valaki@pelda.hu.',
    same: 'Ez már a címe.',
    tooMany: 'Ma már túl sok kódot kért, vagy erre a címre kértek túl sokat. Próbálja meg holnap.',
    changed: 'A fiókja közben megváltozott, ezért a címet nem állítottuk be. Kezdje újra.',
    done: {
      email: 'Beállítottuk az új e-mail-címét. Minden címére, a korábbira is, értesítést küldtünk.',
      held: 'A változás megtörtént. Az e-mailben küldött kódok egy ideig nem elegendők az erősebb azonosításhoz: a részletek az értesítésben vannak, amelyet minden címére, a korábbira is elküldtünk.',
      added: 'Beállítottuk a második címét.',
      removed: 'A második címet töröltük. Erről oda is értesítést küldtünk.',
      confirmed:
        'Megerősítette, hogy a cím az Öné. Az e-mailben küldött kódok újra elegendők az erősebb azonosításhoz.',
    },
  },
  code: {
    ...code.hu,
    why: 'Hogy biztosan az Öné legyen a cím, kódot küldtünk rá.',
    sentTo: 'A kódot ide küldjük',
    spam: 'Várjon néhány percet, és nézze meg a levélszemét (spam) mappát is.',
    typo: 'Lehet, hogy elírta a címet: adja meg újra.',
    again: 'Másik cím vagy új kód',
    expired: 'A kód lejárt, vagy már nem használható. Kérjen újat.',
    spent: 'Túl sokszor adott meg hibás kódot. Kérjen új kódot.',
  },
};

const en: typeof hu = {
  title: 'Email addresses',
  about: 'Change your email address, or add a second one for notices',
  back: 'Back to my account',
  doneHeading: 'The change has been made',
  list: {
    heading: 'Email addresses',
    now: 'Codes and notices go to',
    none: 'none',
    second: 'Notices go to this one too',
    change: 'New email address',
    worth: (hours) =>
      `If you have just proven who you are with your password and a code by email alone, codes to the new address will not be enough for the stronger sign-in ${hours}. They will be sooner if you sign in with your password and a method of your own, and confirm here that the address is yours. We write to your old address: with that email the change can be undone until then.`,
    openHeading: 'Is this address yours?',
    open: (former) =>
      `The address of your account was changed lately; it was this one before: ${former}. As long as we do not know whether that was you, the old address can be brought back, and codes by email are not enough for the stronger sign-in.`,
    confirm: 'This is my address',
    confirmHow:
      'If it is yours, sign out, sign in with your password and a method of your own that you set up some time ago, and confirm it here.',
    notMine: 'It was not me who changed it',
    email: 'New email address',
    submit: 'Send a code to the new address',
    secondHeading: 'A second address for notices',
    secondAbout:
      'If something happens to your account, we tell this address as well. No codes go there. Give one that you reach independently of the first. If you have one already, changing or removing it means the same as for the first.',
    notice: 'Second address',
    secondSubmit: 'Send a code to the second address',
    remove: 'Remove the second address',
    missing: 'Enter the email address.',
    malformed: 'This is not an email address. Check it: somebody@example.org.',
    same: 'This is your address already.',
    tooMany: 'You have asked for too many codes today, or too many have been asked for to this address. Try tomorrow.',
    changed: 'Your account has changed meanwhile, so the address was not set. Start again.',
    done: {
      email: 'The new email address works. We have told all your addresses, the old one too.',
      held: 'The change has been made. Codes by email are not enough for the stronger sign-in for some time: the details are in the notice that we have sent to all your addresses, the old one too.',
      added: 'The second address works.',
      removed: 'The second address has been removed. We have told it so.',
      confirmed:
        'You have confirmed that the address is yours. Codes by email are enough for the stronger sign-in again.',
    },
  },
  code: {
    ...code.en,
    why: 'To be sure that the address is yours, we have sent a code there.',
    sentTo: 'The code goes to',
    spam: 'Wait a few minutes, and look in your spam or junk folder too.',
    typo: 'You may have mistyped the address: enter it again.',
    again: 'Another address, or a new code',
    expired: 'The code has expired, or cannot be used any more. Ask for a new one.',
    spent: 'A wrong code was entered too many times. Ask for a new code.',
  },
};

export const texts = { hu, en };
