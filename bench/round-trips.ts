/** What one flow sends Redis, seen on the wire: how many commands, and for how many answers, one after the other, it has to wait. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { flows } from './flows.ts';
import { startKapu, targetOf } from './place.ts';

export interface RoundTrips {
  flow: 'basic' | 'silent' | 'refresh';
  commands: number;
  /**
   * By how many times as much a flow takes longer as answers come later. What goes out together is waited for together, and what nobody waits
   * for costs no time.
   */
  waits: number;
}

/** Milliseconds by which answers are kept back: much more than a step of the server takes. */
const late = 40;

/** Counts over flows of each kind, one at a time, with Kapu's Redis behind a relay. */
export async function countRoundTrips(redisPort: number): Promise<RoundTrips[]> {
  const seen = { commands: 0, delay: 0 };
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    const upstream = connect(redisPort, '127.0.0.1').setNoDelay();
    client.setNoDelay();
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    client.on('data', (chunk: Buffer) => {
      // A command is an array of strings: '*3\r\n$3\r\nSET\r\n…'.
      seen.commands += chunk.toString('latin1').match(/\*\d+\r\n\$\d+\r\n/g)?.length ?? 0;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // Timers of the same length end in the order in which they began.
      if (seen.delay > 0) setTimeout(() => client.write(chunk), seen.delay);
      else client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port } = relay.address() as { port: number };
  const kapu = await startKapu({ redis: `redis://127.0.0.1:${port}`, cheapHashes: true });
  const target = await targetOf(kapu);
  const counted: RoundTrips[] = [];
  for (const flow of ['basic', 'silent', 'refresh'] as const) {
    const work = await flows[flow](target, 1);
    for (let n = 0; n < 5; n++) await work();
    /** The least of several: health checks and clocks may come in between. */
    const least = async (delay: number) => {
      const each = [];
      for (let n = 0; n < 9; n++) {
        Object.assign(seen, { commands: 0, delay });
        const began = performance.now();
        await work();
        each.push({ took: performance.now() - began, commands: seen.commands });
      }
      // What is kept back still must not be overtaken.
      await after(2 * delay);
      return {
        took: Math.min(...each.map(({ took }) => took)),
        commands: Math.min(...each.map(({ commands }) => commands)),
      };
    };
    const [soon, later] = [await least(0), await least(late)];
    counted.push({ flow, commands: soon.commands, waits: Math.round((later.took - soon.took) / late) });
  }
  target.wire.end();
  await kapu.stop();
  for (const socket of sockets) socket.destroy();
  relay.close();
  return counted;
}
