/** Telling services of sign-outs: what a full queue, an end of the server and another process do to it. */

import { describe, expect, test } from '@jest/globals';
import { type Attempted, createDelivery, type DeliveryOptions, type Heard } from '../../src/oidc/logout/delivery.ts';
import { createHandover } from '../../src/oidc/logout/handover.ts';
import type { Notice } from '../../src/oidc/logout/notices.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { eventually } from '../support/eventually.ts';

const notice = (id: string, clientId = 'tax'): Notice => ({ id, clientId, accountId: 'a', sid: `of ${id}`, ip: '::1' });
const notices = (count: number, clientId?: string) =>
  Array.from({ length: count }, (_, at) => notice(`${clientId ?? 'n'}${at}`, clientId));

/** A delivery whose tries are answered by the test. */
function delivery(options: Partial<DeliveryOptions> = {}) {
  const trying: { notice: Notice; answer: (heard: Heard) => void }[] = [];
  const fates: [id: string, outcome: string, tries: number][] = [];
  const made = createDelivery({
    send: (each) => new Promise((answer) => trying.push({ notice: each, answer })),
    retryAfter: [1, 1],
    atOnce: 2,
    most: 3,
    async report({ notice: { id }, tries }, { outcome }) {
      fates.push([id, outcome, tries]);
    },
    ...options,
  });
  return { ...made, trying, fates };
}
const unheard: Heard = { outcome: 'unheard', reason: 'status 503' };

describe('one service', () => {
  test('has so many tries at once, so many notices waiting, and no more', async () => {
    const { tell, trying, fates } = delivery();
    tell(notices(6));
    expect(trying.map(({ notice: { id } }) => id)).toEqual(['n0', 'n1']);
    expect(fates).toEqual([['n5', 'failed', 0]]);
    for (let at = 0; at < 5; at++) {
      await eventually('it is tried', () => trying.length > at);
      trying[at]!.answer({ outcome: 'told' });
    }
    await eventually('all are told', () => fates.length === 6);
  });

  test('that hangs delays no other', async () => {
    const { tell, trying, fates } = delivery();
    tell([...notices(4, 'hangs'), notice('n', 'well')]);
    trying.find(({ notice: { clientId } }) => clientId === 'well')!.answer({ outcome: 'told' });
    await eventually('the other is told', () => fates.length === 1);
    expect(fates).toEqual([['n', 'told', 1]]);
  });

  test('what another notice has told is no news', async () => {
    const { tell, trying, fates, end } = delivery();
    tell([notice('n')]);
    trying[0]!.answer({ outcome: 'known' });
    await end(1000);
    expect(fates).toEqual([]);
  });
});

describe('when the server ends', () => {
  test('what waits is tried once more at once; what is not heard is given up', async () => {
    const { tell, trying, fates, end } = delivery({ retryAfter: [3_600_000] });
    tell(notices(2));
    trying[0]!.answer(unheard);
    await eventually('a slot is free', async () => true);
    const ended = end(200);
    await eventually('it is tried again', () => trying.length === 3);
    trying[2]!.answer({ outcome: 'told' });
    await ended;
    // The second has never answered.
    expect(fates).toEqual([
      ['n0', 'told', 2],
      ['n1', 'failed', 0],
    ]);
  });

  test('it is left to others where that is possible, with the tries that it had', async () => {
    const left: Attempted[] = [];
    const { tell, trying, fates, end } = delivery({
      async leave(all) {
        left.push(...all);
        return true;
      },
    });
    tell(notices(1));
    const ended = end(5_000);
    trying[0]!.answer(unheard);
    await ended;
    expect([left, fates]).toEqual([[{ notice: notice('n0'), tries: 1 }], []]);

    const other = delivery();
    other.resume(left);
    other.trying[0]!.answer({ outcome: 'told' });
    await other.end(1000);
    expect(other.fates).toEqual([['n0', 'told', 2]]);
  });
});

describe('handover', () => {
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const state = createMemoryState({ now });
  const [one, other] = [createHandover(state, now), createHandover(state, now)];

  test('a session’s end is one notice’s to tell, in all processes', async () => {
    const [first, second] = [notice('first'), { ...notice('second'), sid: notice('first').sid }];
    expect(await one.claim(first)).toBe(true);
    expect(await other.claim(second)).toBe(false);
    expect(await other.claim(first)).toBe(true);
  });

  test('what is left is taken once, and not when it is too old', async () => {
    const left = notices(3).map((each) => ({ notice: each, tries: 2 }));
    expect(await one.leave(left)).toBe(true);
    const taken = (await Promise.all([one.take(), other.take(), other.take()])).flat();
    expect(taken.map(({ notice: { id }, tries }) => [id, tries]).sort()).toEqual([
      ['n0', 2],
      ['n1', 2],
      ['n2', 2],
    ]);
    await one.leave([{ notice: notice('late'), tries: 0 }]);
    ahead += 3_599_000;
    await one.leave([{ notice: notice('fresh'), tries: 0 }]);
    ahead += 2_000;
    expect((await other.take()).map(({ notice: { id } }) => id)).toEqual(['fresh']);
  });

  /** Those of the last day. */
  const recordsLeft = () => {
    const hour = Math.floor(now().getTime() / 3_600_000);
    return Array.from({ length: 24 }, (_, back) => `logout-left:${hour - back}`);
  };

  test('what was left is gone after two hours, however much is left meanwhile', async () => {
    await one.leave([{ notice: notice('early'), tries: 0 }]);
    for (let half = 0; half < 6; half++) {
      ahead += 1_800_000;
      await one.leave([{ notice: notice(`later ${half}`), tries: 0 }]);
      expect((await other.take()).map(({ notice: { id } }) => id)).toContain(`later ${half}`);
    }
    const ids = Object.keys(Object.assign({}, ...(await Promise.all(recordsLeft().map((key) => state.fields(key))))));
    expect([ids.includes('early'), ids.includes('later 5')]).toEqual([false, true]);
  });
});
