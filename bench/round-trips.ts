/** What one flow sends Redis, seen on the wire: how many commands, and how often the server waits for an answer before it goes on. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { flows } from './flows.ts';
import { startKapu, targetOf } from './place.ts';

export interface RoundTrips {
  flow: 'basic' | 'silent' | 'refresh';
  commands: number;
  /** Times that commands follow an answer: what goes out together is waited for together. */
  waits: number;
}

/** Counts over one flow of each kind, one at a time, with Kapu's Redis behind a relay. */
export async function countRoundTrips(redisPort: number): Promise<RoundTrips[]> {
  const seen = { commands: 0, waits: 0, answered: true };
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    const upstream = connect(redisPort, '127.0.0.1').setNoDelay();
    client.setNoDelay();
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    client.on('data', (chunk: Buffer) => {
      // A command is an array of strings: '*3\r\n$3\r\nSET\r\n…'.
      seen.commands += chunk.toString('latin1').match(/\*\d+\r\n\$\d+\r\n/g)?.length ?? 0;
      if (seen.answered) seen.waits++;
      seen.answered = false;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      seen.answered = true;
      client.write(chunk);
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
    for (let n = 0; n < 3; n++) await work();
    // The least of several: health checks and clocks may come in between.
    const each = [];
    for (let n = 0; n < 5; n++) {
      Object.assign(seen, { commands: 0, waits: 0, answered: true });
      await work();
      each.push({ commands: seen.commands, waits: seen.waits });
    }
    const [least] = each.toSorted((a, b) => a.waits - b.waits || a.commands - b.commands);
    counted.push({ flow, ...least! });
  }
  target.wire.end();
  await kapu.stop();
  for (const socket of sockets) socket.destroy();
  relay.close();
  return counted;
}
