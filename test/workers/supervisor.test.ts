import { expect, test } from '@jest/globals';
import { pauseBefore } from '../../src/workers/supervisor.ts';

test('a worker that keeps ending is started ever later, half a minute at most', () => {
  expect([1, 2, 3, 4, 9, 10, 100].map(pauseBefore)).toEqual([100, 200, 400, 800, 25_600, 30_000, 30_000]);
});
