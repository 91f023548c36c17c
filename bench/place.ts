/**
 * Where what is measured runs: Redis, PostgreSQL and Kapu, each a process of its own on loopback, pinned to cores of their own where the
 * machine can, and how much CPU each has used. Kapu is what an operator starts: `kapu serve` as it is built for the image, with the settings of a
 * deployment but for limits, which are wide enough for one machine that is everybody.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaults, defaultsOf } from '../config/default.ts';
import { demoClients, demoSettings } from '../config/demo.ts';
import { type Settings, type SettingsInput, settingsSchema } from '../config/settings.ts';
import { seed } from '../demo/seed.ts';
import { buildInto } from '../scripts/build.ts';
import { ensureKeys } from '../src/oidc/keys/keys.ts';
import type { KeyAlgorithm } from '../src/oidc/keys/life.ts';
import { openRecords } from '../src/stores.ts';
import { withSmallMemory } from '../src/workers/memory.ts';
import { unlimited } from '../test/support/kapu.ts';
import { freePort } from '../test/support/ports.ts';
import { targetAt } from './browser.ts';
import { createWire } from './wire.ts';

/** Cores of the server, and those of everything else: where there is but one, nothing is pinned. */
const cores = availableParallelism();
const canPin = cores > 1 && ['/usr/bin/taskset', '/bin/taskset'].some((path) => existsSync(path));
export const pinning = canPin ? `the server on core ${cores - 1}, all else on the others` : 'nothing is pinned';

/** Leaves `pid`, and what it starts from now on, the cores that the server does not have. */
export async function leaveServersCore(pid: number, serverCores = 1): Promise<void> {
  const others = Math.max(1, cores - serverCores);
  if (canPin)
    await once(spawn('taskset', ['-a', '-p', '-c', `0-${others - 1}`, String(pid)], { stdio: 'ignore' }), 'exit');
}

/** Lays `pid` on the server's core, beside which it is measured. */
export async function pinToServersCore(pid: number): Promise<void> {
  if (canPin)
    await once(spawn('taskset', ['-a', '-p', '-c', String(cores - 1), String(pid)], { stdio: 'ignore' }), 'exit');
}

export interface KapuOptions {
  /** Address of a Redis; without it state is in memory. */
  redis?: string;
  /** Address of a database; without it records are in a file. */
  postgres?: string;
  smtpPort?: number;
  workers?: number;
  /** Cores to be pinned to; 0 for none in particular. */
  pinnedTo?: number;
  /** Of signing: what the clients of the bench want. */
  alg?: KeyAlgorithm;
  /** Hashes that cost next to nothing. */
  cheapHashes?: boolean;
  /** Where profiles of its CPU go (profiled.ts). */
  profileTo?: string;
  /** Words of its command line before the program, and variables besides those that operators set. */
  flags?: string[];
  env?: NodeJS.ProcessEnv;
  change?: (settings: SettingsInput) => void;
  /** Done when the records are there, before it is started. */
  prepare?: (settings: Settings) => Promise<void>;
}

export interface Running {
  issuer: string;
  operations?: string;
  process: ChildProcess;
  /** Seconds of CPU that it and its workers have used. */
  cpu(): number;
  /** Bytes of resident memory, of each process. */
  memory(): number[];
  /** The same without what processes share: Node's own program and libraries. */
  ownMemory(): number[];
  stop(): Promise<void>;
}

/** The clients of the bench: one a browser's, and two of the servers that call by themselves. */
export const service = {
  id: 'bench-service',
  secret: 'bench-service-secret-0123456789abcdef',
  redirectUri: 'http://127.0.0.1:45454/callback',
};
export const machine = { id: 'bench-machine', secret: 'bench-machine-secret-0123456789abcdef', redirectUri: '' };

function clientsOf(alg: string) {
  const signed = { id_token_signed_response_alg: alg, token_endpoint_auth_method: 'client_secret_basic' };
  return [
    {
      client_id: service.id,
      client_secret: service.secret,
      client_name: 'Bench',
      ...signed,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid offline_access',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
      post_logout_redirect_uris: ['http://127.0.0.1/'],
    },
    {
      client_id: machine.id,
      client_secret: machine.secret,
      client_name: 'Bench machine',
      profile: 'service',
      token_endpoint_auth_method: 'client_secret_basic',
      resources: ['http://127.0.0.1:45454/api'],
    },
  ];
}

