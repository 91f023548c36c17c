const hu = {
  heading: 'Állítson be egy módot, amellyel igazolja magát',
  why: 'Ehhez a szolgáltatáshoz a jelszó mellett még egy megerősítésre van szükség, és Ön még egyet sem állított be. Válasszon egyet: a beállítás után folytathatja a bejelentkezést.',
  later: 'Ezután ezt kérjük Öntől minden olyan alkalommal, amikor a jelszó nem elég.',
};

const en: typeof hu = {
  heading: 'Set up a way to confirm it is you',
  why: 'This service needs one more confirmation as well as your password, and you have not set one up yet. Choose one: you can go on signing in once it is set up.',
  later: 'From then on we ask you for it whenever a password is not enough.',
};

export const texts = { hu, en };
