/**
 * `npm run bench -- notices [COUNT]`: 10,000 notices in PostgreSQL, sent by two servers whose first mail server is away; one of them is
 * killed (SIGKILL) and another started in its place, five times. None may be lost, and a kill may double one at most.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defaultsOf } from '../config/default.ts';
import { demoSettings } from '../config/demo.ts';
import { settingsSchema } from '../config/settings.ts';
import { ensureKeys } from '../src/oidc/keys/keys.ts';
import { openRecords } from '../src/stores.ts';
import { eventually } from '../test/support/eventually.ts';
import { freePort } from '../test/support/ports.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { startSmtp } from '../test/support/smtp.ts';
import { built } from './place.ts';

const count = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 10_000);
const kills = 5;
const cli = await built();

const folder = await mkdtemp(join(tmpdir(), 'kapu-bench-notices-'));
const [postgres, smtp] = [await startPostgres(), await startSmtp()];
const url = await postgres.createDatabase();
const [kapuA, kapuB] = [await settingsOf('a'), await settingsOf('b')];
const records = await openRecords(kapuA.settings);
await records.migrate();
const emails = Array.from({ length: count }, (_, n) => `person-${n}@demo.example`);
for (let from = 0; from < count; from += 250)
  await records.accounts.addMany(
    emails.slice(from, from + 250).map((email) => ({
      id: randomUUID(),
      account: { username: email, locale: 'en', email, emailVerified: true },
      notice: { kind: 'passwordSet' },
    })),
  );

const began = performance.now();
const steady = await serving(kapuA);
let other = await serving(kapuB);
for (let n = 1; n <= kills; n++) {
  await eventually('some more are sent', () => smtp.mails.length > (count * n) / (kills + 1), 3600_000);
  const ended = once(other, 'close');
  other.kill('SIGKILL');
  await ended;
  other = await serving(kapuB);
}
await eventually('all but what a kill left are sent', () => new Set(recipients()).size >= count - kills, 3600_000);
const seconds = (performance.now() - began) / 1000;
// What a killed server had in hand is its own for five minutes.
await eventually('all are sent', async () => (await records.notices.oldest()) === undefined, 420_000);
const metrics = await (await fetch(`http://127.0.0.1:${kapuA.settings.operations.port}/metrics`)).text();
for (const child of [steady, other]) {
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}
await records.end();
const all = recipients();
const doubled = all.length - new Set(all).size;
const lost = emails.length - new Set(all).size;
await Promise.all([postgres.stop(), smtp.stop()]);
await rm(folder, { recursive: true });
const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
const lines = [
  '# Notices',
  '',
  `${machine}. ${count} notices, two servers, the first mail server away, ${kills} kills (SIGKILL) of one of them.`,
  '',
  `sent ${all.length} (${(count / seconds).toFixed(0)} a second), lost ${lost}, sent twice ${doubled}`,
  `one server's own numbers: ${(metrics.match(/^kapu_notices_total.*$/gm) ?? []).join(' ')}`,
  '',
];
await writeFile(new URL('./report.notices.md', import.meta.url), lines.join('\n'));
console.log(lines.join('\n'));
if (lost > 0 || doubled > kills) process.exitCode = 1;

function recipients(): string[] {
  return smtp.mails.flatMap((mail) => mail.recipients);
}

async function settingsOf(name: string) {
  const place = join(folder, name);
  await mkdir(place);
  const port = await freePort();
  const input = demoSettings({ port, smtpPort: smtp.port, folder: place });
  input.operations = { host: '127.0.0.1', port: await freePort() };
  input.records = { ...defaultsOf.records.postgres, kind: 'postgres', url };
  input.notices = { ...input.notices, lookEvery: '1s' };
  const { transports } = input.mail;
  input.mail = {
    ...input.mail,
    transports: [{ ...transports[0]!, name: 'away', port: await freePort() }, ...transports],
  };
  const config = join(place, 'settings.json');
  await writeFile(config, JSON.stringify(input));
  const settings = settingsSchema.parse(input);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
  return { config, settings };
}

async function serving({ config, settings }: typeof kapuA): Promise<ChildProcess> {
  const env = { ...process.env, KAPU_CONFIG: config };
  const child = spawn(process.execPath, [cli, 'serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ready = `http://127.0.0.1:${settings.operations.port}/health/ready`;
  await eventually('a server', async () => (await fetch(ready).catch(() => undefined))?.ok ?? false, 60_000);
  await pause(100);
  return child;
}
