/**
 * Measures from a process of its own what those feel who do not sign in: services that refresh tokens, and whoever looks at the server's
 * health. Requests are sent at random moments, however long earlier ones take, and timed from the moment that they were due: a
 * server that stalls cannot hide it by holding up its next request. Beside that it looks at the server's memory.
 */

import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { ask, clientId } from './visitor.ts';

export interface Target {
  issuer: string;
  operations: string;
  /** Process id of the server. */
  pid: number;
  /** One for each person that services refresh for. */
  refreshTokens: string[];
  /** Milliseconds. */
  patience: number;
}

/** What was seen since the last time. */
export interface Seen {
  /** By kind, milliseconds of each request that was answered with 200. */
  took: Record<Kind, number[]>;
  /** Every other outcome, and how often. */
  failures: Record<string, number>;
  /** Bytes of resident memory, the most that was seen. */
  memory: number;
}

export const kinds = ['refresh', 'live', 'ready'] as const;
export type Kind = (typeof kinds)[number];

/** Requests a second of each kind. */
const rates: Record<Kind, number> = { refresh: 30, live: 20, ready: 20 };

const anew = (): Seen => ({ took: { refresh: [], live: [], ready: [] }, failures: {}, memory: 0 });
let seen = anew();
const running = new Set<Promise<void>>();

process.once('message', (target: Target) => {
  // A connection each: none waits for another, and none has just been closed by the server.
  const agent = new Agent();
  const urls: Record<Kind, URL> = {
    refresh: new URL('/token', target.issuer),
    live: new URL('/health/live', target.operations),
    ready: new URL('/health/ready', target.operations),
  };
  const free = [...target.refreshTokens];

  async function probe(kind: Kind, due: number, into: Seen): Promise<void> {
    const fail = (how: string) => {
      into.failures[`${kind}: ${how}`] = (into.failures[`${kind}: ${how}`] ?? 0) + 1;
    };
    const token = kind === 'refresh' ? free.shift() : undefined;
    if (kind === 'refresh' && !token) return fail('no token is free');
    const form = token ? { grant_type: 'refresh_token', client_id: clientId, refresh_token: token } : undefined;
    try {
      const answer = await ask(agent, urls[kind], target.patience, { form });
      if (answer.status !== 200) return fail(String(answer.status));
      into.took[kind].push(performance.now() - due);
      if (token) free.push(JSON.parse(answer.body).refresh_token ?? token);
    } catch (fault) {
      fail((fault as Error).constructor.name);
    }
  }

  for (const kind of kinds) {
    let due = performance.now();
    const next = () => {
      // Poisson: gaps are exponential.
      due += (-Math.log(1 - Math.random()) * 1000) / rates[kind];
      setTimeout(
        () => {
          const one = probe(kind, due, seen).finally(() => running.delete(one));
          running.add(one);
          next();
        },
        Math.max(0, due - performance.now()),
      );
    };
    next();
  }
  setInterval(() => {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${target.pid}/status`, 'utf8')) ?? [];
    seen.memory = Math.max(seen.memory, Number(kilobytes) * 1024);
  }, 50);
  process.on('message', async () => {
    const done = seen;
    seen = anew();
    await Promise.all(running);
    process.send!(done);
  });
});
process.once('disconnect', () => process.exit(0));
