/** The method `password`: the contract. What it promises beyond is tested in test/flow and test/security. */

import { demoPassword } from '../../config/demo.ts';
import { password } from '../../interactions/methods/password/password.ts';
import { methodContract } from './contract.ts';
import { limits } from './world.ts';

methodContract({
  facts: password,
  acr: 'basic',
  setUp: async () => {},
  right: async (_, { username }) => ({ username, password: demoPassword }),
  wrong: (_, { username }) => ({ username, password: 'not the password of anybody' }),
  malformed: [
    { username: '', password: '' },
    { username: '', password: demoPassword },
    { username: 'citizen', password: '' },
  ],
  limit: limits.password,
  again: 'taken',
});
