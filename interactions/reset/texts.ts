import { pageTexts as code } from '../mailed-code/texts.ts';

const hu = {
  title: 'Elfelejtettem a jelszavam',
  back: 'Vissza a bejelentkezéshez',
  cancel: 'Mégsem, vissza a szolgáltatáshoz',
  start: {
    heading: 'Új jelszó beállítása',
    how: 'Adja meg a felhasználónevét. Ha van hozzá megerősített e-mail-cím, kódot küldünk rá, amellyel új jelszót állíthat be.',
    worth: (until: string) =>
      `Fontos: aki a leveleit olvassa, az is kérhetne így új jelszót. Ezért az új jelszó után az e-mailben küldött kódok ${until} nem elegendők az erősebb azonosításhoz, hacsak nem igazolja magát közben egy saját módszerével (hitelesítő alkalmazás, azonosítókulcs, tartalékkód). Minden korábbi bejelentkezése véget ér, és minden címére értesítést küldünk.`,
    username: 'Felhasználónév',
    submit: 'Kódot kérek',
    missing: 'Írja be a felhasználónevét.',
    tooMany: (minutes: number) =>
      `Ehhez a felhasználónévhez vagy innen túl sokszor kértek kódot. Próbálja újra ${minutes < 120 ? `${minutes} perc` : `${Math.ceil(minutes / 60)} óra`} múlva, vagy azon a készüléken, amelyen már bejelentkezett.`,
  },
  code: {
    ...code.hu,
    why: 'Ha van ilyen felhasználónév, és tartozik hozzá megerősített e-mail-cím, most kódot küldünk rá. Adatvédelmi okból azt nem mondhatjuk meg, hogy van-e.',
    spam: 'Várjon néhány percet, és nézze meg a levélszemét (spam) mappát is.',
    maybeWrong: 'Lehet, hogy elírta a felhasználónevét: ilyenkor nem küldünk levelet. Adja meg újra.',
    noAddress: (operator: string) =>
      `Ha nincs megerősített e-mail-címe, vagy már nem éri el, forduljon az üzemeltetőhöz: ${operator}.`,
    again: 'Másik felhasználónév vagy új kód',
    expired: 'A kód lejárt, vagy már nem használható. Kérjen újat.',
  },
  password: {
    heading: 'Válasszon új jelszót',
    submit: 'Beállítom az új jelszót',
    changed: 'A fiókja közben megváltozott, ezért a jelszót nem állítottuk be. Kezdje újra.',
  },
  done: {
    heading: 'Beállította az új jelszavát',
    signedOut:
      'Mindenhonnan kijelentkeztettük, ezért a többi készülékén az új jelszóval kell bejelentkeznie. Minden címére értesítést küldtünk.',
    until: (until: string) =>
      `Az e-mailben küldött kódok egy ideig nem elegendők az erősebb azonosításhoz. Ez ekkor ér véget: ${until}. Hamarabb akkor, ha a jelszava mellett egy saját módszerével is igazolja magát.`,
    open: 'Az e-mailben küldött kódok addig nem elegendők az erősebb azonosításhoz, amíg a jelszava mellett egy saját módszerével nem igazolja magát, vagy személyesen nem azonosítják.',
    submit: 'Továbblépés',
  },
};

const en: typeof hu = {
  title: 'I have forgotten my password',
  back: 'Back to signing in',
  cancel: 'Cancel and go back to the service',
  start: {
    heading: 'Set a new password',
    how: 'Enter your username. If it has a confirmed email address, we send a code there, and with it you can set a new password.',
    worth: (until) =>
      `Please note: whoever reads your email could ask for a new password like this as well. So codes by email are not enough for the stronger sign-in ${until} after that, unless you prove who you are with a method of your own meanwhile (authenticator app, passkey, recovery code). You will be signed out everywhere, and all your addresses will be told.`,
    username: 'Username',
    submit: 'Send me a code',
    missing: 'Enter your username.',
    tooMany: (minutes) =>
      `Codes have been asked for too often for this username or from here. Try again in ${minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`}, or on a device on which you have signed in before.`,
  },
  code: {
    ...code.en,
    why: 'If there is such a username and it has a confirmed email address, we are sending a code there now. To protect people’s privacy we cannot tell you whether there is.',
    spam: 'Wait a few minutes, and look in your spam or junk folder too.',
    maybeWrong: 'You may have mistyped your username: then we send no email. Enter it again.',
    noAddress: (operator) =>
      `If you have no confirmed email address, or cannot reach it any more, turn to the operator: ${operator}.`,
    again: 'Another username, or a new code',
    expired: 'The code has expired, or cannot be used any more. Ask for a new one.',
  },
  password: {
    heading: 'Choose a new password',
    submit: 'Set the new password',
    changed: 'Your account has changed meanwhile, so the password was not set. Start again.',
  },
  done: {
    heading: 'Your new password works',
    signedOut:
      'You have been signed out everywhere, so on your other devices you have to sign in with the new password. We have told all your addresses.',
    until: (until) =>
      `Codes by email are not enough for the stronger sign-in until ${until}, unless you prove who you are with your password and a method of your own before.`,
    open: 'Codes by email are not enough for the stronger sign-in until you prove who you are with your password and a method of your own, or in person.',
    submit: 'Continue',
  },
};

export const texts = { hu, en };
