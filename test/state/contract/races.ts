/** What every state store promises when many ask at once: one step decides. ASVS 15.4.2. */

import { describe, expect, test } from '@jest/globals';
import type { Guess } from '../../../src/state/state.ts';
import type { Suite } from './suite.ts';

const at = new Date('2026-11-22T10:00:00.123Z');

const outcomes = (guesses: Guess[], outcome: Guess['outcome']) => guesses.filter((guess) => guess.outcome === outcome);

export function races(suite: Suite): void {
  describe(`${suite.name}: races`, () => {
    test('of 50 who consume, one does', async () => {
      const key = suite.newKey();
      await suite.state.put(key, 'value', 100);
      const heard = await suite.atOnce(50, (peer) => peer.consume(key, at));
      expect(heard.filter((word) => word === 'consumed')).toHaveLength(1);
      expect(heard.filter((word) => word === 'already')).toHaveLength(49);
    });

    test('of 50 who take, one gets it', async () => {
      const key = suite.newKey();
      await suite.state.put(key, 'value', 100);
      const taken = await suite.atOnce(50, (peer) => peer.take(key));
      expect(taken.filter((document) => document?.value === 'value')).toHaveLength(1);
      expect(taken.filter((document) => document === undefined)).toHaveLength(49);
    });

    test('of 50 who add, one does, and it is its value that stays', async () => {
      const key = suite.newKey();
      const added = await suite.atOnce(50, (peer, n) => peer.add(key, `writer ${n}`, 100));
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await suite.state.get(key)).toEqual({ value: `writer ${added.indexOf(true)}` });
    });

    test('of 50 who begin, one does, and all others hear what it wrote', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { before: 'x' }, {}, 100);
      const heard = await suite.atOnce(50, (peer, n) => peer.begin(key, 'begun', { by: `caller ${n}` }, 100));
      const [who] = heard.flatMap((fields, n) => (fields === undefined ? [n] : []));
      const record = { before: 'x', begun: '', by: `caller ${who}` };
      expect(heard.filter((fields) => fields === undefined)).toHaveLength(1);
      expect(heard.filter((fields) => fields !== undefined)).toEqual(Array(49).fill(record));
      expect(await suite.state.fields(key)).toEqual(record);
    });

    test('of 50 who spend, as many are counted as the narrowest limit says, and no more', async () => {
      const key = suite.newKey();
      const heard = await suite.atOnce(50, (peer) => peer.spend(key, { wide: 30, narrow: 7 }, 100));
      expect(heard.filter(({ outcome }) => outcome === 'counted')).toHaveLength(7);
      expect(heard.filter((spend) => spend.outcome === 'over' && spend.name === 'narrow')).toHaveLength(23);
      expect(heard.filter((spend) => spend.outcome === 'over' && spend.name === 'wide')).toHaveLength(20);
    });

    test('50 who spend and give back at once leave nothing behind', async () => {
      const key = suite.newKey();
      await suite.atOnce(50, async (peer) => {
        expect(await peer.spend(key, { a: 50, b: 50 }, 100)).toEqual({ outcome: 'counted' });
        await peer.refund(key, ['a', 'b']);
      });
      expect(await suite.state.spend(key, { a: 1, b: 1 }, 100)).toEqual({ outcome: 'counted' });
    });

    test('of 50 right guesses at once, one is right', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100, 100);
      const guesses = await suite.atOnce(50, (peer) => peer.guess(key, 'secret', 5));
      expect(outcomes(guesses, 'right')).toHaveLength(1);
      expect(outcomes(guesses, 'none')).toHaveLength(49);
    });

    test('of 50 wrong guesses at once, no more are compared than the limit allows', async () => {
      const key = suite.newKey();
      await suite.state.offer(key, 'secret', 100, 100);
      const guesses = await suite.atOnce(50, (peer, n) => peer.guess(key, `wrong ${n}`, 5));
      const left = guesses.flatMap((guess) => (guess.outcome === 'wrong' ? [guess.left] : []));
      expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
      expect(outcomes(guesses, 'spent')).toHaveLength(45);
      expect(await suite.state.guess(key, 'secret', 5)).toEqual({ outcome: 'spent' });
    });

    test('writers and a closing at once: after it the record is gone, whoever came last', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1' }, {}, 100);
      const written = await suite.atOnce(50, async (peer, n) => {
        if (n !== 25) return peer.merge(key, { [`writer-${n}`]: '1' }, {}, 100);
        await peer.close(key, 100);
        return undefined;
      });
      expect(written.filter((word) => word === undefined)).toHaveLength(1);
      expect(await suite.state.fields(key)).toBeUndefined();
      expect(await suite.state.merge(key, { a: '1' }, {}, 100)).toBe(false);
    });
  });
}
