/** What the mailbox page says around the mails, in both languages. A text that is missing in one does not compile. */

const hu = {
  name: 'A bemutató postafiókja',
  about: 'Ide érkezik minden levél, amelyet a bemutató küld.',
  mails: 'Levelek',
  noMail: 'Még nincs levél.',
  showsByItself: 'Az első levél magától megjelenik itt.',
  gone: 'Ez a levél már nincs meg.',
  noSubject: '(nincs tárgy)',
  from: 'Feladó',
  to: 'Címzett',
  received: 'Érkezett',
  asRead: 'A levél, ahogy az olvasója látja',
  asText: 'Egyszerű szövegként',
  headers: 'Fejlécek',
  refresh: 'Frissítés',
};

export type Texts = typeof hu;

const en: Texts = {
  name: 'Demo mailbox',
  about: 'Every mail that the demo sends arrives here.',
  mails: 'Mails',
  noMail: 'No mail yet.',
  showsByItself: 'The first mail will show here by itself.',
  gone: 'This mail is not here any more.',
  noSubject: '(no subject)',
  from: 'From',
  to: 'To',
  received: 'Received',
  asRead: 'The mail as its reader sees it',
  asText: 'As plain text',
  headers: 'Headers',
  refresh: 'Refresh',
};

export const texts = { hu, en };
