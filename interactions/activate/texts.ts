/** What the pages of an activation say. The letter and the mail name the link by its title. */

const hu = {
  title: 'Kódot kaptam a fiókomhoz',
  back: 'Vissza a bejelentkezéshez',
  cancel: 'Mégsem, vissza a szolgáltatáshoz',
  start: {
    heading: 'Jelszó beállítása kóddal',
    how: 'Ha levélben vagy e-mailben kódot kapott az üzemeltetőtől, azzal most jelszót választhat a fiókjához.',
    username: 'Felhasználónév',
    code: 'Kód',
    hint: '16 betű és szám. A kötőjelek és a kis- vagy nagybetű nem számítanak.',
    neverShare: 'A kódot senkinek ne adja oda. Munkatársaink sem kérik el Öntől.',
    submit: 'Tovább',
    usernameMissing: 'Írja be a felhasználónevét.',
    codeMissing: 'Írja be a kódot.',
    wrong:
      'A felhasználónév vagy a kód nem megfelelő, vagy a kód már nem érvényes. Ellenőrizze mindkettőt. Új kódot az ügyfélszolgálattól kérhet.',
    tooMany: (minutes: number) => `Túl sok sikertelen próbálkozás történt. Próbálja újra ${minutes} perc múlva.`,
  },
  password: {
    heading: 'Válasszon jelszót',
    worth: (until: string) =>
      `Fontos: a kódot e-mailben kapta, ezért az e-mailben küldött kódok még ${until} nem elegendők az erősebb azonosításhoz, hacsak nem igazolja magát közben egy saját módszerével (hitelesítő alkalmazás, azonosítókulcs, tartalékkód).`,
    submit: 'Beállítom a jelszót',
  },
  done: {
    heading: 'Beállította a jelszavát',
    signedOut: 'Ha korábban bejelentkezett valahol, onnan kijelentkeztettük. Ezentúl ezzel a jelszóval lép be.',
    until: (until: string) =>
      `Az e-mailben küldött kódok egy ideig nem elegendők az erősebb azonosításhoz. Ez ekkor ér véget: ${until}. Hamarabb akkor, ha a jelszava mellett egy saját módszerével is igazolja magát.`,
    open: 'Az e-mailben küldött kódok addig nem elegendők az erősebb azonosításhoz, amíg a jelszava mellett egy saját módszerével nem igazolja magát, vagy személyesen nem azonosítják.',
    submit: 'Továbblépés',
  },
};

const en: typeof hu = {
  title: 'I have a code for my account',
  back: 'Back to signing in',
  cancel: 'Cancel and go back to the service',
  start: {
    heading: 'Set a password with a code',
    how: 'If the operator has sent you a code by letter or by email, you can choose a password for your account with it now.',
    username: 'Username',
    code: 'Code',
    hint: '16 letters and digits. Hyphens and capitals do not matter.',
    neverShare: 'Give the code to nobody. Our staff will never ask you for it.',
    submit: 'Continue',
    usernameMissing: 'Enter your username.',
    codeMissing: 'Enter the code.',
    wrong:
      'The username or the code is not right, or the code has expired. Check both. You can ask the help desk for a new code.',
    tooMany: (minutes) =>
      `There have been too many failed attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  },
  password: {
    heading: 'Choose a password',
    worth: (until) =>
      `Please note: you got the code by email, so codes by email are not enough for the stronger sign-in ${until}, unless you prove who you are with a method of your own meanwhile (authenticator app, passkey, recovery code).`,
    submit: 'Set the password',
  },
  done: {
    heading: 'Your password is set',
    signedOut:
      'If you were signed in anywhere before, you have been signed out there. From now on you sign in with this password.',
    until: (until) =>
      `Codes by email are not enough for the stronger sign-in until ${until}. Before that they are once you prove who you are with your password and a method of your own.`,
    open: 'Codes by email are not enough for the stronger sign-in until you prove who you are with your password and a method of your own, or in person.',
    submit: 'Continue',
  },
};

export const texts = { hu, en };
