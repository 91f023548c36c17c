import { expect, test } from '@jest/globals';
import { lasting } from '../../interactions/plain-words.ts';

test.each([
  [1, '1 óráig', 'for 1 hour'],
  [12, '12 óráig', 'for 12 hours'],
  [24, '1 napig', 'for 1 day'],
  [72, '3 napig', 'for 3 days'],
  [73, '73 óráig', 'for 73 hours'],
])('%d hours in words', (hours, hu, en) => {
  expect([lasting(hours, 'hu'), lasting(hours, 'en')]).toEqual([hu, en]);
});
