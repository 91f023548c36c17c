import { expect, test } from '@jest/globals';
import { loadStrength } from '../../src/passwords/strength.ts';

const strengthOf = await loadStrength();

test('grows with what a guesser has to try', () => {
  const scores = ['password', 'jelszo1985', 'quiet river nine stones'].map(
    (password) => strengthOf(password, []).score,
  );
  expect(scores).toEqual([0, 2, 4]);
});

test('a guesser knows the person', () => {
  const [stranger, friend] = [
    strengthOf('szabonekissanna', []),
    strengthOf('szabonekissanna', ['szabone', 'kiss', 'anna']),
  ];
  expect(friend.guesses).toBeLessThan(stranger.guesses);
  expect(friend.score).toBeLessThan(stranger.score);
});

test('only the beginning of a long password is looked at, so that none takes long', () => {
  const beginning = 'a8Kd0 qLw9zmXv2!pRt7 ybNc4?sHg6_fJe1+uIo3*kMx5-w';
  expect(beginning).toHaveLength(48);
  expect(strengthOf(`${beginning}${'(|/[{<'.repeat(160)}`, [])).toEqual(strengthOf(beginning, []));
});
