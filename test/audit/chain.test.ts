/** How entries join a chain, over a store that a test holds in its hands. */

import { beforeEach, expect, test } from '@jest/globals';
import { type Chained, chainInto, hashOf, headIn, linkTo, textOf } from '../../src/records/chain.ts';
import type { Head } from '../../src/records/records.ts';

let statements: Chained[][];
let asked: number;
let newest: Head | undefined;
let insert: (rows: Chained[]) => Promise<void>;

const open = () =>
  chainInto({
    insert: (rows) => insert(rows),
    async newest() {
      asked++;
      return newest;
    },
  });
const said = (event: string) => ({
  at: Date.parse('2026-11-22T10:00:00Z'),
  event,
  reference: null,
  account_id: null,
  client_id: null,
  origin: null,
  detail: null,
});
const fits = (rows: readonly Chained[]) =>
  rows.every((row, n) => row.number === n + 1 && row.hash === hashOf(rows[n - 1]?.hash ?? '', textOf(row)));

beforeEach(() => {
  statements = [];
  asked = 0;
  newest = undefined;
  insert = async (rows) => void statements.push(rows);
});

test('one after the other, each is a statement, and the first alone asks for what is there', async () => {
  const append = open();
  for (const event of ['a', 'b', 'c']) await append(said(event));
  expect(statements.map((rows) => rows.map(({ event }) => event))).toEqual([['a'], ['b'], ['c']]);
  expect(fits(statements.flat())).toBe(true);
  expect(asked).toBe(1);
  expect(new Set(statements.flat().map(({ writer }) => writer)).size).toBe(1);
});

test('200 at once are four statements, one in flight, in the order in which they came', async () => {
  let inFlight = 0;
  insert = async (rows) => {
    expect(++inFlight).toBe(1);
    await Promise.resolve();
    statements.push(rows);
    inFlight--;
  };
  const append = open();
  await Promise.all(Array.from({ length: 200 }, (_, n) => append(said(`e${n}`))));
  expect(statements.map(({ length }) => length)).toEqual([64, 64, 64, 8]);
  expect(statements.flat().map(({ event }) => event)).toEqual(Array.from({ length: 200 }, (_, n) => `e${n}`));
  expect(fits(statements.flat())).toBe(true);
});

test('none is kept before its statement is, and those of a statement that fails all hear of it', async () => {
  const append = open();
  await append(said('a'));
  const { promise, reject } = Promise.withResolvers<void>();
  const kept: string[] = [];
  insert = () => promise;
  const first = append(said('b')).then(() => kept.push('b'));
  // It waits for those of the same turn.
  await new Promise((resolve) => setImmediate(resolve));
  const others = ['c', 'd'].map((event) => append(said(event)).then(() => kept.push(event)));
  const settled = Promise.allSettled([first, ...others]);
  insert = async (rows) => void statements.push(rows);
  expect(kept).toEqual([]);
  reject(new Error('nobody knows'));
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(kept).toEqual(['c', 'd']);
});

test('a statement whose outcome is not known ends its chain; the next begins with what is known to be kept', async () => {
  const append = open();
  await append(said('a'));
  const [[a]] = statements as [[Chained]];
  insert = async () => {
    throw new Error('nobody knows');
  };
  await expect(append(said('b'))).rejects.toThrow('nobody knows');
  await expect(append(said('c'))).rejects.toThrow('nobody knows');
  insert = async (rows) => void statements.push(rows);
  await append(said('d'));
  await append(said('e'));
  const [, [d], [e]] = statements as [[Chained], [Chained], [Chained]];
  expect(d.writer).not.toBe(a.writer);
  expect(headIn(d.link!)).toEqual({ writer: a.writer, number: 1, at: new Date(a.at), hash: a.hash });
  expect([d.number, e.number, e.link, e.writer]).toEqual([1, 2, null, d.writer]);
  expect(fits([d, e])).toBe(true);
  expect(asked).toBe(1);
});

test('the first chain of a process begins with the newest entry that it finds, and not at all where it cannot ask', async () => {
  newest = { writer: 'A'.repeat(16), number: 7, at: new Date('2026-11-22T09:59:59.999Z'), hash: 'h'.repeat(43) };
  await open()(said('a'));
  expect(headIn(statements[0]![0]!.link!)).toEqual(newest);

  const append = chainInto({ insert, newest: () => Promise.reject(new Error('away')) });
  await expect(append(said('b'))).rejects.toThrow('away');
  expect(statements).toHaveLength(1);
});

test.each(['', 'x', 'AAAAAAAAAAAAAAAA 1 never hash', `${'A'.repeat(16)} 1 2026-11-22T10:00:00.000Z ${'h'.repeat(42)}`])(
  'what is no link is none: %j',
  (text) => expect(headIn(text)).toBeUndefined(),
);

test('a link says what it was made of', () => {
  const head = { writer: '_-'.repeat(8), number: 123_456_789, at: new Date(0), hash: '-_'.repeat(21).concat('x') };
  expect(headIn(linkTo(head))).toEqual(head);
});

test('each part of an entry is under its hash', () => {
  const entry = { ...said('a'), writer: 'w', number: 1, link: null };
  const others = [
    ...[{ at: 1 }, { event: 'b' }, { reference: 'b' }, { account_id: 'b' }, { client_id: 'b' }, { origin: 'b' }],
    ...[{ detail: '{}' }, { writer: 'v' }, { number: 2 }, { link: 'b' }],
  ].map((change) => textOf({ ...entry, ...change }));
  expect(new Set([textOf(entry), ...others]).size).toBe(others.length + 1);
});
