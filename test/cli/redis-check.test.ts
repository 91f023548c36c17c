/** `kapu check` on a Redis: what it finds stands in the table, with what to do. */

import { expect, test } from '@jest/globals';
import { closing } from '../support/closing.ts';
import { startRedis } from '../support/redis.ts';
import { makePlace } from './run.ts';

const atEnd = closing();

test('a Redis that evicts is broken, one without an append-only file doubtful', async () => {
  const redis = await startRedis({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
  atEnd(redis.stop);
  const place = await makePlace(1);
  atEnd(place.remove);
  await place.change((settings) => {
    settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 1000 };
  });
  const { code, out, err } = await place.kapu(['check']);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatch(/^ok +state +Redis \S+ answers, without TLS$/m);
  expect(out).toMatch(/^fail +state +throws away what has not expired .*\n {6}hint: set maxmemory-policy noeviction$/m);
  expect(out).toMatch(/^warn +state +keeps no append-only file: .*\n {6}hint: set appendonly yes/m);
});
