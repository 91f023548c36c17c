const hu = {
  ask: {
    heading: 'Nem Ön volt?',
    what: 'Ha nem Ön állított be új jelszót, új e-mail-címet vagy új igazolási módot a fiókjához, itt megállíthatja. Nem kell hozzá bejelentkeznie.',
    list: [
      'Mindenhonnan kijelentkeztetjük, azt is, aki az Ön nevében lépett be.',
      'Ha megváltozott az e-mail-címe, a korábbi lesz újra érvényes.',
      'Az igazolási módokat és a második címet, amelyeket az utóbbi napokban adtak a fiókjához, töröljük: nem tudjuk, ki állította be őket.',
      'Az e-mailben küldött kódok nem elegendők többé az erősebb azonosításhoz, amíg a jelszava mellett mással is nem igazolja magát, vagy személyesen nem azonosítják.',
      'Az üzemeltető értesül róla.',
    ],
    submit: 'Nem én voltam, állítsa meg',
    otherwise: 'Ha Ön volt, zárja be ezt az oldalt: nem történik semmi.',
  },
  done: {
    heading: 'Megállítottuk',
    what: 'Mindenkit kijelentkeztettünk, és amit az e-mail-címével kezdtek, azt visszavontuk.',
    taken:
      'Ezeket töröltük, mert az utóbbi napokban kerültek a fiókjába, és nem tudjuk, hogy Ön állította-e be őket. Ha az Önéi voltak, állítsa be őket újra, amikor a fiókja már megint csak az Öné:',
    method: (titles: string) => `igazolási módok: ${titles}`,
    address: (address: string) => `az értesítések második címe: ${address}`,
    next: (operator: string) =>
      `Most: biztosítsa a postafiókját (új jelszó, ismeretlen készülékek kijelentkeztetése). Utána jelentkezzen be itt a jelszavával és egy saját módszerével, és állítson be új jelszót. Ha a jelszavát nem tudja, vagy nincs más módszere, forduljon az üzemeltetőhöz: ${operator}.`,
  },
  over: {
    heading: 'Ez a cím már nem használható',
    what: (operator: string) =>
      `Amiről a levél szólt, az közben véget ért. Ha mégis úgy látja, hogy valaki más járt a fiókjában, forduljon az üzemeltetőhöz: ${operator}.`,
  },
  toAccount: 'Bejelentkezem a fiókomba',
  busy: 'Ezt ma már többször megállították. Ha valaki újra belép az Ön nevében, forduljon az üzemeltetőhöz.',
};

const en: typeof hu = {
  ask: {
    heading: 'Was it not you?',
    what: 'If it was not you who set a new password, a new email address or a new way to confirm it is you for your account, you can stop it here. You do not have to sign in.',
    list: [
      'We sign you out everywhere, and anybody else who is signed in as you.',
      'If your email address has been changed, the old one will be the address of your account again.',
      'Ways to confirm it is you, and a second address, that were added to your account in the last few days are removed: we cannot tell who set them up.',
      'Codes by email are not enough for the stronger sign-in any more, until you prove who you are with your password and something else, or in person.',
      'The operator is told.',
    ],
    submit: 'It was not me, stop it',
    otherwise: 'If it was you, close this page: nothing happens.',
  },
  done: {
    heading: 'We have stopped it',
    what: 'Everybody has been signed out, and what was begun with your email address has been undone.',
    taken:
      'We have removed what follows, because it was added to your account in the last few days, and we cannot tell whether that was you. If it was yours, set it up again once your account is yours alone:',
    method: (titles) => `ways to confirm it is you: ${titles}`,
    address: (address) => `the second address for notices: ${address}`,
    next: (operator) =>
      `Now make your mailbox safe (a new password there, unknown devices signed out). Then sign in here with your password and a method of your own, and set a new password. If you do not know your password, or have no other method, turn to the operator: ${operator}.`,
  },
  over: {
    heading: 'This address cannot be used any more',
    what: (operator) =>
      `What the email was about is over. If you still think that somebody else has used your account, turn to the operator: ${operator}.`,
  },
  toAccount: 'Sign in to my account',
  busy: 'This has been stopped several times today. If somebody signs in as you again, turn to the operator.',
};

export const texts = { hu, en };
