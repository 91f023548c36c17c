/** What the mail that carries a code says. */

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
};

export const texts = { hu, en };
