import { pageTexts as page } from '../../mailed-code/texts.ts';

const hu = {
  ...page.hu,
  methodTitle: 'E-mailes kód',
  spentHeading: 'Ez a bejelentkezés nem folytatható',
  why: 'Ez a szolgáltatás a jelszón kívül egy kódot is kér, hogy az adatai akkor is védve legyenek, ha valaki más megtudta a jelszavát.',
  sentTo: 'A kódot ide küldjük',
  delivery: {
    sending: 'A levelet most küldjük, néhány másodperc múlva megérkezhet.',
    sent: 'A levelet elküldtük. Nézze meg a postafiókját.',
    failed: 'A levelet most nem sikerült elküldeni. Próbálja meg újra néhány perc múlva.',
  },
  resent: 'Új kódot kért. A korábban kapott kódot is beírhatja, amíg le nem jár.',
  spam: 'Nézze meg a levélszemét (spam) mappát is.',
  late: 'A levél néha csak néhány perc múlva érkezik meg. Ha több levelet is kapott, azt használja, amelyikben a fenti azonosítót látja.',
  oldAddress: (operator: string) =>
    `Ha ezt az e-mail-címet már nem használja, kérje a módosítását az üzemeltetőtől: ${operator}.`,
  resend: 'Új kódot kérek',
  decline: 'Továbblépés kód nélkül',
  resendIn: (seconds: number) => `Új kódot legkorábban ${seconds} másodperc múlva kérhet.`,
  noMoreSends: 'Ehhez a bejelentkezéshez már nem kérhet új kódot.',
  backToService: 'Vissza a szolgáltatáshoz',
  problem: {
    missing: page.hu.missing,
    malformed: page.hu.malformed,
    tooShort: (another: boolean): string =>
      `Ehhez a fiókhoz sok hibás kódot adtak meg, ezért ez a kód már nem használható. ${another ? 'Kérjen új kódot: az hosszabb lesz.' : 'Térjen vissza a szolgáltatáshoz, és kezdje újra a bejelentkezést.'}`,
    wrong: page.hu.wrong,
    spent: page.hu.spent,
    expired: (another: boolean): string =>
      another
        ? 'A kód lejárt. Kérjen új kódot.'
        : 'A kód lejárt. Térjen vissza a szolgáltatáshoz, és kezdje újra a bejelentkezést.',
    tooSoon: (seconds: number) =>
      `Az előző levél még úton lehet. Új kódot ${seconds > 0 ? `${seconds} másodperc múlva` : 'hamarosan'} kérhet.`,
    resendLimit: 'Ehhez a bejelentkezéshez már nem küldünk új kódot. Ha kapott olyat, amely még nem járt le, írja be.',
    accountLimit: 'Az Ön fiókjához rövid idő alatt túl sok kódot kértek vagy adtak meg. Próbálja meg később.',
  },
};

const en: typeof hu = {
  ...page.en,
  methodTitle: 'Email code',
  spentHeading: 'This sign-in cannot go on',
  why: 'This service asks for a code as well as your password, so that your data is safe even if somebody else has learnt your password.',
  sentTo: 'We send the code to',
  delivery: {
    sending: 'The email is on its way. It may arrive within a few seconds.',
    sent: 'The email has been sent. Look in your mailbox.',
    failed: 'The email could not be sent just now. Try again in a few minutes.',
  },
  resent: 'You asked for a new code. The one you got before also works until it expires.',
  spam: 'Look in your spam or junk folder too.',
  late: 'An email can take a few minutes. If you got several, use the one that shows the reference above.',
  oldAddress: (operator) => `If you no longer use this email address, ask the operator to change it: ${operator}.`,
  resend: 'Send a new code',
  decline: 'Go on without a code',
  resendIn: (seconds) =>
    `You can ask for a new code in ${seconds} ${seconds === 1 ? 'second' : 'seconds'} at the earliest.`,
  noMoreSends: 'You cannot ask for another code in this sign-in.',
  backToService: 'Back to the service',
  problem: {
    missing: page.en.missing,
    malformed: page.en.malformed,
    tooShort: (another) =>
      `Many wrong codes have been entered for this account, so this code no longer works. ${another ? 'Ask for a new one: it will be longer.' : 'Go back to the service and start again.'}`,
    wrong: page.en.wrong,
    spent: page.en.spent,
    expired: (another) =>
      another
        ? 'The code has expired. Ask for a new one.'
        : 'The code has expired. Go back to the service and start again.',
    tooSoon: (seconds) =>
      `The last email may still be on its way. You can ask for a new code ${seconds > 0 ? `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : 'soon'}.`,
    resendLimit: 'We send no more codes for this sign-in. If you have one that has not expired, enter it.',
    accountLimit: 'Too many codes have been asked for or entered for your account in a short time. Try later.',
  },
};

export const texts = { hu, en };