/** `kapu serve`, once it is ready. */
export async function startKapu(options: KapuOptions): Promise<Running & { readyAfter: number }> {
  const { redis, postgres, smtpPort = 1, workers = 1, alg = 'ES256', cheapHashes, profileTo, pinnedTo = 1 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'kapu-bench-'));
  const port = await freePort();
  const input = demoSettings({ port, smtpPort, folder });
  input.operations = { host: '127.0.0.1', port: await freePort() };
  Object.assign(input, { password: { ...defaults.password }, emailCode: { ...defaults.emailCode } });
  unlimited(input);
  input.password.queue = 5_000;
  if (cheapHashes) Object.assign(input.password, { memoryCost: 64, timeCost: 1 });
  input.resources = { 'http://127.0.0.1:45454/api': { scopes: ['read'], accessToken: 'opaque' } };
  input.records = postgres
    ? { ...defaultsOf.records.postgres, kind: 'postgres', url: postgres }
    : { kind: 'sqlite', file: join(folder, 'kapu.sqlite') };
  // A machine that does something else for a second is no fault of a store: it shows as latency, and not as 503.
  if (redis) input.state = { ...defaultsOf.state.redis, kind: 'redis', url: redis, commandPatience: 5_000 };
  options.change?.(input);
  const settings = settingsSchema.parse(input);
  // ES256 in any case: what is not an ID token is signed by it.
  await ensureKeys(settings.keysFile, alg === 'ES256' ? [alg] : ['ES256', alg], () => new Date());
  const records = await openRecords(settings);
  await records.migrate();
  await seed(records, settings, port);
  for (const { client_id, ...metadata } of clientsOf(alg)) await records.clients.put(client_id, metadata);
  for (const { client_id, ...metadata } of demoClients(port))
    await records.clients.put(String(client_id), { ...metadata, id_token_signed_response_alg: alg });
  await records.end();
  await options.prepare?.(settings);
  await writeFile(join(folder, 'settings.json'), JSON.stringify(input));

  const args = [
    ...(options.flags ?? []),
    ...profiled(profileTo),
    // A profile names the sources.
    profileTo ? inProject('src/cli.ts') : await built(),
    'serve',
    ...(workers > 1 ? ['--workers', String(workers)] : []),
  ];
  const began = performance.now();
  const child = start(args, pinnedTo, {
    ...process.env,
    KAPU_CONFIG: join(folder, 'settings.json'),
    PROFILE_TO: profileTo,
    ...options.env,
  });
  const operations = `http://127.0.0.1:${settings.operations.port}`;
  await answers(`${operations}/health/ready`, child, workers);
  return {
    ...running(settings.issuer, child, async () => rm(folder, { recursive: true, force: true })),
    operations,
    readyAfter: performance.now() - began,
  };
}

/** A bare oidc-provider (bare.ts), once it answers. */
export async function startBare(options: {
  redis?: string;
  alg?: string;
  pinnedTo?: number;
  profileTo?: string;
}): Promise<Running> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const args = [
    ...profiled(options.profileTo),
    inProject('bench/bare.ts'),
    String(port),
    options.alg ?? 'ES256',
    options.redis ?? 'memory',
    JSON.stringify(service),
  ];
  const child = start(args, options.pinnedTo ?? 1, { ...process.env, PROFILE_TO: options.profileTo });
  await answers(`${issuer}/jwks`, child, 1);
  return running(issuer, child, async () => {});
}

function inProject(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

let building: Promise<string> | undefined;

/** The program as the image has it, built anew for whoever asks first. */
export function built(): Promise<string> {
  building ??= buildInto(inProject('dist-bench'));
  return building;
}

function profiled(folder: string | undefined): string[] {
  return folder ? ['--import', new URL('./profiled.ts', import.meta.url).href] : [];
}

function start(args: string[], pinnedTo: number, env: NodeJS.ProcessEnv): ChildProcess {
  const at = `${cores - pinnedTo}-${cores - 1}`;
  const command =
    canPin && pinnedTo > 0 ? ['taskset', '-c', at, process.execPath, ...args] : [process.execPath, ...args];
  const log = process.env.BENCH_LOG ? 'inherit' : 'ignore';
  return spawn(command[0]!, command.slice(1), {
    // What is compared is started with the same bounds.
    env: { ...withSmallMemory(env), NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', log, 'inherit'],
  });
}

async function answers(url: string, child: ChildProcess, workers: number): Promise<void> {
  const until = performance.now() + 30_000;
  const metrics = url.replace('/health/ready', '/metrics');
  for (;;) {
    if (child.exitCode !== null || performance.now() > until) throw new Error(`${url} does not answer`);
    const ok = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    const all = workers === 1 || (ok && (await (await fetch(metrics)).text()).includes(`kapu_workers ${workers}`));
    if (ok && all) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function running(issuer: string, child: ChildProcess, after: () => Promise<void>): Running {
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  const all = () => family(child.pid!);
  return {
    issuer,
    process: child,
    cpu: () => all().reduce((sum, pid) => sum + cpuOf(pid), 0),
    memory: () => all().map((pid) => memoryOf(pid, 'VmRSS')),
    ownMemory: () => all().map((pid) => memoryOf(pid, 'RssAnon')),
    async stop() {
      process.off('exit', atExit);
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      await after();
    },
  };
}

/** A process and its children. taskset becomes the program that it starts. */
function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}

/** Ticks of the system's clock a second: the same on every Linux that Node runs on. */
const ticks = 100;

export function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

function memoryOf(pid: number, what: 'VmRSS' | 'RssAnon'): number {
  const [, kilobytes] =
    new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** What requests go to. */
export async function targetOf({ issuer }: Pick<Running, 'issuer'>) {
  return targetAt(issuer, createWire(new URL(issuer)));
}
