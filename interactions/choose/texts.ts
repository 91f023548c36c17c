const hu = {
  heading: 'Válassza ki, hogyan igazolja magát',
  why: 'Ehhez a szolgáltatáshoz a jelszó mellett még egy megerősítésre van szükség.',
  decline: 'Továbblépés megerősítés nélkül',
};

const en: typeof hu = {
  heading: 'Choose how to confirm it is you',
  why: 'This service needs one more confirmation as well as your password.',
  decline: 'Go on without it',
};

export const texts = { hu, en };
