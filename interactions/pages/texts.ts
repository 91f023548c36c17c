/** Texts that every page shares. */

const hu = {
  error: 'Hiba',
  problemsHeading: 'Hiba történt',
  skip: 'Ugrás a tartalomra',
  language: 'Nyelv',
  asking: 'Ide jelentkezik be:',
  help: 'Segítség',
  helpPhone: 'Telefonos segítség:',
  operatedBy: 'Üzemeltető:',
  cancel: 'Mégsem',
  others: 'Más lehetőségek',
};

const en: typeof hu = {
  error: 'Error',
  problemsHeading: 'There is a problem',
  skip: 'Skip to main content',
  language: 'Language',
  asking: 'You are signing in to:',
  help: 'Help',
  helpPhone: 'Help by phone:',
  operatedBy: 'Operated by:',
  cancel: 'Cancel',
  others: 'Other ways',
};

export const texts = { hu, en };
