/** What every state store promises of counts and of secrets. */

import { describe, expect, test } from '@jest/globals';
import type { Suite } from './suite.ts';

const counted = { outcome: 'counted' };

export function counts(suite: Suite): void {
  describe(`${suite.name}: counts`, () => {
    test('a name is counted up to its limit, in a window that starts at the first', async () => {
      const key = suite.newKey();
      const spend = () => suite.state.spend(key, { a: 2 }, 100);
      expect(await spend()).toEqual(counted);
      await suite.elapse(60);
      expect(await spend()).toEqual(counted);
      expect(await spend()).toEqual({ outcome: 'over', name: 'a', wait: 40 });
      await suite.elapse(39);
      expect(await spend()).toEqual({ outcome: 'over', name: 'a', wait: 1 });
      await suite.elapse(1);
      expect(await spend()).toEqual(counted);
    });

    test('names are counted in their order, up to the first that is over', async () => {
      const key = suite.newKey();
      for (let n = 0; n < 2; n++) expect(await suite.state.spend(key, { '': 5, b: 2, a: 9 }, 100)).toEqual(counted);
      for (let n = 0; n < 3; n++)
        expect(await suite.state.spend(key, { '': 5, b: 2, a: 9 }, 100)).toMatchObject({ outcome: 'over', name: 'b' });
      // What stands before it was counted each time, what stands behind it never.
      expect(await suite.state.spend(key, { '': 5, new: 1 }, 100)).toMatchObject({ outcome: 'over', name: '' });
      expect(await suite.state.spend(key, { a: 3, new: 1 }, 100)).toEqual(counted);
      expect(await suite.state.spend(key, { a: 3 }, 100)).toMatchObject({ outcome: 'over', name: 'a' });
    });

    test('a name that comes later shares the window of the first', async () => {
      const key = suite.newKey();
      await suite.state.spend(key, { a: 1 }, 100);
      await suite.elapse(60);
      await suite.state.spend(key, { b: 1 }, 100);
      expect(await suite.state.spend(key, { b: 1 }, 100)).toEqual({ outcome: 'over', name: 'b', wait: 40 });
      await suite.elapse(40);
      expect(await suite.state.spend(key, { a: 1, b: 1 }, 100)).toEqual(counted);
    });

    test('who is over, as often as it may be, is one refund away from being counted again', async () => {
      const key = suite.newKey();
      for (let n = 0; n < 20; n++) await suite.state.spend(key, { a: 3 }, 100);
      await suite.state.refund(key, ['a']);
      expect(await suite.state.spend(key, { a: 3 }, 100)).toEqual(counted);
      expect(await suite.state.spend(key, { a: 3 }, 100)).toMatchObject({ outcome: 'over' });
    });

    test('a refund takes one off each name, and the window ends when it would have', async () => {
      const key = suite.newKey();
      for (let n = 0; n < 2; n++) await suite.state.spend(key, { a: 9, b: 9 }, 100);
      await suite.elapse(60);
      await suite.state.refund(key, ['a', 'none']);
      expect(await suite.state.spend(key, { a: 2, b: 2 }, 100)).toEqual({ outcome: 'over', name: 'b', wait: 40 });
      await suite.state.refund(key, ['a', 'b']);
      expect(await suite.state.spend(key, { b: 2, none: 1 }, 100)).toEqual(counted);
      await suite.elapse(40);
      expect(await suite.state.spend(key, { a: 1, b: 1 }, 100)).toEqual(counted);
    });

    test('when the last count is given back nothing is left: the next window starts with the next count', async () => {
      const key = suite.newKey();
      await suite.state.spend(key, { a: 1, b: 1 }, 100);
      await suite.elapse(60);
      await suite.state.refund(key, ['a']);
      expect(await suite.state.spend(key, { b: 1 }, 100)).toMatchObject({ outcome: 'over', wait: 40 });
      await suite.state.refund(key, ['b']);
      await suite.state.spend(key, { a: 1 }, 100);
      expect(await suite.state.spend(key, { a: 1 }, 100)).toEqual({ outcome: 'over', name: 'a', wait: 100 });
    });

    test('nothing falls below zero, and nothing to give back makes nothing', async () => {
      const key = suite.newKey();
      await suite.state.refund(key, ['a', 'b']);
      await suite.state.put(key, 'a key that holds nothing may hold anything', 100);
      await suite.state.remove(key);
      await suite.state.spend(key, { a: 1, b: 1 }, 100);
      for (let n = 0; n < 3; n++) await suite.state.refund(key, ['b', 'a']);
      expect(await suite.state.spend(key, { a: 1, b: 1 }, 100)).toEqual(counted);
      expect(await suite.state.spend(key, { a: 1, b: 1 }, 100)).toMatchObject({ outcome: 'over', name: 'a' });
    });

    test('a limit may be lowered and raised while a window runs', async () => {
      const key = suite.newKey();
      for (let n = 0; n < 5; n++) await suite.state.spend(key, { a: 5 }, 100);
      expect(await suite.state.spend(key, { a: 2 }, 100)).toMatchObject({ outcome: 'over' });
      expect(await suite.state.spend(key, { a: 6 }, 100)).toEqual(counted);
      expect(await suite.state.spend(key, { a: Number.MAX_SAFE_INTEGER }, 100)).toEqual(counted);
    });

    test('several are counted at once, as far as all of them fit', async () => {
      const key = suite.newKey();
      const spend = (amount: number) => suite.state.spend(key, { a: 5, b: 9 }, 100, amount);
      expect(await spend(6)).toEqual({ outcome: 'over', name: 'a', wait: 100 });
      await suite.elapse(10);
      expect(await spend(3)).toEqual(counted);
      expect(await spend(3)).toEqual({ outcome: 'over', name: 'a', wait: 100 });
      expect(await spend(2)).toEqual(counted);
      expect(await spend(1)).toMatchObject({ outcome: 'over' });
      await suite.state.refund(key, ['a', 'b'], 4);
      expect(await spend(5)).toMatchObject({ outcome: 'over' });
      expect(await spend(4)).toEqual(counted);
      await suite.state.refund(key, ['a', 'b'], 9);
      await suite.state.put(key, 'a key that holds nothing may hold anything', 100);
    });

    test('an amount of none asks whether one more would be counted, and counts nothing', async () => {
      const key = suite.newKey();
      const ask = () => suite.state.spend(key, { a: 2 }, 100, 0);
      expect(await ask()).toEqual(counted);
      await suite.state.put(key, 'nothing has been written', 100);
      await suite.state.remove(key);
      for (let n = 0; n < 2; n++) {
        expect(await ask()).toEqual(counted);
        await suite.state.spend(key, { a: 2 }, 100);
      }
      await suite.elapse(30);
      expect(await ask()).toEqual({ outcome: 'over', name: 'a', wait: 70 });
      await suite.elapse(70);
      expect(await ask()).toEqual(counted);
    });

    test.each(['', 'n', 'h:n', '__proto__', 'constructor', '7', 'ű 🔑\u0000'])(
      "'%s' is a name like any other",
      async (name) => {
        const key = suite.newKey();
        const limits = JSON.parse(`{${JSON.stringify(name)}: 1}`);
        expect(await suite.state.spend(key, limits, 100)).toEqual(counted);
        expect(await suite.state.spend(key, limits, 100)).toEqual({ outcome: 'over', name, wait: 100 });
        await suite.state.refund(key, [name]);
        expect(await suite.state.spend(key, limits, 100)).toEqual(counted);
      },
    );
  });

  describe(`${suite.name}: secrets`, () => {
    test('nothing offered: nothing to guess at, and nothing is left behind by guessing', async () => {
      const key = suite.newKey();
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'none' });
      await suite.state.offer(key, 'secret', 100, 100);
      expect(await suite.state.guess(key, 'other', 2)).toEqual({ outcome: 'wrong', left: 1 });
    });

    test('right removes all that was offered', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100, 100);
      await suite.state.offer(key, 'second', 100, 100);
      expect(await suite.state.guess(key, 'first', 5)).toEqual({ outcome: 'right', wrong: 0 });
      expect(await suite.state.guess(key, 'first', 5)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'second', 5)).toEqual({ outcome: 'none' });
    });

    test('guesses are counted before they are compared: past the limit the right one is refused as well', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100, 100);
      expect(await suite.state.guess(key, 'a', 3)).toEqual({ outcome: 'wrong', left: 2 });
      expect(await suite.state.guess(key, 'b', 3)).toEqual({ outcome: 'wrong', left: 1 });
      expect(await suite.state.guess(key, 'c', 3)).toEqual({ outcome: 'wrong', left: 0 });
      expect(await suite.state.guess(key, 'secret', 3)).toEqual({ outcome: 'spent' });
      expect(await suite.state.guess(key, 'secret', 3)).toEqual({ outcome: 'spent' });
    });

    test('the last guess allowed may be right', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100, 100);
      await suite.state.guess(key, 'a', 2);
      expect(await suite.state.guess(key, 'secret', 2)).toEqual({ outcome: 'right', wrong: 1 });
    });

    test('a further secret neither removes those before nor forgets the guesses made', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100, 100);
      await suite.state.guess(key, 'a', 3);
      await suite.state.offer(key, 'second', 100, 100);
      expect(await suite.state.guess(key, 'b', 3)).toEqual({ outcome: 'wrong', left: 1 });
      expect(await suite.state.guess(key, 'first', 3)).toEqual({ outcome: 'right', wrong: 2 });
    });

    test('guesses that are used up stay so when another secret is offered', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100, 100);
      await suite.state.guess(key, 'a', 1);
      await suite.state.offer(key, 'second', 100, 100);
      expect(await suite.state.guess(key, 'second', 1)).toEqual({ outcome: 'spent' });
    });

    test('each secret has its own life, and the number of guesses that of the key', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 100, 300);
      await suite.elapse(50);
      await suite.state.offer(key, 'second', 100, 300);
      await suite.state.offer(key, 'brief', 10, 300);
      await suite.elapse(49);
      expect(await suite.state.guess(key, 'brief', 5)).toEqual({ outcome: 'wrong', left: 4 });
      await suite.elapse(1);
      expect(await suite.state.guess(key, 'first', 5)).toEqual({ outcome: 'wrong', left: 3 });
      await suite.elapse(49);
      expect(await suite.state.guess(key, 'a', 5)).toEqual({ outcome: 'wrong', left: 2 });
      await suite.elapse(1);
      expect(await suite.state.guess(key, 'second', 5)).toEqual({ outcome: 'none' });
      expect(await suite.state.guess(key, 'a', 5)).toEqual({ outcome: 'none' });
      await suite.elapse(199);
      await suite.state.offer(key, 'third', 100, 300);
      expect(await suite.state.guess(key, 'a', 5)).toEqual({ outcome: 'wrong', left: 1 });
      await suite.elapse(300);
      await suite.state.offer(key, 'fourth', 100, 300);
      expect(await suite.state.guess(key, 'a', 5)).toEqual({ outcome: 'wrong', left: 4 });
    });

    test('guesses that are used up stay so while secrets come and go', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'first', 10, 100);
      await suite.state.guess(key, 'a', 1);
      await suite.elapse(10);
      expect(await suite.state.guess(key, 'first', 1)).toEqual({ outcome: 'none' });
      await suite.state.offer(key, 'second', 10, 100);
      expect(await suite.state.guess(key, 'second', 1)).toEqual({ outcome: 'spent' });
    });

    test('a secret offered again lives for the longer of both lives, and no longer than the key', async () => {
      const [longer, shorter, ended] = [suite.newKey(), suite.newKey(), suite.newKey()];
      await suite.state.offer(longer, 'secret', 100, 200);
      await suite.state.offer(longer, 'secret', 200, 200);
      await suite.state.offer(shorter, 'secret', 200, 200);
      await suite.state.offer(shorter, 'secret', 100, 200);
      await suite.state.offer(ended, 'secret', 200, 200);
      await suite.state.offer(ended, 'secret', 100, 100);
      await suite.elapse(150);
      expect(await suite.state.guess(longer, 'secret', 1)).toEqual({ outcome: 'right', wrong: 0 });
      expect(await suite.state.guess(shorter, 'secret', 1)).toEqual({ outcome: 'right', wrong: 0 });
      expect(await suite.state.guess(ended, 'secret', 1)).toEqual({ outcome: 'none' });
    });

    test.each(['n', 'h:n', '', '__proto__'])("a guess of '%s' is a guess like any other", async (odd) => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100, 100);
      expect(await suite.state.guess(key, odd, 5)).toEqual({ outcome: 'wrong', left: 4 });
      expect(await suite.state.guess(key, odd, 5)).toEqual({ outcome: 'wrong', left: 3 });
    });
  });
}
