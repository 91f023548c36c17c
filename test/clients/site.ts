/** An Express application on a loopback port. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type Express } from 'express';
import { freePort } from '../support/ports.ts';

export interface Site {
  /** Its origin, known before it starts: clients are registered with it. */
  url: string;
  /** Serves what `build` puts into the application. */
  serve(build: (app: Express) => void): Promise<void>;
  stop(): Promise<void>;
}

/** A site at `host`, not yet listening. Two ports of one host are one site to a browser's cookies. */
export async function site(host: '127.0.0.1' | 'localhost' = '127.0.0.1'): Promise<Site> {
  const port = await freePort();
  const server = createServer();
  return {
    url: `http://${host}:${port}`,
    async serve(build) {
      const app = express();
      build(app);
      server.on('request', app);
      await once(server.listen(port, host), 'listening');
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    },
  };
}
