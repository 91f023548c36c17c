const hu = {
  methodTitle: 'Hitelesítő alkalmazás',
  about: 'A telefonján egy alkalmazás 30 másodpercenként új kódot mutat. Térerő és e-mail nélkül is működik.',
  heading: 'Írja be az alkalmazás kódját',
  why: 'Ez a szolgáltatás a jelszón kívül egy kódot is kér, hogy az adatai akkor is védve legyenek, ha valaki más megtudta a jelszavát.',
  code: 'Kód',
  hint: (digits: number) => `${digits} számjegy a telefonján lévő hitelesítő alkalmazásból.`,
  neverShare: 'A kódot soha ne mondja el és ne küldje el senkinek. Munkatársaink sem kérik el Öntől.',
  submit: 'Megerősítés',
  trouble: 'Nem fogadjuk el a kódot, vagy nincs Önnél a telefonja?',
  newest: 'Azt a kódot írja be, amelyet az alkalmazás éppen mutat. Minden kód csak egyszer használható.',
  clock:
    'A telefon órája legfeljebb fél percet téveszthet: kapcsolja be a telefonon a pontos idő automatikus beállítását.',
  lost: 'Ha elveszett vagy nincs Önnél a telefonja, válasszon a lap alján a többi lehetőség közül.',
  lostAlone: (operator: string) => `Ha elveszett a telefonja, forduljon az üzemeltetőhöz: ${operator}.`,
  decline: 'Továbblépés kód nélkül',
  problem: {
    missing: 'Írja be a kódot.',
    malformed: (digits: number) => `A kód ${digits} számjegyből áll. Ellenőrizze, és írja be újra.`,
    wrong: 'A kód nem megfelelő. Írja be azt, amelyet az alkalmazás most mutat.',
    wrongClock:
      'A kód megint nem megfelelő. Lehet, hogy a telefon órája nem jár pontosan: kapcsolja be rajta az automatikus időbeállítást, aztán írja be az új kódot.',
    used: 'Ezt a kódot már felhasználták. Várja meg, amíg az alkalmazás újat mutat, és azt írja be.',
    tooMany: (minutes: number) => `Túl sok hibás kódot adtak meg. Próbálja újra ${minutes} perc múlva.`,
    guarded:
      'Ehhez a fiókhoz sok helyről adtak meg hibás kódot, ezért itt az alkalmazás kódja most nem használható. Ahol már megadta, ott most is elfogadjuk; itt más módot választhat.',
    unusable: 'Ezt az alkalmazást most nem tudjuk ellenőrizni. Válasszon más módot.',
  },
  setup: {
    heading: 'Hitelesítő alkalmazás beállítása',
    replaces: 'Már van beállított alkalmazása. Ha most újat állít be, a régi kódjait többé nem fogadjuk el.',
    install: 'Telepítsen a telefonjára egy hitelesítő alkalmazást, ha még nincs rajta. Bármelyik megfelel.',
    scan: 'Az alkalmazásban adjon hozzá új fiókot, és olvassa be vele ezt a képet.',
    picture: 'QR-kód a hitelesítő alkalmazás beállításához',
    open: 'Ezen a készüléken van az alkalmazás: megnyitom',
    byHand: 'Nem tudja beolvasni? Írja be kézzel',
    key: 'Kulcs',
    account: 'Fiók',
    kind: 'A kódok időalapúak, 6 számjegyűek, és 30 másodpercenként változnak.',
    give: 'Írja be a kódot, amelyet az alkalmazás mutat.',
    code: 'Kód',
    hint: (digits: number) => `${digits} számjegy az alkalmazásból.`,
    neverShare: 'A képet és a kulcsot ne mutassa meg senkinek: aki ismeri, az Ön kódjait látja.',
    submit: 'Beállítás',
    problem: {
      missing: 'Írja be a kódot, amelyet az alkalmazás mutat.',
      malformed: (digits: number) => `A kód ${digits} számjegyből áll. Ellenőrizze, és írja be újra.`,
      wrong:
        'A kód nem megfelelő. Az új fiók kódját írja be, amelyet most mutat az alkalmazás, és nézze meg, pontosan jár-e a telefon órája.',
      expired: 'A beállítás ideje lejárt, ezért új képet mutatunk. Olvassa be ezt.',
    },
  },
};

const en: typeof hu = {
  methodTitle: 'Authenticator app',
  about: 'An app on your phone shows a new code every 30 seconds. It works without a signal and without email.',
  heading: 'Enter the code from your app',
  why: 'This service asks for a code as well as your password, so that your data is safe even if somebody else has learnt your password.',
  code: 'Code',
  hint: (digits) => `${digits} digits from the authenticator app on your phone.`,
  neverShare: 'Never tell or send this code to anyone. Our staff will never ask you for it.',
  submit: 'Confirm',
  trouble: 'Is the code not accepted, or do you not have your phone?',
  newest: 'Enter the code that the app shows right now. Each code works only once.',
  clock: 'The clock of the phone may be wrong by half a minute at most: let the phone set its time by itself.',
  lost: 'If your phone is lost or not with you, choose one of the other ways at the end of this page.',
  lostAlone: (operator) => `If your phone is lost, ask the operator for help: ${operator}.`,
  decline: 'Go on without a code',
  problem: {
    missing: 'Enter the code.',
    malformed: (digits) => `The code has ${digits} digits. Check it and enter it again.`,
    wrong: 'The code is not right. Enter the one that the app shows now.',
    wrongClock:
      'The code is not right again. The clock of your phone may be wrong: let it set its time by itself, then enter the new code.',
    used: 'This code has been used already. Wait until the app shows a new one, and enter that.',
    tooMany: (minutes) =>
      `Too many wrong codes have been entered. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
    guarded:
      'Wrong codes have been entered for this account from many places, so the code of the app cannot be used here now. Where you have entered one before, it still works; here you can choose another way.',
    unusable: 'We cannot check this app at the moment. Choose another way.',
  },
  setup: {
    heading: 'Set up an authenticator app',
    replaces: 'You have an app already. If you set up a new one now, the codes of the old one will not work any more.',
    install: 'Install an authenticator app on your phone, if there is none yet. Any of them will do.',
    scan: 'In the app, add a new account and scan this picture with it.',
    picture: 'QR code to set up the authenticator app',
    open: 'The app is on this device: open it',
    byHand: 'Can you not scan it? Type it in',
    key: 'Key',
    account: 'Account',
    kind: 'The codes are time-based, have 6 digits, and change every 30 seconds.',
    give: 'Enter the code that the app shows.',
    code: 'Code',
    hint: (digits) => `${digits} digits from the app.`,
    neverShare: 'Do not show the picture or the key to anyone: whoever knows it sees your codes.',
    submit: 'Set up',
    problem: {
      missing: 'Enter the code that the app shows.',
      malformed: (digits) => `The code has ${digits} digits. Check it and enter it again.`,
      wrong:
        'The code is not right. Enter the code of the new account that the app shows now, and check that the clock of the phone is right.',
      expired: 'The time to set it up has run out, so here is a new picture. Scan this one.',
    },
  },
};

export const texts = { hu, en };
