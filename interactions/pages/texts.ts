/** Texts that every page shares. */

const hu = {
  error: 'Hiba',
  problemsHeading: 'Hiba történt',
  skip: 'Ugrás a tartalomra',
  language: 'Nyelv',
  asking: 'A bejelentkezést ez a szolgáltatás kéri:',
  help: 'Segítség',
  helpPhone: 'Telefonos segítség:',
  operatedBy: 'Üzemeltető:',
  cancel: 'Mégsem',
};

const en: typeof hu = {
  error: 'Error',
  problemsHeading: 'There is a problem',
  skip: 'Skip to main content',
  language: 'Language',
  asking: 'This service asks you to sign in:',
  help: 'Help',
  helpPhone: 'Help by phone:',
  operatedBy: 'Operated by:',
  cancel: 'Cancel',
};

export const texts = { hu, en };
