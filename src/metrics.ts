/**
 * The numbers that `/metrics` shows. A registry of its own a process, never the library's global one, so that two servers
 * in one process (as in tests) do not count into each other. Labels are few and closed: no path, user or client id.
 */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { QueueLoad } from './passwords/queue.ts';

export interface Metrics {
  /** What `/metrics` answers, in Prometheus' text format. */
  text(): Promise<string>;
  contentType: string;
  /** One answered request; `route` is a pattern, never a path. */
  countRequest(route: string, method: string, status: number, seconds: number): void;
  /** Sign-ins that ended; `level` is the level reached, '' for none. */
  signIns: Counter<'outcome' | 'level'>;
  /** Proofs that were refused; the reasons are the methods' own. */
  refusals: Counter<'method' | 'reason'>;
  /** Mails whose fate is known. */
  mails: Counter<'outcome'>;
  /** Codes and tokens that came a second time. */
  replays: Counter;
  /** Looks at the keys file that found what could not be used. */
  keysReloadFailures: Counter;
  /** Shows the signing keys that are served, from now on. */
  watchKeys(keys: () => readonly { alg: string; kapu: { status: string } }[]): void;
  /** Shows the load of the password queue from now on. */
  watchQueue(load: () => QueueLoad): void;
}

/** Metrics that count from nothing, with those of the process itself. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const requests = new Histogram({
    name: 'kapu_http_request_seconds',
    help: 'Time from a request to its answer, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });

  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    countRequest: (route, method, status, seconds) =>
      requests.observe({ route, method: known(method), status }, seconds),
    signIns: counter('kapu_sign_ins_total', 'Sign-ins that ended, by outcome and by the level reached.', [
      'outcome',
      'level',
    ]),
    refusals: counter('kapu_refusals_total', 'Proofs that were refused, by method and reason.', ['method', 'reason']),
    mails: counter('kapu_mails_total', 'Mails whose fate is known, by outcome.', ['outcome']),
    replays: counter('kapu_replays_total', 'Codes and tokens that came a second time; their grants were revoked.', []),
    keysReloadFailures: counter(
      'kapu_keys_reload_failures_total',
      'Looks at the keys file that found what could not be used; the keys from before serve on.',
      [],
    ),
    watchKeys(keys) {
      new Gauge({
        name: 'kapu_signing_keys',
        help: 'Signing keys that are served, by algorithm and status (next, signing, retiring).',
        labelNames: ['alg', 'status'],
        registers,
        collect() {
          this.reset();
          for (const { alg, kapu } of keys()) this.inc({ alg, status: kapu.status });
        },
      });
    },
    watchQueue(load) {
      const gauge = (name: string, help: string, read: (load: QueueLoad) => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read(load()));
          },
        });
      gauge('kapu_password_hashes_running', 'Password hashes being computed.', ({ running }) => running);
      gauge('kapu_password_queue_length', 'Sign-ins that wait for a hash.', ({ waiting }) => waiting);
      gauge('kapu_password_queue_oldest_seconds', 'How long the first in line has waited.', ({ oldest }) => oldest);
      gauge('kapu_password_queue_refused', 'Sign-ins sent away with 503 since the start.', ({ refused }) => refused);
    },
  };
}

/** Anybody can send any word as a method; each would be a series of its own. */
function known(method: string): string {
  return ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
}
