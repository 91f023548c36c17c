/** Ports on loopback for servers under test. */

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to connections on their way out, of which tests have many: nobody gets one by chance. */
const [lowest, highest] = [15_000, 32_000];

/**
 * A loopback port that was free a moment ago, and `neighbours` more after it. Another process may still be quicker: who binds
 * it must be ready to ask again.
 */
export async function freePort(neighbours = 0): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    const all = Array.from({ length: 1 + neighbours }, (_, n) => isFree(port + n));
    if ((await Promise.all(all)).every(Boolean)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
