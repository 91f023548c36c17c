import { describe, expect, test } from '@jest/globals';
import { createQueue } from '../../src/passwords/queue.ts';

const now = () => new Date();

/** After everything that can go on without a test's doing has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A work that ends when the test says so. */
function work() {
  let end: (value: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  let begun = false;
  const ended = new Promise<string>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const begin = () => {
    begun = true;
    return ended;
  };
  return { begin, end: (value: string) => end(value), fail: (error: Error) => fail(error), begun: () => begun };
}

type Work = ReturnType<typeof work>;

describe('queue', () => {
  test('runs so many at once, the rest in the order they came', async () => {
    const queue = createQueue({ atOnce: 2, length: 10, patience: 10, now });
    const works = [work(), work(), work(), work()];
    const runs = works.map(({ begin }) => queue.run(begin));
    await settled();
    expect(works.map(({ begun }) => begun())).toEqual([true, true, false, false]);
    expect(queue.load()).toMatchObject({ running: 2, waiting: 2 });

    works[1]!.end('b');
    expect(await runs[1]).toEqual({ outcome: 'done', value: 'b' });
    await settled();
    expect(works.map(({ begun }) => begun())).toEqual([true, true, true, false]);
    for (const { end } of works) end('x');
    await Promise.all(runs);
    expect(queue.load()).toEqual({ running: 0, waiting: 0, oldest: 0, refused: 0 });
  });

  test('past its length the answer is busy at once, and the work is not begun', async () => {
    const queue = createQueue({ atOnce: 1, length: 1, patience: 3, now });
    const works = [work(), work(), work()];
    const runs = works.map(({ begin }) => queue.run(begin));
    expect(await runs[2]).toEqual({ outcome: 'busy', retryAfter: 3 });
    expect(works[2]!.begun()).toBe(false);
    expect(queue.load().refused).toBe(1);
    works[0]!.end('');
    works[1]!.end('');
    await Promise.all(runs.slice(0, 2));
  });

  test('what goes first goes before all that wait, in places of its own', async () => {
    const queue = createQueue({ atOnce: 1, length: 1, patience: 10, now });
    const works = [work(), work(), work(), work()];
    const [running, usual, first, late] = works as [Work, Work, Work, Work];
    const runs = [queue.run(running.begin), queue.run(usual.begin), queue.run(first.begin, 'first')];
    expect(await queue.run(late.begin)).toMatchObject({ outcome: 'busy' });
    expect(await queue.run(late.begin, 'first')).toMatchObject({ outcome: 'busy' });
    expect(queue.load()).toMatchObject({ running: 1, waiting: 2, refused: 2 });
    running.end('a');
    await runs[0];
    await settled();
    expect(works.map(({ begun }) => begun())).toEqual([true, false, true, false]);
    first.end('c');
    await runs[2];
    await settled();
    expect(works.map(({ begun }) => begun())).toEqual([true, true, true, false]);
    usual.end('b');
    await Promise.all(runs);
    expect(queue.load()).toEqual({ running: 0, waiting: 0, oldest: 0, refused: 2 });
  });

  test('a work whose patience has ended is turned away, and its place is free', async () => {
    const queue = createQueue({ atOnce: 1, length: 1, patience: 0.02, now });
    const first = work();
    const running = queue.run(first.begin);
    const late = work();
    expect(await queue.run(late.begin)).toEqual({ outcome: 'busy', retryAfter: 1 });
    expect(late.begun()).toBe(false);
    expect(queue.load()).toMatchObject({ running: 1, waiting: 0 });
    first.end('');
    await running;
    expect(await queue.run(async () => 'next')).toEqual({ outcome: 'done', value: 'next' });
  });

  test('a work that fails gives its turn on', async () => {
    const queue = createQueue({ atOnce: 1, length: 1, patience: 10, now });
    const broken = work();
    const running = queue.run(broken.begin);
    const next = queue.run(async () => 'next');
    broken.fail(new Error('broken'));
    await expect(running).rejects.toThrow('broken');
    expect(await next).toEqual({ outcome: 'done', value: 'next' });
    expect(queue.load().running).toBe(0);
  });

  test('says how long the first in line has waited', async () => {
    let clock = 1_000_000;
    const queue = createQueue({ atOnce: 1, length: 2, patience: 10, now: () => new Date(clock) });
    const first = work();
    const runs = [queue.run(first.begin), queue.run(async () => '')];
    clock += 2500;
    expect(queue.load()).toMatchObject({ waiting: 1, oldest: 2.5 });
    first.end('');
    await Promise.all(runs);
  });
});
