import { expect, test } from '@jest/globals';
import { createMetrics } from '../../src/metrics.ts';
import { createSharedNumbers, type Numbers } from '../../src/workers/numbers.ts';

const of = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  );

test('numbers are put together as each wants it, and what an ended worker counted stays', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  let there = true;
  for (const metrics of [one, other]) {
    metrics.mailsAllowed.set(5);
    metrics.replays.inc(3);
    metrics.countRequest('none', 'GET', 200, 0.02);
  }
  one.watchReadiness(async () => ({ state: true }));
  other.watchReadiness(async () => ({ state: there }));
  one.watchQueue(() => ({ running: 1, waiting: 2, oldest: 0.5, refused: 1 }));
  other.watchQueue(() => ({ running: 1, waiting: 0, oldest: 0, refused: 0 }));
  const shared = createSharedNumbers(
    () => 2,
    () => 1,
  );
  const look = async (...all: [number, typeof one][]) => {
    const answers = await Promise.all(
      all.map(async ([number, metrics]) => [number, (await metrics.json()) as Numbers] as const),
    );
    return shared.text(new Map(answers));
  };

  const both = await look([1, one], [2, other]);
  expect(of(both, 'kapu_replays_total')).toBe(6);
  expect(of(both, 'kapu_mails_allowed_per_second')).toBe(5);
  expect(of(both, 'kapu_ready{part="state"}')).toBe(1);
  expect(of(both, 'kapu_password_hashes_running')).toBe(2);
  expect(of(both, 'kapu_password_queue_oldest_seconds')).toBe(0.5);
  expect(of(both, 'kapu_http_request_seconds_count{route="none",method="GET",status="200"}')).toBe(2);
  expect([of(both, 'kapu_workers'), of(both, 'kapu_worker_restarts_total')]).toEqual([2, 1]);

  there = false;
  expect(of(await look([1, one], [2, other]), 'kapu_ready{part="state"}')).toBe(0);

  // One that gives no answer this time, and then one that has ended.
  expect(of(await look([1, one]), 'kapu_replays_total')).toBe(6);
  shared.ended(2);
  const alone = await look([1, one]);
  expect(of(alone, 'kapu_replays_total')).toBe(6);
  expect(of(alone, 'kapu_password_hashes_running')).toBe(1);
  expect(of(alone, 'kapu_http_request_seconds_count{route="none",method="GET",status="200"}')).toBe(2);
  const next = createMetrics();
  next.replays.inc(1);
  expect(of(await look([1, one], [2, next]), 'kapu_replays_total')).toBe(7);
});
