const hu = {
  title: 'Adataim',
  linkAbout: 'Az adatai letöltése, és a fiók törlése.',
  downloadHeading: 'Letöltés',
  downloadText:
    'Letöltheti egy fájlban (JSON), amit a fiókjáról itt tárolunk: az adatait, a beállított igazolási módokat, az engedélyeit és a tevékenységét. Jelszó és kulcs nincs benne. A címek teljes egészében csak az erősebb megerősítés után kerülnek bele.',
  download: 'Adatok letöltése',
  deleteHeading: 'A fiók törlése',
  deleteText: (days: number) =>
    `Ha törli a fiókját, ${days} napig még meggondolhatja: addig bejelentkezhet, és itt visszavonhatja. Utána az adatait végleg töröljük; a napló bejegyzései név nélkül maradnak meg.`,
  remove: 'A fiókom törlése',
  confirmHeading: 'Biztosan törli a fiókját?',
  confirmText: (until: string) =>
    `Mindenhonnan kijelentkeztetjük. A fiókot ekkor töröljük: ${until}. Addig bejelentkezhet, és visszavonhatja. Utána ezzel a fiókkal egyetlen szolgáltatásba sem tud belépni.`,
  confirm: 'Igen, töröljék',
  cancel: 'Mégsem',
  pending: (until: string) => `Kérte a fiókja törlését. Ekkor töröljük: ${until}.`,
  keep: 'Mégis megtartom',
  kept: 'Visszavonta a törlést, a fiókja megmarad.',
  toAccount: 'Bejelentkezem a fiókomba',
  askedHeading: 'A fiókját törölni fogjuk',
  asked: (until: string) =>
    `Mindenhonnan kijelentkeztettük. A fiókot ekkor töröljük: ${until}. Ha meggondolja magát, addig jelentkezzen be a Fiókom oldalra, és vonja vissza.`,
};

const en: typeof hu = {
  title: 'My data',
  linkAbout: 'Download your data, and delete your account.',
  downloadHeading: 'Download',
  downloadText:
    'You can download in one file (JSON) what is kept of your account here: your data, the ways to confirm that you have set up, what you have allowed, and your activity. There are no passwords or keys in it. Addresses are in it in full only after the stronger confirmation.',
  download: 'Download my data',
  deleteHeading: 'Delete the account',
  deleteText: (days) =>
    `When you delete your account, you can change your mind for ${days} days: until then you can sign in and take it back here. After that your data is removed for good; entries of the log stay, without your name.`,
  remove: 'Delete my account',
  confirmHeading: 'Do you want to delete your account?',
  confirmText: (until) =>
    `You are signed out everywhere. The account is deleted at this time: ${until}. Until then you can sign in and take it back. After that you cannot get into any service with this account.`,
  confirm: 'Yes, delete it',
  cancel: 'Cancel',
  pending: (until) => `You have asked for your account to be deleted. This will be at: ${until}.`,
  keep: 'Keep my account',
  kept: 'You have taken the deletion back, and keep your account.',
  toAccount: 'Sign in to my account',
  askedHeading: 'Your account will be deleted',
  asked: (until) =>
    `You have been signed out everywhere. The account is deleted at this time: ${until}. If you change your mind, sign in to My account before, and take it back.`,
};

export const texts = { hu, en };
