import { longestName } from '../../../src/records/records.ts';

const hu = {
  title: 'Igazolási módok',
  linkAbout: 'Amivel a jelszava mellett igazolhatja, hogy Ön az: beállítás, átnevezés, törlés.',
  intro:
    'Ezekkel igazolhatja a jelszava mellett, hogy Ön az. Állítson be legalább kettőt, hogy akkor is be tudjon jelentkezni, ha az egyiket elveszíti.',
  done: {
    added: 'A beállítás elkészült. E-mailben is értesítettük.',
    removed: 'Töröltük. E-mailben is értesítettük. Ha elveszett vagy ellopták, nézze meg a bejelentkezéseit is.',
    renamed: 'Átneveztük.',
  },
  mailbox: (address: string) => `Az e-mailben küldött kódot erre a címre kapja: ${address}.`,
  notSetUp: 'Nincs beállítva.',
  setUp: (method: string) => `Beállítás: ${method}`,
  setUpAnother: (method: string) => `Még egy: ${method}`,
  setUpAnew: (method: string) => `Beállítás újra: ${method}`,
  added: 'Beállítva:',
  used: 'Utoljára használva:',
  neverUsed: 'még nem használta',
  rename: 'Átnevezés',
  remove: 'Törlés',
  renameHeading: 'Átnevezés',
  name: 'Új név',
  nameHint: `Olyan név, amelyről felismeri, például: otthoni számítógép. Legfeljebb ${longestName} karakter.`,
  save: 'Mentés',
  cancel: 'Mégsem',
  nameMissing: 'Írjon be egy nevet.',
  nameRefused: `A név legfeljebb ${longestName} karakter lehet, és nem lehet benne sortörés vagy más vezérlőkarakter.`,
  removeHeading: (name: string) => `Biztosan törli? ${name}`,
  removeText: 'Ezután nem tudja ezzel igazolni magát. Ha újra használni szeretné, újra be kell állítania.',
  removeLastOwn:
    'Ez az utolsó saját módja. Ezután csak az e-mailben küldött kóddal tudja igazolni magát a jelszava mellett: aki a leveleit olvassa és a jelszavát tudja, az be tud lépni.',
  removeHolds:
    'Mivel most e-mailben küldött kóddal igazolta magát, a törlés után az e-mailes kódok egy ideig nem lesznek elegendők az erősebb azonosításhoz. Értesítést küldünk, amelyből a törlés után is megállíthatja, ha nem Ön volt. Ha egy saját módszerével lép be, ez elmarad.',
  removeSignsOut:
    'Ezt nemrég állították be, ezért a törléssel mindenhonnan kijelentkeztetjük, innen is. Utána lépjen be újra.',
  removeConfirm: 'Törlés',
  refusedHeading: 'Ezt most nem törölheti',
  refusedText:
    'Ha törölné, nem maradna módja arra, hogy a jelszava mellett igazolja magát, és kizárná magát azokból a szolgáltatásokból, amelyekhez ez kell. Előbb állítson be egy másikat.',
  back: 'Vissza az igazolási módokhoz',
};

const en: typeof hu = {
  title: 'Ways to confirm it is you',
  linkAbout: 'What you can confirm with, beside your password: set up, rename, remove.',
  intro:
    'Beside your password you can confirm with these that it is you. Set up two at least, so that you can still sign in when you lose one.',
  done: {
    added: 'This has been set up. We have told you by email as well.',
    removed:
      'This has been removed. We have told you by email as well. If it was lost or stolen, look at where you are signed in, too.',
    renamed: 'The name has been changed.',
  },
  mailbox: (address) => `Codes by email go to this address: ${address}.`,
  notSetUp: 'Not set up.',
  setUp: (method) => `Set up: ${method}`,
  setUpAnother: (method) => `Set up another: ${method}`,
  setUpAnew: (method) => `Set up again: ${method}`,
  added: 'Set up:',
  used: 'Last used:',
  neverUsed: 'not used yet',
  rename: 'Rename',
  remove: 'Remove',
  renameHeading: 'Rename',
  name: 'New name',
  nameHint: `A name that you will know it by, such as: home computer. ${longestName} characters at most.`,
  save: 'Save',
  cancel: 'Cancel',
  nameMissing: 'Enter a name.',
  nameRefused: `A name has ${longestName} characters at most, and no line breaks or other control characters.`,
  removeHeading: (name) => `Do you want to remove this? ${name}`,
  removeText: 'You will not be able to confirm with it any more. To use it again you will have to set it up again.',
  removeLastOwn:
    'This is the last one of your own. Beside your password you will then have codes by email alone: whoever reads your mail and knows your password can get in.',
  removeHolds:
    'You have just proven who you are with a code by email, so after this codes by email will not be enough for the stronger sign-in for a while. We send an email with which you can stop that if it was not you. None of this happens if you sign in with a method of your own first.',
  removeSignsOut:
    'It was set up lately, so removing it signs you out everywhere, here as well. Sign in again afterwards.',
  removeConfirm: 'Remove',
  refusedHeading: 'You cannot remove this now',
  refusedText:
    'Without it you would have no way to confirm that it is you beside your password, and would lock yourself out of services that need one. Set up another one first.',
  back: 'Back to the ways to confirm',
};

export const texts = { hu, en };
