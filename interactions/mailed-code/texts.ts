/** What the mail that carries a code says, and what pages say that ask for it. */

const hu = {
  subject: (deployment: string, reference: string) => `${deployment}: kód a bejelentkezéshez (azonosító: ${reference})`,
  heading: 'Kód a bejelentkezéshez',
  greeting: 'Tisztelt Felhasználó!',
  intro: (service: string) => `Ezzel a kóddal tudja befejezni a bejelentkezést a következő szolgáltatásba: ${service}.`,
  life: (minutes: number) => `A kód ${minutes} percig érvényes, és egyszer használható.`,
  reference: 'A levél azonosítója, amelyet az oldalon is lát:',
  neverShare: 'A kódot soha ne mondja el és ne küldje el senkinek. Munkatársaink sem kérik el Öntől.',
  notYou:
    'Ha nem Ön jelentkezik be, ne adja meg a kódot sehol. Valaki más megtudhatta a jelszavát: változtassa meg minél előbb, és jelezze az ügyfélszolgálatnak.',
  when: 'A kódot ekkor és innen kérték:',
  browser: (browser: string, system: string) => `${browser}, ${system}`,
  automatic: 'Ezt a levelet automatikusan küldtük, kérjük, ne válaszoljon rá.',
  /** What differs where the code is not for signing in. */
  purposes: {
    signIn: {},
    reset: {
      subject: (deployment: string, reference: string) =>
        `${deployment}: kód az új jelszóhoz (azonosító: ${reference})`,
      heading: 'Kód az új jelszóhoz',
      intro: (service: string) =>
        `Ezzel a kóddal új jelszót állíthat be a fiókjához. A bejelentkezést itt kezdték: ${service}.`,
      notYou:
        'Ha nem Ön kért új jelszót, ne adja meg a kódot sehol, és nincs más teendője: a jelszava nem változik. Ha többször is kap ilyen levelet, jelezze az ügyfélszolgálatnak.',
    },
    address: {
      subject: (deployment: string, reference: string) =>
        `${deployment}: kód az e-mail-cím megerősítéséhez (azonosító: ${reference})`,
      heading: 'Kód az e-mail-cím megerősítéséhez',
      intro: () => 'Ezzel a kóddal tudja megerősíteni, hogy ez az e-mail-cím az Öné.',
      notYou:
        'Ha nem Ön adta meg ezt a címet, ne adja meg a kódot sehol, és nincs más teendője: a címet nem használjuk fel.',
    },
  },
};

const en: typeof hu = {
  subject: (deployment, reference) => `${deployment}: your sign-in code (reference ${reference})`,
  heading: 'Your sign-in code',
  greeting: 'Hello,',
  intro: (service) => `Use this code to finish signing in to this service: ${service}.`,
  life: (minutes) => `The code works for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, and only once.`,
  reference: 'The reference of this email, which the page shows too:',
  neverShare: 'Never tell or send this code to anyone. Our staff will never ask you for it.',
  notYou:
    'If it is not you who is signing in, do not enter the code anywhere. Somebody else may know your password: change it as soon as you can, and tell our help desk.',
  when: 'The code was asked for at this time and from here:',
  browser: (browser, system) => `${browser}, ${system}`,
  automatic: 'This email was sent automatically. Please do not reply.',
  purposes: {
    signIn: {},
    reset: {
      subject: (deployment, reference) => `${deployment}: your code for a new password (reference ${reference})`,
      heading: 'Your code for a new password',
      intro: (service) => `Use this code to set a new password for your account. The sign-in was begun at: ${service}.`,
      notYou:
        'If it is not you who wants a new password, do not enter the code anywhere. There is nothing else to do: your password stays as it is. If you get several such emails, tell our help desk.',
    },
    address: {
      subject: (deployment, reference) => `${deployment}: your code to confirm your address (reference ${reference})`,
      heading: 'Your code to confirm your email address',
      intro: () => 'Use this code to confirm that this email address is yours.',
      notYou:
        'If it is not you who gave this address, do not enter the code anywhere. There is nothing else to do: we will not use the address.',
    },
  },
};

/** What a mailed code is for. */
export type Purpose = keyof typeof hu.purposes;

export const texts = { hu, en };

const pageHu = {
  heading: 'Írja be az e-mailben küldött kódot',
  reference: 'A levél azonosítója',
  code: 'Kód',
  hint: (digits: number, minutes: number) => `${digits} számjegy a levélből. ${minutes} percig érvényes.`,
  neverShare: 'A kódot soha ne mondja el és ne küldje el senkinek. Munkatársaink sem kérik el Öntől.',
  submit: 'Megerősítés',
  nothingCame: 'Nem kapta meg a levelet?',
  missing: 'Írja be a kódot.',
  malformed: (digits: number) => `A kód ${digits} számjegyből áll. Ellenőrizze, és írja be újra.`,
  wrong: (left?: number) =>
    `A kód nem megfelelő. Ellenőrizze, és írja be újra.${left === undefined ? '' : ` Még ${left} próbálkozása van.`}`,
  spent: 'Túl sokszor adtak meg hibás kódot. Térjen vissza a szolgáltatáshoz, és kezdje újra a bejelentkezést.',
};

const pageEn: typeof pageHu = {
  heading: 'Enter the code we sent by email',
  reference: 'Reference of the email',
  code: 'Code',
  hint: (digits, minutes) =>
    `${digits} digits from the email. They work for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  neverShare: 'Never tell or send this code to anyone. Our staff will never ask you for it.',
  submit: 'Confirm',
  nothingCame: 'Has the email not arrived?',
  missing: 'Enter the code.',
  malformed: (digits) => `The code has ${digits} digits. Check it and enter it again.`,
  wrong: (left) =>
    `The code is not right. Check it and enter it again.${left === undefined ? '' : ` You have ${left} ${left === 1 ? 'try' : 'tries'} left.`}`,
  spent: 'A wrong code was entered too many times. Go back to the service and start again.',
};

export const pageTexts = { hu: pageHu, en: pageEn };
