const hu = {
  heading: 'Az e-mailes kód most nem elegendő',
  what: 'Ez a szolgáltatás a jelszó mellett még egy igazolást kér. Az e-mailben küldött kód erre most nem elegendő, más, itt elfogadott igazolási mód pedig nincs a fiókjában.',
  why: 'Nemrég új jelszót vagy új e-mail-címet állítottak be a fiókjához, és ehhez elég volt a leveleit olvasni. Ezt az is megtehette, aki az Ön leveleit olvassa. Ezért egy ideig várni kell: így Önnek marad ideje megállítani, ha nem Ön volt.',
  whyStopped:
    'Bejelentették, hogy valaki más is járhatott a fiókjában, és talán a leveleit is olvassa. Ezért az e-mailben küldött kódok addig nem elegendők, amíg mással is nem igazolja magát.',
  since: 'Mióta',
  until: 'Meddig',
  noEnd: 'magától nem ér véget',
  sooner: 'Mi vet véget ennek?',
  own: (methods: string) =>
    `Ha a jelszavával és egy régebben beállított saját módszerével is igazolja magát. Önnek ez van: ${methods}.`,
  toOwn: 'Igazolom magam a fiókomban',
  noOwn:
    'Egy saját módszer (hitelesítő alkalmazás, azonosítókulcs, tartalékkód) a jelszóval együtt. Önnek most nincs ilyen, és amíg ez tart, nem is lehet beállítani.',
  desk: (operator: string) => `Ha személyesen igazolja magát az ügyfélszolgálatnál: ${operator}.`,
  now: 'Mit tehet most?',
  basic: 'Azokba a szolgáltatásokba, amelyekhez a jelszó elég, most is beléphet.',
  notYou: (operator: string) =>
    `Ha nem Ön állított be új jelszót vagy címet, nyissa meg az erről küldött levelünket, és állítsa meg az abban lévő címen, vagy forduljon az üzemeltetőhöz: ${operator}.`,
  afterwards:
    'Ha véget ért, állítson be a fiókjában egy saját módszert is. Akkor legközelebb nem kell várnia, ha elfelejti a jelszavát.',
  back: 'Vissza a szolgáltatáshoz',
};

const en: typeof hu = {
  heading: 'A code by email is not enough now',
  what: 'This service needs one more confirmation as well as your password. A code by email is not enough for that now, and your account has no other way that would be accepted here.',
  why: 'Lately a new password or a new email address was set for your account, and reading your email was enough to do it. Somebody else who reads your email could have done it too. So there is a time to wait: it lets you stop it, if it was not you.',
  whyStopped:
    'It was reported that somebody else may have used your account, and may be reading your email. So codes by email are not enough until you prove who you are with something else.',
  since: 'Since',
  until: 'Until',
  noEnd: 'does not end by itself',
  sooner: 'What ends this?',
  own: (methods) =>
    `Proving who you are with your password and a method of your own that you set up some time ago. You have: ${methods}.`,
  toOwn: 'Prove it in my account',
  noOwn:
    'A method of your own (authenticator app, passkey, recovery code), together with your password. You have none, and while this lasts none can be set up.',
  desk: (operator) => `Proving who you are in person at the help desk: ${operator}.`,
  now: 'What can you do now?',
  basic: 'You can still use services for which your password is enough.',
  notYou: (operator) =>
    `If it was not you who set a new password or address, open the email that we sent about it and stop it at the address given there, or turn to the operator: ${operator}.`,
  afterwards:
    'When this has ended, set up a method of your own in your account as well. Then you will not have to wait the next time you forget your password.',
  back: 'Back to the service',
};

export const texts = { hu, en };
