/** Kapu as a process of its own that is killed at a certain write, and started again on the same stores. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Records } from '../../src/records/records.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { roomy } from '../support/kapu.ts';
import { startRedis } from '../support/redis.ts';
import { type Smtp, startSmtp } from '../support/smtp.ts';
import { type Fatal, type KillingProxy, startKillingProxy } from './killing-proxy.ts';
import { redisProtocol } from './protocols.ts';

export interface Killable {
  issuer: string;
  place: Place;
  records: Records;
  smtp: Smtp;
  proxy: KillingProxy;
  /** The faults that the server has logged. */
  faults: string[];
  /** How often the records have been written, and mails sent, so far. */
  elsewhere(): number;
  /** Kills the server at that write from now. */
  killAt(nth: number, when: Fatal['when']): void;
  /** Starts the server again where it has been killed; resolves when it serves. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** `kapu serve` with the demo's people and clients, cheap hashes, state in Redis and records in a file. */
export async function startKillable(): Promise<Killable> {
  const [redis, smtp] = await Promise.all([startRedis(), startSmtp()]);
  const proxy = await startKillingProxy(redis.port, redisProtocol);
  const place = await makePlace(smtp.port);
  await place.change((settings) => {
    roomy(settings);
    Object.assign(settings.password, { timeCost: 1, memoryCost: 64 });
    settings.emailCode!.resendAfter = '1s';
    settings.state = { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}`, prefix: 'kapu:', commandPatience: 5000 };
  });
  const records = await place.furnish();

  const faults: string[] = [];
  const watching = new DatabaseSync(place.at('kapu.sqlite'));
  const version = watching.prepare('pragma data_version');

  let child = await serving(place, faults);
  let ended = once(child, 'close');
  return {
    issuer: place.settings.issuer,
    place,
    records,
    smtp,
    proxy,
    faults,
    elsewhere: () => Number(version.get()!.data_version) + smtp.mails.length,
    killAt: (nth, when) => proxy.watch({ nth, when, kill: () => child.kill('SIGKILL') }),
    async revive() {
      if (!proxy.killed || !child.killed) return;
      await ended;
      child = await serving(place, faults);
      ended = once(child, 'close');
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await records.end();
      watching.close();
      proxy.stop();
      await Promise.all([redis.stop(), smtp.stop(), place.remove()]);
    },
  };
}

/** A server, once it says that it is ready; what it logs as a fault later is added to `faults`. */
async function serving(place: Place, faults: string[]): Promise<ChildProcess> {
  const child = place.start(['serve']);
  const lines = createInterface({ input: child.stdout! });
  const started = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve();
      if (/"level":"?(50|error|fatal)/.test(line)) faults.push(line);
    });
    child.once('close', () => reject(new Error(`kapu did not start: ${faults.join()}`)));
  });
  child.stderr!.on('data', (chunk) => faults.push(String(chunk)));
  await started;
  return child;
}
