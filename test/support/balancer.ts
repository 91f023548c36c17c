/** What stands in front of several servers: each request goes to the next of them, and nobody sees which. */

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  port: number;
  /** Requests so far that a server did not answer. */
  lost: string[];
  stop(): Promise<void>;
}

/** Balances over `ports` of loopback, in turn. Headers go through as they are. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const lost: string[] = [];
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const port = ports[turn++ % ports.length];
    const { method, url: path, headers } = incoming;
    const onward = request({ host: 'localhost', port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on('error', (fault) => {
      lost.push(`${method} ${path}: ${fault.message}`);
      outgoing.destroy();
    });
    incoming.pipe(onward);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    lost,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
