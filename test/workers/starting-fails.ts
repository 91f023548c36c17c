/** A program for supervisor.test.ts: three workers, of which one is killed while the system starts no other in its place. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { supervisor as above, ownNumber, startWorker } from '../../src/workers/processes.ts';
import { createSupervisor } from '../../src/workers/supervisor.ts';

if (ownNumber() !== undefined) {
  above.onMessage(({ kapu }) => kapu === 'stop' && process.exit());
  above.send({ kapu: 'up' });
} else {
  const ends: string[] = [];
  const log = pino({}, { write: (line: string) => void ends.push((JSON.parse(line) as { how: string }).how) });
  const three = createSupervisor({
    count: 3,
    start: startWorker,
    started() {},
    ended() {},
    log,
    now: () => new Date(),
  });
  await three.start();
  const until = async (is: () => boolean) => {
    for (const deadline = Date.now() + 20_000; !is() && Date.now() < deadline; ) await pause(10);
    assert(is(), ends.join(', '));
  };

  const node = process.execPath;
  process.execPath = '/nowhere/node';
  process.kill(three.up()[1]!.pid!, 'SIGKILL');
  await until(() => ends.length === 3);
  const meanwhile = three.up().length;
  process.execPath = node;
  await until(() => three.up().length === 3);
  await three.stop();
  console.log(JSON.stringify({ ends: ends.slice(0, 3), meanwhile }));
}
