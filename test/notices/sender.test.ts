/** The sender of notices: one after the other, tried for a day, marked before the next; patient with an outbox that is away. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Delivery, Message } from '../../src/mail/mailer.ts';
import { createNoticeSender, type Fate, type NoticeSender, pauseAfter } from '../../src/notices/sender.ts';
import { type Notice, type Records, RecordsUnavailable } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';

const atEnd = closing();
const minute = 60_000;
const sent: Delivery = { outcome: 'sent', transport: 'first' };
const refused = (reason: string, final = false): Delivery => ({ outcome: 'failed', reason, ...(final && { final }) });

let clock: Date;
let records: Records;
let messages: Message[];
let fates: [string, Fate][];
let states: string[];
/** What the mailer answers. */
let deliver: (message: Message) => Delivery | Promise<Delivery>;

beforeEach(async () => {
  clock = new Date('2026-11-22T10:00:00Z');
  records = await createSqliteRecords({ file: ':memory:', now: () => clock });
  atEnd(() => records.end());
  await records.migrate();
  [messages, fates, states] = [[], [], []];
  deliver = () => sent;
});

function sender(outbox: Partial<Records['notices']> = {}, lookEvery = 3600_000): NoticeSender {
  const one = createNoticeSender({
    outbox: { ...records.notices, ...outbox },
    kinds: ['a'],
    compose: ({ kind }) => ({ subject: kind, text: kind, html: kind }),
    mailer: {
      send: async (message) => {
        messages.push(message);
        return deliver(message);
      },
    },
    lookEvery,
    report: async ({ email }, fate) => void fates.push([email, fate]),
    outboxIs: (state) => void states.push(state),
    now: () => clock,
  });
  atEnd(() => one.end());
  return one;
}

let people = 0;
async function written(kind = 'a'): Promise<string> {
  const email = `p${++people}@demo.example`;
  const account = { username: email, locale: 'en', email, emailVerified: true } as const;
  await records.notices.add((await records.accounts.add(account)).id, { kind });
  return email;
}
const settled = (count: number) => eventually(`${count} fates`, () => fates.length === count);
const pass = (milliseconds: number) => {
  clock = new Date(clock.getTime() + milliseconds);
};

test('bulk is sent when no other is due, may wait for longer, and what was given up is not kept for ever', async () => {
  let purged = 0;
  const purge = async (before: Date) => {
    const some = await records.notices.purge(before);
    purged += some;
    return some;
  };
  const one = createNoticeSender({
    outbox: { ...records.notices, purge },
    kinds: ['a'],
    bulk: { kinds: ['b'], patience: 10 * 24 * 3600_000 },
    compose: async ({ kind }) => ({ subject: kind, text: kind, html: kind }),
    mailer: {
      send: async (message) => {
        messages.push(message);
        return refused('no such mailbox', true);
      },
    },
    lookEvery: 20,
    report: async ({ email }, fate) => void fates.push([email, fate]),
    outboxIs: () => {},
    now: () => clock,
  });
  atEnd(() => one.end());
  await written('b');
  await written('b');
  pass(9 * 24 * 3600_000);
  await written('a');
  one.start();
  await settled(3);
  expect(messages.map(({ subject }) => subject)).toEqual(['a', 'b', 'b']);
  pass(91 * 24 * 3600_000);
  await eventually('they are gone', () => purged === 3);
});

describe('what is due', () => {
  test('is sent when it starts, when it is kicked, and when it looks by itself; in its order, in its language', async () => {
    const first = await written();
    pass(1);
    const second = await written();
    const one = sender({}, 20);
    one.start();
    await settled(2);
    expect(messages.map(({ to, language, oneRound }) => [to, language, oneRound])).toEqual([
      [first, 'en', true],
      [second, 'en', true],
    ]);
    await written();
    one.kick();
    await settled(3);
    await written();
    await settled(4);
    expect(fates.map(([, fate]) => fate)).toEqual(Array(4).fill(sent));
    expect(await records.notices.oldest()).toBeUndefined();
  });

  test('is one in hand at any time, whoever kicks how often', async () => {
    let inHand = 0;
    let most = 0;
    deliver = async () => {
      most = Math.max(most, ++inHand);
      await new Promise((later) => setImmediate(later));
      inHand--;
      return sent;
    };
    for (let n = 0; n < 10; n++) await written();
    const one = sender();
    one.start();
    for (let n = 0; n < 10; n++) {
      one.kick();
      await written();
      one.kick();
    }
    await settled(20);
    expect(most).toBe(1);
  });

  test("of a newer version's kinds is left to it", async () => {
    await written('b');
    const known = await written();
    sender().start();
    await settled(1);
    expect(messages.map(({ to }) => to)).toEqual([known]);
    expect(await records.notices.oldest()).toEqual(clock);
  });

  test('is claimed with no patience but its own', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    deliver = () => {
      seen.push(storage.getStore());
      return sent;
    };
    const one = sender();
    one.start();
    await written();
    storage.run('a request', one.kick);
    await settled(1);
    expect(seen).toEqual([undefined]);
  });
});

