import { describe, expect, test } from '@jest/globals';
import { contextWords, type PasswordContext, withoutContext } from '../../src/passwords/context.ts';

const anna: PasswordContext = {
  username: 'annak_85',
  email: 'kiss.anna@posta.minta.hu',
  name: 'Szabóné Kiss Anna',
  birthName: 'Kiss Anna Mária',
  birthDate: '1985-04-02',
  service: ['Városi Belépő', 'login', 'ÉNYK'],
};
const without = (password: string) => withoutContext(password, contextWords(anna));

describe('taken out of a password', () => {
  test.each<[string, string, string[]]>([
    ['annak_85!', '!', ['username', 'email', 'name']],
    ['ANNÁK-x', '-x', ['username', 'email', 'name']],
    ['my minta', 'my ', ['email']],
    ['kissanna9', '9', ['email', 'name']],
    ['xSzaboX', 'xx', ['name']],
    ['szabóné', '', ['name']],
    ['m4r1a', '', ['name']],
    ['varosi-belepo', '-', ['service']],
    ['enyk l0g1n', ' ', ['service']],
    ['enyk+enyk', '+', ['service']],
    ['kissannamaria', '', ['email', 'name']],
    ...[
      '19850402',
      '1985-04-02',
      '1985.04.02',
      '1985. 04. 02',
      '850402',
      '02041985',
      '2/4/1985',
      '04021985',
      '0402',
      '0204',
      '040285',
      '020485',
      '1985',
    ].map((date): [string, string, string[]] => [date, '', ['birth-date']]),
  ])('%s', (password, rest, kinds) => {
    expect(without(password)).toEqual({ rest, kinds });
  });

  test.each(['hu.example', 'correct horse', 'an na ki ss', '1958', '🐎🔋'])('nothing: %s', (password) => {
    expect(without(password)).toEqual({ rest: password, kinds: [] });
  });
});

test('short names as one word, and not the last label of an address', () => {
  const li = contextWords({ name: 'Li Ab', email: 'li@posta.info', service: [] });
  expect(withoutContext('liab-info', li)).toEqual({ rest: '-info', kinds: ['name'] });
});

test('of somebody of whom nothing is known there is nothing to take out', () => {
  expect(contextWords({ service: [] })).toEqual([]);
  expect(contextWords({ username: 'al', email: 'a@b.hu', name: 'Li', service: ['K'] })).toEqual([]);
});
