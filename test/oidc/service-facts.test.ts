import { expect, test } from '@jest/globals';
import { factsOf, nameIn } from '../../src/oidc/clients/service-facts.ts';

test.each<[string, { name?: string; hu?: string }, string, string]>([
  ['by its name', { name: 'Tax', hu: 'Adó' }, 'Adó', 'Tax'],
  ['where it has one in no language', {}, 'tax', 'tax'],
  ['where its names are empty', { name: '', hu: '' }, 'tax', 'tax'],
])('a service is called the same, %s, as it runs and as it was registered', (_, { name, hu }, inHu, inEn) => {
  const words = { clientId: 'tax', 'client_name#hu': hu };
  for (const client of [
    { ...words, clientName: name },
    { ...words, client_name: name },
  ]) {
    expect([nameIn(factsOf(client), 'hu'), nameIn(factsOf(client), 'en')]).toEqual([inHu, inEn]);
  }
});
