/** What every state store promises of records. */

import { describe, expect, test } from '@jest/globals';
import type { Suite } from './suite.ts';

export function records(suite: Suite): void {
  describe(`${suite.name}: records`, () => {
    test('merge adds fields, replaces some, and leaves the others', async () => {
      const key = suite.newKey();
      expect(await suite.state.fields(key)).toBeUndefined();
      expect(await suite.state.merge(key, { a: '1', b: '2' }, {}, 100)).toBe(true);
      expect(await suite.state.merge(key, { b: '3', c: '4' }, {}, 100)).toBe(true);
      expect(await suite.state.fields(key)).toEqual({ a: '1', b: '3', c: '4' });
    });

    test('merge moves the expiry to its own ttl from now, later or sooner', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1' }, {}, 100);
      await suite.elapse(50);
      await suite.state.merge(key, {}, {}, 100);
      await suite.elapse(99);
      expect(await suite.state.fields(key)).toEqual({ a: '1' });
      await suite.state.merge(key, { b: '2' }, {}, 10);
      await suite.elapse(10);
      expect(await suite.state.fields(key)).toBeUndefined();
      expect(await suite.state.merge(key, { c: '3' }, {}, 100)).toBe(true);
      expect(await suite.state.fields(key)).toEqual({ c: '3' });
    });

    test('merging nothing into nothing leaves nothing', async () => {
      const key = suite.newKey();
      expect(await suite.state.merge(key, {}, {}, 100)).toBe(true);
      expect(await suite.state.fields(key)).toBeUndefined();
    });

    test.each([
      [undefined, '5', '5'],
      ['5', '3', '5'],
      ['3', '5', '5'],
      ['9', '10', '10'],
      ['10', '9', '10'],
      ['-5', '-3', '-3'],
      ['-3', '-5', '-3'],
      ['0', '-1', '0'],
      ['9007199254740990', '9007199254740991', '9007199254740991'],
      ['9007199254740991', '9007199254740990', '9007199254740991'],
      ['1795341600123', '1795341600124', '1795341600124'],
      ['text', '1', '1'],
      ['', '-1', '-1'],
    ])('of %s and %s the greatest is %s', async (old, offered, kept) => {
      const key = suite.newKey();
      const isNumber = /^-?\d+$/.test(old ?? '');
      if (old !== undefined) await suite.state.merge(key, isNumber ? {} : { n: old }, isNumber ? { n: old } : {}, 100);
      await suite.state.merge(key, { other: 'x' }, { n: offered }, 100);
      expect(await suite.state.fields(key)).toEqual({ n: kept, other: 'x' });
    });

    test('fields may have any name and value', async () => {
      const key = suite.newKey();
      const fields = JSON.parse(
        '{"__proto__":"1","constructor":"2","n":"3","h:x":"4","ű 🔑\\u0000":"5\\r\\n","empty":""}',
      );
      await suite.state.merge(key, fields, {}, 100);
      const read = await suite.state.fields(key);
      expect(Object.entries(read!).sort()).toEqual(Object.entries(fields).sort());
    });

    test('a record of many fields and of 100 kB', async () => {
      const key = suite.newKey();
      const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`field-${n}`, `${n}`]));
      await suite.state.merge(key, { ...fields, long: 'x'.repeat(100_000) }, {}, 100);
      expect(await suite.state.fields(key)).toEqual({ ...fields, long: 'x'.repeat(100_000) });
    });

    test('what a caller does to the fields it read changes nothing', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1' }, {}, 100);
      (await suite.state.fields(key))!.a = '2';
      expect(await suite.state.fields(key)).toEqual({ a: '1' });
    });

    test('a closed record is gone, and a writer that read it earlier cannot bring it back while the closing lasts', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1' }, { n: '1' }, 1000);
      const stale = await suite.state.fields(key);
      await suite.state.close(key, 100);
      expect(await suite.state.fields(key)).toBeUndefined();
      expect(await suite.state.merge(key, stale!, { n: '2' }, 1000)).toBe(false);
      expect(await suite.state.fields(key)).toBeUndefined();
      await suite.elapse(99);
      expect(await suite.state.merge(key, stale!, {}, 1000)).toBe(false);
      await suite.elapse(1);
      expect(await suite.state.merge(key, { b: '2' }, {}, 1000)).toBe(true);
      expect(await suite.state.fields(key)).toEqual({ b: '2' });
    });

    test('a record that never was can be closed, and closing again counts from then', async () => {
      const key = suite.newKey();
      await suite.state.close(key, 100);
      await suite.elapse(60);
      await suite.state.close(key, 100);
      await suite.elapse(60);
      expect(await suite.state.merge(key, { a: '1' }, {}, 100)).toBe(false);
    });

    test('50 writers at once lose no field, and the greatest stays', async () => {
      const key = suite.newKey();
      await suite.atOnce(50, (peer, n) => peer.merge(key, { [`writer-${n}`]: `${n}` }, { n: `${(n * 7) % 50}` }, 100));
      const read = await suite.state.fields(key);
      expect(Object.keys(read!)).toHaveLength(51);
      expect(read!.n).toBe('49');
    });
  });
}
