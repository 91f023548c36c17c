const hu = {
  heading: 'Engedi ennek az eszköznek a bejelentkezést?',
  what: (service: string) =>
    `Egy eszköz az Ön nevében szeretne bejelentkezni ide: ${service}. Ha engedi, az eszközt használó személy az Ön nevében járhat el.`,
  code: 'Ezt a kódot kell látnia az eszközön:',
  warning:
    'Csak akkor folytassa, ha Ön maga kezdte el a bejelentkezést, és az eszköz Önnél van. Ha a kódot mástól kapta, csalók próbálkozhatnak Önnél: utasítsa el.',
  confirm: 'Igen, én kezdtem el',
  abort: 'Elutasítom',
};

const en: typeof hu = {
  heading: 'Do you allow this device to sign in?',
  what: (service) =>
    `A device wants to sign in as you to: ${service}. If you allow it, whoever uses the device can act in your name.`,
  code: 'The device should show this code:',
  warning:
    'Only go on if you yourself started this, and the device is with you. If somebody else gave you the code, it may be a fraud: refuse.',
  confirm: 'Yes, I started this',
  abort: 'Refuse',
};

export const texts = { hu, en };
