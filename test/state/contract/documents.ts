/** What every state store promises of documents. */

import { describe, expect, test } from '@jest/globals';
import type { Suite } from './suite.ts';

const at = new Date('2026-11-22T10:00:00.123Z');

export function documents(suite: Suite): void {
  describe(`${suite.name}: documents`, () => {
    test('what was put is read, until it expires', async () => {
      const key = suite.newKey();
      expect(await suite.state.get(key)).toBeUndefined();
      await suite.state.put(key, 'value', 100);
      expect(await suite.state.get(key)).toEqual({ value: 'value' });
      await suite.elapse(99);
      expect(await suite.state.get(key)).toEqual({ value: 'value' });
      await suite.elapse(1);
      expect(await suite.state.get(key)).toBeUndefined();
    });

    test('put takes the place of the document before, used up or not, with its own life', async () => {
      const key = suite.newKey();
      await suite.state.put(key, 'old', 100);
      await suite.state.consume(key, at);
      await suite.state.put(key, 'new', 300);
      await suite.elapse(200);
      expect(await suite.state.get(key)).toEqual({ value: 'new' });
      expect(await suite.state.consume(key, at)).toBe('consumed');
    });

    test('put takes the place of a record, a closed record, counts and secrets', async () => {
      const [record, closed, counts, secrets] = [suite.newKey(), suite.newKey(), suite.newKey(), suite.newKey()];
      await suite.state.merge(record, { a: '1' }, {}, 100);
      await suite.state.close(closed, 100);
      await suite.state.spend(counts, { n: 1 }, 100);
      await suite.state.offer(secrets, 'secret', 100, 100);
      for (const key of [record, closed, counts, secrets]) {
        await suite.state.put(key, 'value', 100);
        expect(await suite.state.get(key)).toEqual({ value: 'value' });
      }
    });

    test('add writes once, and again after expiry', async () => {
      const key = suite.newKey();
      expect(await suite.state.add(key, 'first', 100)).toBe(true);
      expect(await suite.state.add(key, 'second', 200)).toBe(false);
      expect(await suite.state.get(key)).toEqual({ value: 'first' });
      await suite.state.consume(key, at);
      expect(await suite.state.add(key, 'third', 200)).toBe(false);
      await suite.elapse(100);
      expect(await suite.state.add(key, 'fourth', 100)).toBe(true);
      expect(await suite.state.get(key)).toEqual({ value: 'fourth' });
    });

    test('consume is heard once; the document stays readable, says when, and expires when it would have', async () => {
      const key = suite.newKey();
      expect(await suite.state.consume(key, at)).toBe('missing');
      await suite.state.put(key, 'value', 100);
      expect(await suite.state.consume(key, at)).toBe('consumed');
      expect(await suite.state.consume(key, new Date(at.getTime() + 5000))).toBe('already');
      expect(await suite.state.get(key)).toEqual({ value: 'value', consumedAt: at });
      await suite.elapse(99);
      expect(await suite.state.get(key)).toEqual({ value: 'value', consumedAt: at });
      await suite.elapse(1);
      expect(await suite.state.consume(key, at)).toBe('missing');
    });

    test('a document consumed at the beginning of time is consumed', async () => {
      const key = suite.newKey();
      await suite.state.put(key, 'value', 100);
      expect(await suite.state.consume(key, new Date(0))).toBe('consumed');
      expect(await suite.state.consume(key, at)).toBe('already');
      expect(await suite.state.get(key)).toEqual({ value: 'value', consumedAt: new Date(0) });
    });

    test('take gives the document and removes it', async () => {
      const key = suite.newKey();
      expect(await suite.state.take(key)).toBeUndefined();
      await suite.state.put(key, 'value', 100);
      await suite.state.consume(key, at);
      expect(await suite.state.take(key)).toEqual({ value: 'value', consumedAt: at });
      expect(await suite.state.get(key)).toBeUndefined();
      expect(await suite.state.take(key)).toBeUndefined();
      await suite.state.put(key, 'value', 100);
      await suite.elapse(100);
      expect(await suite.state.take(key)).toBeUndefined();
    });

    test('remove removes whatever a key holds, and nothing is no fault', async () => {
      const [document, record, closed, counts, secrets] = [
        suite.newKey(),
        suite.newKey(),
        suite.newKey(),
        suite.newKey(),
        suite.newKey(),
      ];
      await suite.state.put(document, 'value', 100);
      await suite.state.merge(record, { a: '1' }, {}, 100);
      await suite.state.close(closed, 100);
      await suite.state.spend(counts, { n: 1 }, 100);
      await suite.state.offer(secrets, 'secret', 100, 100);
      for (const key of [document, record, closed, counts, secrets, suite.newKey()]) await suite.state.remove(key);
      expect(await suite.state.get(document)).toBeUndefined();
      expect(await suite.state.fields(record)).toBeUndefined();
      expect(await suite.state.merge(closed, { a: '1' }, {}, 100)).toBe(true);
      expect(await suite.state.spend(counts, { n: 1 }, 100)).toEqual({ outcome: 'counted' });
      expect(await suite.state.guess(secrets, 'secret', 5)).toEqual({ outcome: 'none' });
    });

    test.each(['', ' ', '0', '-'.repeat(40), 'űrlap 🔑 \u202e \u0000 \r\n', '🔑'.repeat(25_000), 'x'.repeat(100_000)])(
      'values come back as they were (case %#)',
      async (value) => {
        const key = suite.newKey();
        await suite.state.put(key, value, 100);
        expect(await suite.state.get(key)).toEqual({ value });
        await suite.state.consume(key, at);
        expect(await suite.state.take(key)).toEqual({ value, consumedAt: at });
      },
    );

    test.each([
      'a b',
      'a:b',
      '{a}b',
      '*',
      '?[a]',
      'űő🔑',
      'a\u0000b',
      'a\r\nb',
      '__proto__',
      'constructor',
      '',
      'k'.repeat(1000),
    ])('a key may be any text (case %#)', async (odd) => {
      await suite.state.put(odd, 'value', 100);
      expect(await suite.state.get(odd)).toEqual({ value: 'value' });
      expect(await suite.state.get(`${odd}.`)).toBeUndefined();
      await suite.state.remove(odd);
      await suite.state.merge(odd, { a: '1' }, {}, 100);
      expect(await suite.state.begin(odd, 'a', {}, 100)).toEqual({ a: '1' });
      await suite.state.remove(odd);
      expect(await suite.state.spend(odd, { [odd]: 1 }, 100)).toEqual({ outcome: 'counted' });
      await suite.state.refund(odd, [odd]);
      await suite.state.offer(odd, odd, 100, 100);
      expect(await suite.state.guess(odd, odd, 1)).toEqual({ outcome: 'right', wrong: 0 });
    });

    test('what a caller does to a document it read changes nothing', async () => {
      const key = suite.newKey();
      const date = new Date(at);
      await suite.state.put(key, 'value', 100);
      await suite.state.consume(key, date);
      date.setTime(0);
      const read = await suite.state.get(key);
      read!.value = 'changed';
      read!.consumedAt!.setTime(0);
      expect(await suite.state.get(key)).toEqual({ value: 'value', consumedAt: at });
    });
  });
}
