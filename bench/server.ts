/** Kapu as a process of its own, for measuring: told by its parent which stores to use, it answers with its addresses. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultsOf } from '../config/default.ts';
import { demoSettings } from '../config/demo.ts';
import { settingsSchema } from '../config/settings.ts';
import { seed } from '../demo/seed.ts';
import { compose } from '../src/compose.ts';
import { createLog } from '../src/log.ts';
import { ensureKeys } from '../src/oidc/keys.ts';
import { freePort } from '../test/support/ports.ts';

export interface Stores {
  /** Where mails are taken. */
  smtpPort: number;
  /** Address of a Redis; without it state is in memory. */
  redis?: string;
}

export interface Ready {
  issuer: string;
  metrics: string;
}

process.once('message', async ({ redis, smtpPort }: Stores) => {
  const folder = await mkdtemp(join(tmpdir(), 'kapu-bench-'));
  const port = await freePort();
  const input = demoSettings({ port, smtpPort, folder });
  input.operations = { host: '127.0.0.1', port: await freePort() };
  Object.assign(input.password, { atOnce: 0, triesPerOrigin: 100_000, triesPerAccount: 100_000 });
  Object.assign(input.emailCode, { sendsPerAccount: 100_000, sendsInAll: 100_000, triesPerAccount: 100_000 });
  input.records = { kind: 'sqlite', file: join(folder, 'kapu.sqlite') };
  if (redis) input.state = { ...defaultsOf.state.redis, kind: 'redis', url: redis };
  const settings = settingsSchema.parse(input);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
  const kapu = await compose(settings, { log: createLog({ level: 'warn' }) });
  await seed(kapu.records, settings, port);
  await kapu.start();
  process.once('disconnect', async () => {
    await kapu.stop();
    await rm(folder, { recursive: true, force: true });
    process.exit(0);
  });
  process.send!({
    issuer: settings.issuer,
    metrics: `http://127.0.0.1:${settings.operations.port}/metrics`,
  } satisfies Ready);
});
