import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { pauseBefore } from '../../src/workers/supervisor.ts';

test('a worker that keeps ending is started ever later, half a minute at most', () => {
  expect([1, 2, 3, 4, 9, 10, 100].map(pauseBefore)).toEqual([100, 200, 400, 800, 25_600, 30_000, 30_000]);
});

test('a worker that the system does not start is tried again, and the others go on', async () => {
  const program = join(import.meta.dirname, 'starting-fails.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', program], {
    env: { PATH: process.env.PATH },
  });
  expect(JSON.parse(stdout)).toEqual({ ends: ['SIGKILL', 'not started: ENOENT', 'not started: ENOENT'], meanwhile: 2 });
});
