/** What every state store promises of counts and of secrets. */

import { describe, expect, test } from '@jest/globals';
import type { Suite } from './suite.ts';

export function counts(suite: Suite): void {
  describe(`${suite.name}: counts`, () => {
    test('a count goes up by one, in a window that starts at the first', async () => {
      const key = suite.newKey();
      expect(await suite.state.count(key, 100)).toBe(1);
      await suite.elapse(60);
      expect(await suite.state.count(key, 100)).toBe(2);
      await suite.elapse(39);
      expect(await suite.state.count(key, 100)).toBe(3);
      await suite.elapse(1);
      expect(await suite.state.count(key, 100)).toBe(1);
    });

    test('one is taken off a count, and its window ends when it would have', async () => {
      const key = suite.newKey();
      await suite.state.count(key, 100);
      await suite.state.count(key, 100);
      await suite.elapse(60);
      await suite.state.uncount(key);
      expect(await suite.state.count(key, 100)).toBe(2);
      await suite.elapse(41);
      expect(await suite.state.count(key, 100)).toBe(1);
    });

    test('a count never falls below zero, and nothing to take off leaves nothing', async () => {
      const key = suite.newKey();
      await suite.state.uncount(key);
      await suite.state.count(key, 100);
      for (let n = 0; n < 3; n++) await suite.state.uncount(key);
      expect(await suite.state.count(key, 100)).toBe(1);
    });

    test('50 at once are counted one by one', async () => {
      const key = suite.newKey();
      const counts = await suite.atOnce(50, (peer) => peer.count(key, 100));
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    });
  });

  describe(`${suite.name}: secrets`, () => {
    test('nothing offered: nothing to guess at, and nothing is left behind by guessing', async () => {
      const key = suite.newKey();
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'none' });
      await suite.state.offer(key, 'secret', 100);
      expect(await suite.state.guess(key, 'other', 2)).toEqual({ outcome: 'wrong', left: 1 });
    });

    test('right removes all that was offered', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100);
      await suite.state.offer(key, 'second', 100);
      expect(await suite.state.guess(key, 'first', 5)).toEqual({ outcome: 'right' });
      expect(await suite.state.guess(key, 'first', 5)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'second', 5)).toEqual({ outcome: 'none' });
    });

    test('guesses are counted before they are compared: past the limit the right one is refused as well', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100);
      expect(await suite.state.guess(key, 'a', 3)).toEqual({ outcome: 'wrong', left: 2 });
      expect(await suite.state.guess(key, 'b', 3)).toEqual({ outcome: 'wrong', left: 1 });
      expect(await suite.state.guess(key, 'c', 3)).toEqual({ outcome: 'wrong', left: 0 });
      expect(await suite.state.guess(key, 'secret', 3)).toEqual({ outcome: 'spent' });
      expect(await suite.state.guess(key, 'secret', 3)).toEqual({ outcome: 'spent' });
    });

    test('the last guess allowed may be right', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100);
      await suite.state.guess(key, 'a', 2);
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'right' });
    });

    test('a further secret neither removes those before nor forgets the guesses made', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100);
      await suite.state.guess(key, 'a', 3);
      await suite.state.offer(key, 'second', 100);
      expect(await suite.state.guess(key, 'b', 3)).toEqual({ outcome: 'wrong', left: 1 });
      expect(await suite.state.guess(key, 'first', 3)).toEqual({ outcome: 'right' });
    });

    test('guesses that are used up stay so when another secret is offered', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100);
      await suite.state.guess(key, 'a', 1);
      await suite.state.offer(key, 'second', 100);
      expect(await suite.state.guess(key, 'second', 1)).toEqual({ outcome: 'spent' });
    });

    test('each secret has its own life, and the number of guesses lasts as long as the last of them', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100);
      await suite.elapse(50);
      await suite.state.offer(key, 'second', 100);
      await suite.state.offer(key, 'brief', 10);
      await suite.elapse(49);
      expect(await suite.state.guess(key, 'brief', 5)).toEqual({ outcome: 'wrong', left: 4 });
      await suite.elapse(1);
      expect(await suite.state.guess(key, 'first', 5)).toEqual({ outcome: 'wrong', left: 3 });
      await suite.elapse(49);
      expect(await suite.state.guess(key, 'a', 5)).toEqual({ outcome: 'wrong', left: 2 });
      await suite.elapse(1);
      expect(await suite.state.guess(key, 'second', 5)).toEqual({ outcome: 'none' });
      await suite.state.offer(key, 'third', 100);
      expect(await suite.state.guess(key, 'a', 5)).toEqual({ outcome: 'wrong', left: 4 });
    });

    test('a secret offered again lives for the longer of both lives', async () => {
      const [longer, shorter] = [suite.newKey(), suite.newKey()];
      await suite.state.offer(longer, 'secret', 100);
      await suite.state.offer(longer, 'secret', 200);
      await suite.state.offer(shorter, 'secret', 200);
      await suite.state.offer(shorter, 'secret', 100);
      await suite.elapse(150);
      expect(await suite.state.guess(longer, 'secret', 1)).toEqual({ outcome: 'right' });
      expect(await suite.state.guess(shorter, 'secret', 1)).toEqual({ outcome: 'right' });
    });

    test.each(['n', 'h:n', '', '__proto__'])("a guess of '%s' is a guess like any other", async (odd) => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100);
      expect(await suite.state.guess(key, odd, 5)).toEqual({ outcome: 'wrong', left: 4 });
      expect(await suite.state.guess(key, odd, 5)).toEqual({ outcome: 'wrong', left: 3 });
    });
  });
}
