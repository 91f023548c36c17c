const hu = {
  heading: 'Visszatérés a szolgáltatáshoz',
  text: 'Mindjárt visszakerül a szolgáltatáshoz. Ha néhány másodperc múlva is ezt az oldalt látja, nyomja meg a gombot.',
  go: 'Tovább',
};

const en: typeof hu = {
  heading: 'Going back to the service',
  text: 'You are about to be taken back to the service. If you still see this page after a few seconds, press the button.',
  go: 'Continue',
};

export const texts = { hu, en };
