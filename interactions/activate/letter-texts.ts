/** What the printed letter says. */

const hu = {
  subject: 'Így veheti használatba a fiókját',
  greeting: 'Tisztelt Ügyfelünk!',
  intro: (deployment: string) =>
    `Fiókja van a következő rendszerben: ${deployment}. Ezzel az egyszer használatos kóddal választhat hozzá új jelszót. Amíg ezt nem teszi meg, addig minden marad, ahogy volt.`,
  username: 'Felhasználóneve',
  code: 'Kódja',
  steps: 'Mit kell tennie?',
  open: 'Írja be a böngészőjébe ezt a címet:',
  choose: 'A bejelentkezési oldalon válassza ezt: „Kódot kaptam a fiókomhoz”.',
  enter: 'Adja meg a felhasználónevét és a kódot, majd válasszon jelszót.',
  until: (day: string) =>
    `A kód egyszer használható, eddig a napig: ${day}. Kötőjelek nélkül és kisbetűkkel is beírhatja.`,
  neverShare:
    'A kódot senkinek ne adja oda. Munkatársaink sem telefonon, sem levélben nem kérik el Öntől. Használat után semmisítse meg ezt a levelet.',
  damaged: 'Ha a levelet felbontva kapta meg, ne használja a kódot: kérjen másikat az ügyfélszolgálattól.',
  help: (operator: string, phone?: string) => `Ügyfélszolgálat: ${operator}${phone ? `, telefon: ${phone}` : ''}`,
};

const en: typeof hu = {
  subject: 'How to start using your account',
  greeting: 'Hello,',
  intro: (deployment) =>
    `You have an account at ${deployment}. With this one-time code you can choose a new password for it. Until you do, everything stays as it was.`,
  username: 'Your username',
  code: 'Your code',
  steps: 'What to do',
  open: 'Type this address into your browser:',
  choose: 'On the sign-in page choose “I have a code for my account”.',
  enter: 'Enter your username and the code, then choose a password.',
  until: (day) => `The code works once, until ${day}. You can type it without the hyphens and in small letters.`,
  neverShare:
    'Give the code to nobody. Our staff will never ask you for it, on the telephone or by letter. Destroy this letter once you have used it.',
  damaged: 'If the letter had been opened before you received it, do not use the code: ask the help desk for another.',
  help: (operator, phone) => `Help desk: ${operator}${phone ? `, telephone: ${phone}` : ''}`,
};

export const texts = { hu, en };