describe('what no server takes', () => {
  test('is tried again after growing pauses, and given up after a day', async () => {
    deliver = () => refused('away');
    const email = await written();
    const start = clock.getTime();
    const one = sender();
    one.start();
    const tried: number[] = [];
    for (let tries = 1; ; tries++) {
      await settled(tries);
      tried.push((clock.getTime() - start) / minute);
      const [, fate] = fates.at(-1)!;
      if (fate.outcome !== 'deferred') break;
      expect(fate.until.getTime() - clock.getTime()).toBe(pauseAfter(tries));
      clock = new Date(fate.until.getTime() - 1);
      one.kick();
      clock = fate.until;
      one.kick();
    }
    expect(tried.slice(0, 9)).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 247]);
    expect(tried.at(-1)).toBeGreaterThan(22 * 60);
    expect(tried.at(-1)).toBeLessThanOrEqual(24 * 60);
    expect(fates.at(-1)).toEqual([email, { outcome: 'failed', reason: 'away' }]);
    expect(await records.notices.oldest()).toBeUndefined();
  });

  test('holds up nothing that is due', async () => {
    const bad = await written();
    pass(1);
    const good = await written();
    deliver = ({ to }) => (to === bad ? refused('deferred') : sent);
    sender().start();
    await settled(2);
    expect(fates.map(([email, { outcome }]) => [email, outcome])).toEqual([
      [bad, 'deferred'],
      [good, 'sent'],
    ]);
  });

  test('is given up at once where its address is refused, or where it is older than a day', async () => {
    deliver = () => refused('no such address', true);
    const email = await written();
    const one = sender();
    one.start();
    await settled(1);
    expect(fates[0]).toEqual([email, { outcome: 'failed', reason: 'no such address' }]);
    await written();
    pass(24 * 60 * minute + 1);
    one.kick();
    await settled(2);
    expect(messages).toHaveLength(1);
    expect(fates[1]![1]).toEqual({ outcome: 'failed', reason: 'it is too old' });
  });

  test('has a mail that ends before its lease does', async () => {
    await written();
    sender().start();
    await settled(1);
    expect(messages[0]!.expiresAt.getTime() - clock.getTime()).toBe(4 * minute);
  });
});

describe('the outbox is away', () => {
  const gone = () => Promise.reject(new RecordsUnavailable('away'));

  test('nothing is sent, which is said once; when it is back, all goes on', async () => {
    let away = true;
    let looks = 0;
    const claim: Records['notices']['claim'] = (options) => {
      looks += 1;
      return away ? gone() : records.notices.claim(options);
    };
    await written();
    sender({ claim }, 10).start();
    await eventually('it looks again and again', () => looks > 3);
    expect([messages, states]).toEqual([[], ['away']]);
    away = false;
    await settled(1);
    await eventually('it says so', () => states.length === 2);
    expect(states).toEqual(['away', 'back']);
  });

  test('what was sent and could not be marked is marked later, and not sent again', async () => {
    let away = true;
    const mark: Records['notices']['sent'] = (id) => (away ? gone() : records.notices.sent(id));
    await written();
    await written();
    const one = sender({ sent: mark }, 10);
    one.start();
    await eventually('the mark is missing', () => states.length === 1);
    expect(messages).toHaveLength(1);
    away = false;
    await settled(1);
    expect(new Set(messages.map(({ to }) => to)).size).toBe(messages.length);
    await eventually('none waits', async () => (await records.notices.oldest()) === undefined);
    expect(messages).toHaveLength(2);
  });
});

describe('it ends', () => {
  test('when what is in hand is marked; the rest waits for others', async () => {
    const [first] = [await written(), await written()];
    const taken = Promise.withResolvers<Delivery>();
    deliver = () => taken.promise;
    const one = sender();
    one.start();
    await eventually('one is in hand', () => messages.length === 1);
    const ended = one.end();
    one.kick();
    taken.resolve(sent);
    await ended;
    expect(fates.map(([email]) => email)).toEqual([first]);
    const rest = await records.notices.claim({ kinds: ['a'], lease: 1 });
    expect(rest).toMatchObject({ tries: 1 } satisfies Partial<Notice>);
  });

  test("what it had to leave undone is the next one's at once", async () => {
    await written();
    const given = Promise.withResolvers<Delivery>();
    deliver = () => given.promise;
    const one = sender();
    one.start();
    await eventually('one is in hand', () => messages.length === 1);
    const ended = one.end();
    given.resolve(refused('the mailer was closed'));
    await ended;
    deliver = () => sent;
    sender().start();
    await settled(2);
    expect(fates[1]![1]).toEqual(sent);
  });

  test('it ends where it has never begun', async () => {
    await written();
    await expect(sender().end()).resolves.toBeUndefined();
    expect(messages).toEqual([]);
  });
});
