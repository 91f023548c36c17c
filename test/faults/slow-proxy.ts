/** A way to a server on loopback that takes its time. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SlowProxy {
  port: number;
  /** Milliseconds that what the server says is held back from now on. */
  delay: number;
  stop(): void;
}

/** Passes everything between its callers and `port`, answers later by `delay`. */
export async function startSlowProxy(port: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((caller) => {
    const callee = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
    }
    caller.pipe(callee);
    callee.on('data', (answer) => setTimeout(() => caller.writable && caller.write(answer), proxy.delay));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: SlowProxy = {
    port: (server.address() as AddressInfo).port,
    delay: 0,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}
