/** What every state store refuses, in the same way. */

import { describe, expect, test } from '@jest/globals';
import type { Suite } from './suite.ts';

export function callers(suite: Suite): void {
  describe(`${suite.name}: faults of the caller`, () => {
    test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('a time to live of %s is refused', async (ttl) => {
      const key = suite.newKey();
      await expect(suite.state.put(key, '', ttl)).rejects.toThrow(RangeError);
      await expect(suite.state.add(key, '', ttl)).rejects.toThrow(RangeError);
      await expect(suite.state.merge(key, { a: '1' }, {}, ttl)).rejects.toThrow(RangeError);
      await expect(suite.state.close(key, ttl)).rejects.toThrow(RangeError);
      await expect(suite.state.begin(key, 'a', {}, ttl)).rejects.toThrow(RangeError);
      await expect(suite.state.spend(key, { n: 1 }, ttl)).rejects.toThrow(RangeError);
      await expect(suite.state.offer(key, 'secret', ttl, 100)).rejects.toThrow(RangeError);
      await expect(suite.state.offer(key, 'secret', 100, ttl)).rejects.toThrow(RangeError);
      expect(await suite.state.get(key)).toBeUndefined();
    });

    test.each(['', '1.5', '1e3', '0x10', 'text', ' 1', '9007199254740992'])("'%s' is no greatest", async (value) => {
      const key = suite.newKey();
      await expect(suite.state.merge(key, { a: '1' }, { n: value }, 100)).rejects.toThrow(RangeError);
      expect(await suite.state.fields(key)).toBeUndefined();
    });

    test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('a limit of %s is refused', async (limit) => {
      const key = suite.newKey();
      await expect(suite.state.spend(key, { a: 1, b: limit }, 100)).rejects.toThrow(RangeError);
      expect(await suite.state.spend(key, { a: 1 }, 100)).toEqual({ outcome: 'counted' });
    });

    test('counting under no name, giving one back twice, a life shorter than a secret, a field both plain and greatest: refused', async () => {
      const key = suite.newKey();
      await expect(suite.state.spend(key, {}, 100)).rejects.toThrow(RangeError);
      await expect(suite.state.refund(key, [])).rejects.toThrow(RangeError);
      await expect(suite.state.refund(key, ['a', 'a'])).rejects.toThrow(RangeError);
      await expect(suite.state.offer(key, 'secret', 100, 99)).rejects.toThrow(RangeError);
      await expect(suite.state.merge(key, { n: '1' }, { n: '1' }, 100)).rejects.toThrow(RangeError);
      expect(await suite.state.fields(key)).toBeUndefined();
    });

    test('a field without a name and a time that is none are refused', async () => {
      const key = suite.newKey();
      await expect(suite.state.merge(key, { '': '1' }, {}, 100)).rejects.toThrow(RangeError);
      await expect(suite.state.merge(key, {}, { '': '1' }, 100)).rejects.toThrow(RangeError);
      await expect(suite.state.begin(key, '', {}, 100)).rejects.toThrow(RangeError);
      await expect(suite.state.begin(key, 'a', { '': '1' }, 100)).rejects.toThrow(RangeError);
      await suite.state.put(key, 'value', 100);
      await expect(suite.state.consume(key, new Date(Number.NaN))).rejects.toThrow(RangeError);
      expect(await suite.state.get(key)).toEqual({ value: 'value' });
    });
  });
}
