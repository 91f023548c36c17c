import { execFile } from 'node:child_process';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/** In a process of its own: the threads of this one are other tests'. */
const program = `
  import { getPriority } from 'node:os';
  import { readdirSync, readFileSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  import { hashesGiveWay } from '${new URL('../../src/passwords/give-way.ts', import.meta.url)}';
  await readFile('/proc/self/comm');
  const many = hashesGiveWay();
  const priorities = readdirSync('/proc/self/task').map((thread) => [
    readFileSync('/proc/self/task/' + thread + '/comm', 'utf8').trim() === 'libuv-worker',
    getPriority(Number(thread)) - getPriority(process.pid),
  ]);
  console.log(JSON.stringify({ many, priorities }));
`;

test('hashing threads stand behind, and no other', async () => {
  const env = { ...process.env, UV_THREADPOOL_SIZE: '6' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env });
  const { many, priorities } = JSON.parse(stdout) as { many: number; priorities: [boolean, number][] };
  expect(many).toBe(6);
  // 19 is the last there is: whoever runs the tests may stand behind already.
  const behind = Math.min(10, 19 - getPriority());
  for (const [isWorker, difference] of priorities) expect(difference).toBe(isWorker ? behind : 0);
});
