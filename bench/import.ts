/**
 * `npm run bench -- import [ROWS]`: `kapu account import` of a million rows, with activation codes by letter, into SQLite and into
 * PostgreSQL, while a server runs and somebody signs in all the time; how long it takes, how much memory, and what sign-ins take meanwhile
 * and without it. A second run of the same file follows, which has nothing to add.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { defaultsOf } from '../config/default.ts';
import { demoPassword, demoSettings } from '../config/demo.ts';
import { type SettingsInput, settingsSchema } from '../config/settings.ts';
import { seed } from '../demo/seed.ts';
import { ensureKeys } from '../src/oidc/keys/keys.ts';
import { openRecords } from '../src/stores.ts';
import { Agent } from '../test/support/agent.ts';
import { eventually } from '../test/support/eventually.ts';
import { unlimited } from '../test/support/kapu.ts';
import { freePort } from '../test/support/ports.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type RelyingParty, relyingParty } from '../test/support/relying-party.ts';
import { built } from './place.ts';

const rows = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 1_000_000);
/** Sign-ins begun a second. */
const rate = 4;
const cli = await built();

interface Run {
  seconds: number;
  /** Megabytes, the most at any moment. */
  memory: number;
  said: string;
  signIns: SignIns;
}

/** Milliseconds. */
interface SignIns {
  count: number;
  failed: number;
  median: number;
  p99: number;
  longest: number;
}

const folder = await mkdtemp(join(tmpdir(), 'kapu-bench-import-'));
const file = join(folder, 'people.csv');
await writeRows();
const postgres = await startPostgres();
const measured = [
  await measure('SQLite', { kind: 'sqlite', file: join(folder, 'kapu.sqlite') }),
  await measure('PostgreSQL', {
    ...defaultsOf.records.postgres,
    kind: 'postgres',
    url: await postgres.createDatabase(),
  }),
];
await postgres.stop();
const bytes = (await stat(file)).size;
await rm(folder, { recursive: true });
await report();

async function writeRows(): Promise<void> {
  const out = createWriteStream(file);
  out.write('username,email,emailVerified,name,birthName,birthDate,locale,address\r\n');
  for (let n = 1; n <= rows; n++) {
    const row = `person.${n},person.${n}@example.hu,true,Kovács Person ${n},Szabó Person ${n},1980-02-29,hu,"Fő utca ${n}.|1011 Budapest"\r\n`;
    if (!out.write(row)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

async function measure(engine: string, records: SettingsInput['records']) {
  const port = await freePort();
  const place = join(folder, engine);
  const input = demoSettings({ port, smtpPort: 1, folder: place });
  unlimited(input);
  input.operations = { host: '127.0.0.1', port: await freePort() };
  input.records = records;
  await rm(place, { recursive: true, force: true });
  await mkdir(place);
  const config = join(place, 'settings.json');
  await writeFile(config, JSON.stringify(input));
  const settings = settingsSchema.parse(input);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
  const opened = await openRecords(settings);
  await opened.migrate();
  await seed(opened, settings, port);
  const kapu = (...args: string[]) =>
    spawn(process.execPath, [cli, ...args], { env: { ...process.env, KAPU_CONFIG: config }, stdio: 'pipe' });
  const server = kapu('serve');
  server.stdout.resume();
  server.stderr.pipe(process.stderr);
  const ready = `http://127.0.0.1:${settings.operations.port}/health/ready`;
  await eventually('the server', async () => (await fetch(ready).catch(() => undefined))?.ok ?? false);
  const service = await relyingParty(settings.issuer);
  await signInsUntil(service, settings.issuer, pause(5_000));
  const before = await signInsUntil(service, settings.issuer, pause(20_000));
  const run = async (): Promise<Run> => {
    const began = performance.now();
    const child = kapu('account', 'import', file, '--activation', 'letter', '--letters', join(place, 'letters'));
    const memory = peakOf(child);
    const [said] = [text(child.stdout), child.stderr.pipe(process.stderr)];
    const ended = once(child, 'close');
    const signIns = await signInsUntil(service, settings.issuer, ended);
    return { seconds: (performance.now() - began) / 1000, memory: await memory, said: (await said).trim(), signIns };
  };
  const first = await run();
  const again = await run();
  server.kill('SIGTERM');
  await once(server, 'close');
  await opened.end();
  return { engine, before, first, again };
}

/** The most that the process has held in memory, in megabytes, as the system knows it. */
async function peakOf(child: ChildProcess): Promise<number> {
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    await pause(200);
  }
  return Math.round(peak);
}

async function signInsUntil(service: RelyingParty, issuer: string, end: Promise<unknown>): Promise<SignIns> {
  let ended = false;
  void end.then(() => {
    ended = true;
  });
  const times: number[] = [];
  let failed = 0;
  const running = new Set<Promise<void>>();
  while (!ended) {
    const one = signIn(service, issuer)
      .then((took) => void times.push(took))
      .catch((fault: Error) => {
        failed += 1;
        console.error(`a sign-in failed: ${fault.message} ${String(fault.cause)}`);
      });
    running.add(one);
    one.finally(() => running.delete(one));
    await Promise.race([pause(1000 / rate), end]);
  }
  await Promise.all(running);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: times.length, failed, median: at(0.5), p99: at(0.99), longest: at(1) };
}

async function signIn(service: RelyingParty, issuer: string): Promise<number> {
  const began = performance.now();
  const agent = new Agent({ origin: issuer });
  const { page, asked } = await service.visit(agent, {});
  const end = await agent.submit(page, { username: 'anna', password: demoPassword });
  if (!end.url.searchParams.has('code')) throw new Error(`${end.status} at ${end.url}`);
  await asked.redeem(end.url);
  return performance.now() - began;
}

async function report(): Promise<void> {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
  const count = rows.toLocaleString('en');
  const line = (what: string, { count, failed, median, p99, longest }: SignIns, run?: Run) =>
    `| ${what} | ${run ? `${run.seconds.toFixed(0)} s` : '–'} | ${run ? `${run.memory} MB` : '–'} | ${count} (${failed} failed) | ${median} | ${p99} | ${longest} |`;
  const lines = [
    '# Import',
    '',
    `${machine}. ${count} rows, ${(bytes / 1e6).toFixed(0)} MB of CSV, an activation code and a letter each; ${rate} sign-ins a second begun beside, all on this machine.`,
    '',
    '| | time | peak memory | sign-ins | median, ms | 99 %, ms | longest, ms |',
    '|---|---|---|---|---|---|---|',
    ...measured.flatMap(({ engine, before, first, again }) => [
      line(`${engine}: no import`, before),
      line(`${engine}: import`, first.signIns, first),
      line(`${engine}: the same file again`, again.signIns, again),
    ]),
    '',
    ...measured.flatMap(({ engine, first, again }) => [`- ${engine}: ${first.said}; again: ${again.said}`]),
    '',
  ];
  await writeFile(new URL('./report.import.md', import.meta.url), lines.join('\n'));
  console.log(lines.join('\n'));
}
