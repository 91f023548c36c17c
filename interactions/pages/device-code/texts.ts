const hu = {
  heading: 'Bejelentkezés egy eszközön',
  why: 'Írja be azt a kódot, amelyet a bejelentkezésre váró eszköz – például egy tévé vagy egy terminál – kiír.',
  code: 'Az eszközön látható kód',
  hint: 'Nyolc betű, például BCDF-GHJK.',
  submit: 'Tovább',
  warning:
    'Csak akkor folytassa, ha Ön maga kezdte el a bejelentkezést az eszközén. Ha valaki más küldte Önnek ezt a kódot vagy ezt a hivatkozást, zárja be az oldalt.',
  problem: {
    missing: 'Írja be az eszközön látható kódot.',
    wrong: 'Ez a kód nem jó, vagy már nem érvényes. Nézze meg még egyszer, vagy kérjen az eszközön új kódot.',
    tooMany: (minutes: number) =>
      `Innen túl sok hibás kódot írtak be. ${minutes} perc múlva próbálja újra, egy új kóddal.`,
    again: 'Az oldal közben elavult. Írja be újra az eszközön látható kódot.',
  },
};

const en: typeof hu = {
  heading: 'Sign in on a device',
  why: 'Type the code that is shown on the device waiting for you to sign in, such as a television or a terminal.',
  code: 'Code on the device',
  hint: 'Eight letters, such as BCDF-GHJK.',
  submit: 'Continue',
  warning:
    'Only go on if you yourself started signing in on your device. If somebody else sent you this code or this link, close the page.',
  problem: {
    missing: 'Type the code shown on the device.',
    wrong: 'This code is not right, or no longer valid. Check it, or get a new code on the device.',
    tooMany: (minutes) =>
      `Too many wrong codes have been typed from here. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, with a new code.`,
    again: 'This page had gone out of date. Type the code shown on the device again.',
  },
};

export const texts = { hu, en };
