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

    test('begin writes what it was given and moves the expiry, once; later it gives what is there and moves nothing', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1', b: '2' }, { n: '3' }, 50);
      expect(await suite.state.begin(key, 'begun', { b: '4', c: '5' }, 100)).toBeUndefined();
      const record = { a: '1', b: '4', c: '5', n: '3', begun: '' };
      await suite.elapse(60);
      expect(await suite.state.fields(key)).toEqual(record);
      expect(await suite.state.begin(key, 'begun', { b: '6', d: '7' }, 100)).toEqual(record);
      expect(await suite.state.fields(key)).toEqual(record);
      await suite.elapse(40);
      expect(await suite.state.fields(key)).toBeUndefined();
      expect(await suite.state.begin(key, 'begun', { begun: 'at last' }, 100)).toBeUndefined();
      expect(await suite.state.begin(key, 'begun', {}, 100)).toEqual({ begun: 'at last' });
    });

    test('each field begins for itself, and one that was merged has begun', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { merged: 'x' }, {}, 100);
      expect(await suite.state.begin(key, 'merged', {}, 100)).toEqual({ merged: 'x' });
      expect(await suite.state.begin(key, '1', {}, 100)).toBeUndefined();
      expect(await suite.state.begin(key, '2', {}, 100)).toBeUndefined();
      expect(await suite.state.begin(key, '1', {}, 100)).toEqual({ merged: 'x', 1: '', 2: '' });
    });

    test('in a closed record nothing begins', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1' }, {}, 100);
      await suite.state.close(key, 100);
      expect(await suite.state.begin(key, 'a', {}, 200)).toEqual({});
      expect(await suite.state.begin(key, 'b', { c: '1' }, 200)).toEqual({});
      expect(await suite.state.fields(key)).toBeUndefined();
      await suite.elapse(100);
      expect(await suite.state.begin(key, 'b', {}, 100)).toBeUndefined();
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
      const begun = await suite.state.begin(key, '__proto__', {}, 100);
      expect(Object.entries(begun!).sort()).toEqual(Object.entries(fields).sort());
      const other = suite.newKey();
      expect(await suite.state.begin(other, '__proto__', {}, 100)).toBeUndefined();
      expect(Object.entries((await suite.state.fields(other))!)).toEqual([['__proto__', '']]);
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
      const { n: _, ...stale } = (await suite.state.fields(key))!;
      await suite.state.close(key, 100);
      expect(await suite.state.fields(key)).toBeUndefined();
      expect(await suite.state.merge(key, stale, { n: '2' }, 1000)).toBe(false);
      expect(await suite.state.fields(key)).toBeUndefined();
      await suite.elapse(99);
      expect(await suite.state.merge(key, stale, {}, 1000)).toBe(false);
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

    test('several greatest in one go: those that grow are written, with what is plain', async () => {
      const key = suite.newKey();
      await suite.state.merge(key, { a: '1' }, { l: '5', m: '5', n: '5' }, 100);
      await suite.state.merge(key, { a: '2', b: '3' }, { l: '4', m: '6', n: '5', o: '-1' }, 100);
      expect(await suite.state.fields(key)).toEqual({ a: '2', b: '3', l: '5', m: '6', n: '5', o: '-1' });
      await suite.state.merge(key, {}, { l: '1', m: '1' }, 100);
      expect(await suite.state.fields(key)).toEqual({ a: '2', b: '3', l: '5', m: '6', n: '5', o: '-1' });
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
