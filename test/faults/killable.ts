/** Kapu as a process of its own that is killed at a certain write, and started again on the same stores. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { settingsSchema } from '../../config/settings.ts';
import { seed } from '../../demo/seed.ts';
import { ensureKeys } from '../../src/oidc/keys.ts';
import type { Records } from '../../src/records/records.ts';
import { openRecords } from '../../src/stores.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { roomy } from '../support/kapu.ts';
import { startRedis } from '../support/redis.ts';
import { type Smtp, startSmtp } from '../support/smtp.ts';
import { type Fatal, type KillingProxy, startKillingProxy } from './killing-proxy.ts';

export interface Killable {
  issuer: string;
  place: Place;
  records: Records;
  smtp: Smtp;
  proxy: KillingProxy;
  /** Kills the server at that write from now. */
  killAt(nth: number, when: Fatal['when']): void;
  /** Starts the server again where it has been killed; resolves when it serves. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** `kapu serve` with the demo's people and clients, cheap hashes, state in Redis and records in a file. */
export async function startKillable(): Promise<Killable> {
  const [redis, smtp] = await Promise.all([startRedis(), startSmtp()]);
  const proxy = await startKillingProxy(redis.port);
  const place = await makePlace(smtp.port);
  await place.change((settings) => {
    roomy(settings);
    Object.assign(settings.password, { timeCost: 1, memoryCost: 64 });
    settings.emailCode!.resendAfter = '1s';
    settings.state = { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}`, prefix: 'kapu:', commandPatience: 5000 };
  });
  const settings = settingsSchema.parse(place.settings);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
  const records = await openRecords(settings);
  await records.migrate();
  await seed(records, settings, settings.listen.port);

  let child = await serving(place);
  let ended = once(child, 'close');
  return {
    issuer: settings.issuer,
    place,
    records,
    smtp,
    proxy,
    killAt: (nth, when) => proxy.watch({ nth, when, kill: () => child.kill('SIGKILL') }),
    async revive() {
      if (!proxy.killed || !child.killed) return;
      await ended;
      child = await serving(place);
      ended = once(child, 'close');
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await records.end();
      proxy.stop();
      await Promise.all([redis.stop(), smtp.stop(), place.remove()]);
    },
  };
}

/** A server, once it says that it is ready. */
async function serving(place: Place): Promise<ChildProcess> {
  const child = place.start(['serve']);
  let said = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      said += chunk;
      if (said.includes('"msg":"ready"')) resolve();
    });
    child.stderr!.on('data', (chunk) => {
      said += chunk;
    });
    child.once('close', () => reject(new Error(`kapu did not start: ${said}`)));
  });
  await ready;
  child.stdout!.removeAllListeners('data').resume();
  return child;
}
