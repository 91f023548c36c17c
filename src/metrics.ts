/**
 * The numbers that `/metrics` shows. Where several processes are one server, `aggregator` says how theirs become one; they are
 * added up unless it says otherwise. A registry of its own a process, never the library's global one, so that two servers
 * in one process (as in tests) do not count into each other. Labels are few and closed: no path, user or client id.
 */

import { type Aggregator, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { QueueLoad } from './passwords/queue.ts';

export interface Metrics {
  /** What `/metrics` answers, in Prometheus' text format. */
  text(): Promise<string>;
  /** The same as data, for another process to add up with its own. */
  json(): Promise<object[]>;
  contentType: string;
  /** One answered request; `route` is a pattern, never a path. */
  countRequest(route: string, method: string, status: number, seconds: number): void;
  /** Sign-ins that began: somebody was shown a page. */
  signInsStarted: Counter;
  /** Sign-ins that ended; `level` is the level reached, '' for none. */
  signIns: Counter<'outcome' | 'level'>;
  /** Proofs that were refused; the reasons are the methods' own. */
  refusals: Counter<'method' | 'reason'>;
  /** Mails whose fate is known. */
  mails: Counter<'outcome'>;
  /** Notices by what became of them: sent, deferred, failed; lost are those that could not be written. */
  notices: Counter<'outcome'>;
  /** Shows from now on when the oldest notice that waits was written, asked each time that somebody looks. */
  watchNotices(oldest: () => Promise<Date | undefined>, now: () => Date): void;
  /** Services told of a sign-out, or not: told, refused by the service, failed. */
  logouts: Counter<'outcome'>;
  /** Accounts whose owners have said that it was not them. */
  accountsReported: Counter;
  /** Accounts whose owners have given them up, by whether they could be removed when their time had come. */
  accountsDeleted: Counter<'outcome'>;
  /** Codes and tokens that came a second time. */
  replays: Counter;
  /** Looks at the keys file that found what could not be used. */
  keysReloadFailures: Counter;
  /** Shows the signing keys that are served, from now on. */
  watchKeys(keys: () => readonly { alg: string; kapu: { status: string } }[]): void;
  /** Requests that were sent away at the turnstile. */
  turnedAway: Counter;
  /** Steps that a store failed at, because it was away or too slow. Entries of the audit are counted apart from other records. */
  storeFailures: Counter<'store'>;
  /** Mails that may be sent a second, in the long run; whoever alerts compares what is sent with it. */
  mailsAllowed: Gauge;
  /** Shows from now on which parts are ready, asked each time that somebody looks. */
  watchReadiness(ready: () => Promise<Record<string, boolean>>): void;
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

  const mails = counter('kapu_mails_total', 'Mails whose fate is known, by outcome.', ['outcome']);
  const storeFailures = counter('kapu_store_failures_total', 'Steps that a store failed at: away or too slow.', [
    'store',
  ]);
  const logouts = counter('kapu_backchannel_logouts_total', 'Services told of a sign-out, by what came of it.', [
    'outcome',
  ]);
  const notices = counter('kapu_notices_total', 'Notices by what became of them: lost could not be written.', [
    'outcome',
  ]);
  const accountsDeleted = counter(
    'kapu_accounts_deleted_total',
    'Accounts that were to be removed when their owners’ time for second thoughts was over, by outcome.',
    ['outcome'],
  );
  // There from the start: a rise from nothing to one is a rise as well.
  for (const outcome of ['sent', 'failed']) mails.inc({ outcome }, 0);
  for (const outcome of ['sent', 'deferred', 'failed', 'lost']) notices.inc({ outcome }, 0);
  for (const outcome of ['told', 'refused', 'failed']) logouts.inc({ outcome }, 0);
  for (const outcome of ['removed', 'failed']) accountsDeleted.inc({ outcome }, 0);
  for (const store of ['state', 'records', 'audit']) storeFailures.inc({ store }, 0);

  return {
    text: () => registry.metrics(),
    json: () => registry.getMetricsAsJSON(),
    contentType: registry.contentType,
    countRequest: (route, method, status, seconds) =>
      requests.observe({ route, method: known(method), status }, seconds),
    signInsStarted: counter('kapu_sign_ins_started_total', 'Sign-ins that began: somebody was shown a page.', []),
    signIns: counter('kapu_sign_ins_total', 'Sign-ins that ended, by outcome and by the level reached.', [
      'outcome',
      'level',
    ]),
    refusals: counter('kapu_refusals_total', 'Proofs that were refused, by method and reason.', ['method', 'reason']),
    mails,
    notices,
    watchNotices(oldest, now) {
      new Gauge({
        name: 'kapu_notices_oldest_seconds',
        help: 'How long the oldest notice that has not been sent has waited; 0 where none waits.',
        aggregator: 'max',
        registers,
        async collect() {
          const at = await oldest().catch(() => 'unknown' as const);
          if (at !== 'unknown') this.set(at ? Math.max(0, now().getTime() - at.getTime()) / 1000 : 0);
        },
      });
    },
    logouts,
    storeFailures,
    mailsAllowed: new Gauge({
      name: 'kapu_mails_allowed_per_second',
      help: 'Mails that all processes together may send a second, in the long run: sendsInAll in its window.',
      aggregator: 'max',
      registers,
    }),
    turnedAway: counter('kapu_turned_away_total', 'Requests of people answered 503 because too many came at once.', []),
    watchReadiness(ready) {
      new Gauge({
        name: 'kapu_ready',
        help: 'Whether a part that serving needs is there: 1 or 0.',
        aggregator: 'min',
        labelNames: ['part'],
        registers,
        async collect() {
          this.reset();
          for (const [part, there] of Object.entries(await ready().catch(() => ({ check: false }))))
            this.set({ part }, there ? 1 : 0);
        },
      });
    },
    accountsReported: counter(
      'kapu_accounts_reported_total',
      'Accounts that were stopped because somebody said that it was not them.',
      [],
    ),
    accountsDeleted,
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
        aggregator: 'max',
        labelNames: ['alg', 'status'],
        registers,
        collect() {
          this.reset();
          for (const { alg, kapu } of keys()) this.inc({ alg, status: kapu.status });
        },
      });
    },
    watchQueue(load) {
      const gauge = (name: string, help: string, read: (load: QueueLoad) => number, aggregator: Aggregator = 'sum') =>
        new Gauge({
          name,
          help,
          aggregator,
          registers,
          collect() {
            this.set(read(load()));
          },
        });
      gauge('kapu_password_hashes_running', 'Password hashes being computed.', ({ running }) => running);
      gauge('kapu_password_queue_length', 'Sign-ins that wait for a hash.', ({ waiting }) => waiting);
      gauge(
        'kapu_password_queue_oldest_seconds',
        'How long the first in line has waited.',
        (load) => load.oldest,
        'max',
      );
      new Counter({
        name: 'kapu_password_queue_refused_total',
        help: 'Sign-ins sent away with 503 because too many wait for a hash.',
        registers,
        collect() {
          this.reset();
          this.inc(load().refused);
        },
      });
    },
  };
}

/** Anybody can send any word as a method; each would be a series of its own. */
function known(method: string): string {
  return ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
}
