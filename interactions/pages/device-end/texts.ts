const hu = {
  done: {
    heading: 'Az eszköz bejelentkezett',
    text: 'Folytassa az eszközön: hamarosan továbblép. Ezt az oldalt bezárhatja.',
  },
  refused: {
    heading: 'Elutasította az eszközt',
    text: 'Az eszköz nem jelentkezett be az Ön nevében. Ezt az oldalt bezárhatja.',
  },
  failed: {
    heading: 'Az eszköz nem jelentkezett be',
    text: 'A szolgáltatás olyat kért, ami most nem teljesült. Ha újra szeretné próbálni, kérjen az eszközön új kódot.',
  },
};

const en: typeof hu = {
  done: {
    heading: 'The device is signed in',
    text: 'Carry on at the device: it will go on in a moment. You can close this page.',
  },
  refused: {
    heading: 'You have refused the device',
    text: 'The device has not been signed in as you. You can close this page.',
  },
  failed: {
    heading: 'The device is not signed in',
    text: 'The service asked for something that was not met this time. To try again, get a new code on the device.',
  },
};

export const texts = { hu, en };
