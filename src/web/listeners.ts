/**
 * Where people and services reach Kapu: over http behind a proxy, or by TLS of its own; and, beside it, a listener that asks clients for
 * their certificates. A browser must never meet that one: it would ask people which certificate they want to show.
 */

import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

/** BCP 195 (RFC 9325, 4.2): forward secrecy and authenticated encryption only. */
const ciphers = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
].join(':');

export interface Place {
  host: string;
  port: number;
}
/** PEM files. */
interface Files {
  cert: string;
  key: string;
}
export interface Listener {
  server: Server;
  at: Place;
}
/** What the settings of these names say. */
export interface Places {
  listen: Place;
  tls?: Files;
  mtls?: { listen?: Place & Files };
}

/** The listeners of `settings`, not listening yet. Throws when a certificate or its key cannot be read. */
export function createListeners(settings: Places, answer: RequestListener): Listener[] {
  const { tls, mtls } = settings;
  const own = (files: Files) =>
    ({ cert: readFileSync(files.cert), key: readFileSync(files.key), minVersion: 'TLSv1.2', ciphers }) as const;
  const people = tls ? createSecureServer(own(tls), answer) : createServer(answer);
  if (!mtls?.listen) return [{ server: people, at: settings.listen }];
  // Whether an authority has signed a certificate, and what that is worth, is asked where a client is to be known by it.
  const asking = { ...own(mtls.listen), requestCert: true, rejectUnauthorized: false };
  return [
    { server: people, at: settings.listen },
    { server: createSecureServer(asking, answer), at: mtls.listen },
  ];
}

/** Has all of them listen, one after the other. Throws when a place is taken. */
export async function listen(listeners: readonly Listener[]): Promise<void> {
  for (const { server, at } of listeners) {
    // Slow senders are cut off rather than kept (ASVS 13.1.3).
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at.port, at.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }
}

/** Stops accepting and waits for what runs; what has not finished after `patience` milliseconds is cut off. */
export async function close(listeners: readonly Listener[], patience: number): Promise<void> {
  await Promise.all(
    listeners.map(async ({ server }) => {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const impatience = setTimeout(() => server.closeAllConnections(), patience);
      await closed;
      clearTimeout(impatience);
    }),
  );
}
