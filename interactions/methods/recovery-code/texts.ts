const hu = {
  methodTitle: 'Tartalékkód',
  about: 'Kinyomtatott kódok arra az esetre, ha elveszik a telefonja, vagy nem éri el a postafiókját.',
  leftInAll: (left: number, most: number) => `${most} kódból ${left} használható még`,
  heading: 'Írjon be egy tartalékkódot',
  why: 'Azokból a kódokból írjon be egyet, amelyeket korábban kinyomtatott vagy leírt. Minden kód csak egyszer használható.',
  left: (left: number) => `Most ${left} felhasználatlan kódja van.`,
  code: 'Tartalékkód',
  hint: '16 betű és számjegy, négyes csoportokban. A kötőjelek elhagyhatók.',
  neverShare: 'A kódot soha ne mondja el és ne küldje el senkinek. Munkatársaink sem kérik el Öntől.',
  submit: 'Megerősítés',
  decline: 'Továbblépés kód nélkül',
  problem: {
    missing: 'Írjon be egy tartalékkódot.',
    malformed: 'A tartalékkód 16 betűből és számjegyből áll. Ellenőrizze, és írja be újra.',
    wrong:
      'A kód nem megfelelő, vagy már felhasználta. Ellenőrizze, és írja be újra, vagy húzza ki, és írjon be egy másikat.',
    tooMany: (minutes: number) => `Túl sok hibás kódot adtak meg. Próbálja újra ${minutes} perc múlva.`,
  },
  setup: {
    heading: 'Tartalékkódok készítése',
    what: (codes: number) =>
      `${codes} kódot készítünk Önnek. A jelszava után mindegyikkel egyszer léphet be, amikor más módon nem tud kódot megadni.`,
    replaces: (left: number) =>
      `Van még ${left} felhasználatlan kódja. Ha újakat készít, a régieket többé nem fogadjuk el.`,
    ready:
      'A kódokat csak egyszer mutatjuk meg. Készítsen elő nyomtatót, vagy papírt és tollat, és olyan helyen készítse el őket, ahol más nem látja a képernyőt.',
    make: 'Elkészítem a kódokat',
    makeNew: 'Új kódokat készítek',
    problem: {
      shown: 'Ezeket a kódokat már megmutattuk, és újra nem tudjuk. Ha nincsenek meg Önnek, készítsen újakat.',
      changed: 'Közben megváltozott a fiókja, ezért nem készültek kódok. Próbálja újra.',
    },
    codesHeading: 'Az Ön tartalékkódjai',
    shownOnce: 'Nyomtassa ki ezt az oldalt, vagy írja le a kódokat most: többször nem mutatjuk meg őket.',
    where: 'Hol használhatók',
    username: 'Felhasználónév',
    made: 'Készült',
    use: 'Belépéskor a jelszó után válassza a tartalékkódot a többi lehetőség közül. Minden kód egyszer használható: amelyiket beírta, húzza ki.',
    keep: 'Ezt a lapot otthon, biztos helyen tartsa, és ne a jelszavával együtt. Ha elveszett, vagy más is láthatta, készítsen új kódokat.',
    done: 'Kinyomtattam vagy leírtam a kódokat',
  },
};

const en: typeof hu = {
  methodTitle: 'Recovery code',
  about: 'Printed codes, for when your phone is lost or you cannot get into your mailbox.',
  leftInAll: (left, most) => `${left} of ${most} codes can still be used`,
  heading: 'Enter a recovery code',
  why: 'Enter one of the codes that you printed or wrote down earlier. Each code works only once.',
  left: (left) => `You have ${left} unused ${left === 1 ? 'code' : 'codes'} now.`,
  code: 'Recovery code',
  hint: '16 letters and digits, in groups of four. You can leave out the hyphens.',
  neverShare: 'Never tell or send this code to anyone. Our staff will never ask you for it.',
  submit: 'Confirm',
  decline: 'Go on without a code',
  problem: {
    missing: 'Enter a recovery code.',
    malformed: 'A recovery code has 16 letters and digits. Check it and enter it again.',
    wrong:
      'The code is not right, or you have used it already. Check it and enter it again, or cross it out and enter another one.',
    tooMany: (minutes) =>
      `Too many wrong codes have been entered. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  },
  setup: {
    heading: 'Make recovery codes',
    what: (codes) =>
      `We make ${codes} codes for you. After your password, each of them lets you in once, when you have no other way to give a code.`,
    replaces: (left) =>
      `You still have ${left} unused ${left === 1 ? 'code' : 'codes'}. If you make new ones, the old ones will not work any more.`,
    ready:
      'We show the codes only once. Have a printer ready, or pen and paper, and make them where nobody else sees your screen.',
    make: 'Make the codes',
    makeNew: 'Make new codes',
    problem: {
      shown:
        'These codes have been shown already, and we cannot show them again. If you do not have them, make new ones.',
      changed: 'Your account has changed meanwhile, so no codes were made. Try again.',
    },
    codesHeading: 'Your recovery codes',
    shownOnce: 'Print this page or write the codes down now: they are not shown again.',
    where: 'Where they work',
    username: 'Username',
    made: 'Made',
    use: 'When you sign in, choose the recovery code among the other ways after your password. Each code works once: cross out the one that you have used.',
    keep: 'Keep this sheet in a safe place at home, and not with your password. If it is lost, or somebody else may have seen it, make new codes.',
    done: 'I have printed or written down the codes',
  },
};

export const texts = { hu, en };
