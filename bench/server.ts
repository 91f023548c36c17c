/** Kapu as a process of its own, for measuring: told by its parent which stores to use, it answers with its addresses. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaults, defaultsOf } from '../config/default.ts';
import { demoPassword, demoSettings } from '../config/demo.ts';
import { type Settings, settingsSchema } from '../config/settings.ts';
import { seed } from '../demo/seed.ts';
import { compose } from '../src/compose.ts';
import { createLog } from '../src/log.ts';
import { ensureKeys } from '../src/oidc/keys/keys.ts';
import { hashesGiveWay } from '../src/passwords/give-way.ts';
import { createPasswords } from '../src/passwords/passwords.ts';
import type { Records } from '../src/records/records.ts';
import { unlimited } from '../test/support/kapu.ts';
import { freePort } from '../test/support/ports.ts';

export interface Stores {
  /** Where mails are taken. */
  smtpPort: number;
  /** Address of a Redis; without it state is in memory. */
  redis?: string;
  /** With the budgets, hashing and log of a deployment: otherwise there is room for one person who signs in all the time. */
  asDeployed?: boolean;
  /** People beside the demo's: `person-1`, `person-2` and so on, and as many of each other kind of account; all with the demo's password. */
  people?: number;
  /** Hashes that cost next to nothing. */
  cheapHashes?: boolean;
  /** Accounts are guarded from the first wrong password on. */
  guarded?: boolean;
}

export interface Ready {
  issuer: string;
  metrics: string;
  /** Where /health/live and /health/ready are. */
  operations: string;
}

/** Kapu in a process of its own, with the threads that `kapu serve` has, once it listens. It ends when `disconnect` is called. */
export async function startServer(stores: Stores): Promise<{ process: ChildProcess; ready: Ready }> {
  const child = fork(new URL(import.meta.url), {
    serialization: 'advanced',
    env: { ...process.env, UV_THREADPOOL_SIZE: String(availableParallelism() + 4) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--expose-gc'],
  });
  child.send(stores);
  const [ready] = (await once(child, 'message')) as [Ready];
  return { process: child, ready };
}

/** Bytes that the server still holds when what is no longer used has been collected. */
export async function heldBy(server: ChildProcess): Promise<number> {
  server.send('collect');
  const [held] = (await once(server, 'message')) as [number];
  return held;
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) process.once('message', serve);

async function serve({
  redis,
  smtpPort,
  asDeployed = false,
  people = 0,
  cheapHashes = false,
  guarded = false,
}: Stores): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kapu-bench-'));
  const port = await freePort();
  const input = demoSettings({ port, smtpPort, folder });
  input.operations = { host: '127.0.0.1', port: await freePort() };
  const plenty = 100_000;
  if (asDeployed) Object.assign(input, { password: defaults.password, emailCode: defaults.emailCode });
  else {
    unlimited(input);
    input.password.atOnce = 0;
  }
  if (guarded) Object.assign(input.password, { triesFromAnywhere: 1, guardedTries: plenty });
  if (cheapHashes) Object.assign(input.password, { memoryCost: 64, timeCost: 1 });
  input.records = { kind: 'sqlite', file: join(folder, 'kapu.sqlite') };
  if (redis) input.state = { ...defaultsOf.state.redis, kind: 'redis', url: redis };
  const settings = settingsSchema.parse(input);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
  const kapu = await compose(settings, { log: createLog({ level: asDeployed ? 'info' : 'warn' }) });
  await seed(kapu.records, settings, port);
  await addPeople(kapu.records, settings, people);
  await kapu.start();
  hashesGiveWay();
  process.once('disconnect', async () => {
    await kapu.stop();
    await rm(folder, { recursive: true, force: true });
    process.exit(0);
  });
  process.on('message', () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    process.send!(heapUsed + external);
  });
  process.send!({
    issuer: settings.issuer,
    metrics: `http://127.0.0.1:${settings.operations.port}/metrics`,
    operations: `http://127.0.0.1:${settings.operations.port}`,
  } satisfies Ready);
}

/** One hash for all of them: what is measured is checking it. */
async function addPeople(records: Records, { password, secrets }: Settings, count: number): Promise<void> {
  const passwords = createPasswords({ settings: password, peppers: secrets.peppers, cores: 1, now: () => new Date() });
  const made = await passwords.hash(demoPassword);
  if (made.outcome !== 'hashed') throw new Error('the queue is empty, and yet busy');
  for (let n = 1; n <= count; n++) {
    const person = { name: `Person ${n}`, locale: 'hu' as const };
    const reachable = (username: string) => ({
      ...person,
      username,
      email: `${username}@demo.example`,
      emailVerified: true,
    });
    await records.accounts.add(reachable(`person-${n}`), made.hash);
    await records.accounts.add(reachable(`hashless-${n}`));
    await records.accounts.add({ ...person, username: `addressless-${n}` }, made.hash);
    const { id } = await records.accounts.add(reachable(`disabled-${n}`), made.hash);
    await records.accounts.setStatus(id, 'disabled');
  }
}
