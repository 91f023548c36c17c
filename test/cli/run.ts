/** Runs command lines in a folder of their own, as an operator does: in this process, or in one of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { demoSettings } from '../../config/demo.ts';
import { type SettingsInput, settingsSchema } from '../../config/settings.ts';
import { seed } from '../../demo/seed.ts';
import { ensureKeys } from '../../src/oidc/keys/keys.ts';
import { run } from '../../src/program.ts';
import type { Records } from '../../src/records/records.ts';
import { openRecords } from '../../src/stores.ts';
import { tap } from '../support/overheard.ts';
import { freePort } from '../support/ports.ts';
import { addKept, auditLines, noteStart, scan } from '../support/scan.ts';
import { seen } from '../support/secrets.ts';

/** The sources' program. */
export const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface Place {
  settings: SettingsInput;
  /** The path of a file in the folder. */
  at(name: string): string;
  /** Runs `kapu` with these arguments and `stdin`, in this process. */
  kapu(args: string[], stdin?: string): Promise<Ran>;
  /** The same in a process of its own. */
  process(args: string[], stdin?: string, program?: string): Promise<Ran>;
  /** Starts `kapu` in a process of its own and leaves it running. */
  start(args: string[], program?: string): ChildProcess;
  /** Makes keys, and a database with the demo's people and services, as the settings say. Gives the database, open. */
  furnish(): Promise<Records>;
  /** Writes a file into the folder. */
  file(name: string, content: string): Promise<void>;
  /** Writes the settings again, changed. */
  change(change: (settings: SettingsInput) => void): Promise<void>;
  /** Removes it. Throws when a server's log or the audit holds a secret (scan.ts). */
  remove(): Promise<void>;
}

/** A folder with settings: the demo's, on free ports, with a database file. */
export async function makePlace(smtpPort: number): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'kapu-cli-'));
  const at = (name: string) => join(folder, name);
  const settings = demoSettings({ port: await freePort(), smtpPort, folder });
  settings.operations = { host: '127.0.0.1', port: await freePort() };
  settings.records = { kind: 'sqlite', file: at('kapu.sqlite') };
  const file = (name: string, content: string) => writeFile(at(name), content);
  const write = () => file('settings.json', JSON.stringify(settings));
  await write();

  const env = { PATH: process.env.PATH, KAPU_CONFIG: at('settings.json'), UV_THREADPOOL_SIZE: '16' };
  const said: Buffer[] = [];
  const start = (args: string[], program = cli) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    // What the other commands print is for the operator, who asked for it.
    if (args[0] === 'serve')
      for (const stream of [child.stdout, child.stderr]) tap(stream, (chunk) => said.push(chunk));
    return child;
  };
  noteStart(folder);
  return {
    settings,
    at,
    file,
    start,
    async kapu(args, stdin = '') {
      addTyped(args, stdin);
      const said = { out: [] as string[], err: [] as string[] };
      const whole = (lines: string[]) => lines.map((line) => `${line}\n`).join('');
      const code = await run(args, {
        env,
        terminal: {
          out: (line) => void said.out.push(line),
          err: (line) => void said.err.push(line),
          read: async () => stdin,
        },
        now: () => new Date(),
        onSignal: () => {},
        onHangup: () => {},
        exit: () => {},
      });
      return { code, out: whole(said.out), err: whole(said.err) };
    },
    async process(args, stdin = '', program = cli) {
      addTyped(args, stdin);
      const child = start(args, program);
      child.stdin?.end(stdin);
      const [out, err] = [text(child.stdout!), text(child.stderr!)];
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out: await out, err: await err };
    },
    async furnish() {
      const parsed = settingsSchema.parse(settings);
      await ensureKeys(parsed.keysFile, ['ES256', 'RS256'], () => new Date());
      const records = await openRecords(parsed);
      await records.migrate();
      await seed(records, parsed, parsed.listen.port);
      return records;
    },
    async change(alter) {
      alter(settings);
      await write();
    },
    async remove() {
      try {
        const lines = Buffer.concat(said).toString().split('\n').filter(Boolean);
        scan(folder, lines, await auditIn(settings));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A password comes on the standard input. */
function addTyped([command]: string[], stdin: string): void {
  if (command === 'account') seen.add('password', stdin.trim());
}

/** The entries of the audit, where there is a database of this version that can be reached: tests break it in many ways. */
async function auditIn(input: SettingsInput): Promise<string[]> {
  const { data: settings } = settingsSchema.safeParse(input);
  if (!settings || (settings.records.kind === 'sqlite' && !existsSync(settings.records.file))) return [];
  const records = await openRecords(settings).catch(() => undefined);
  try {
    const schema = await records?.schema().catch(() => undefined);
    if (!records || schema?.state !== 'current') return [];
    await addKept(records);
    return await auditLines(records);
  } finally {
    await records?.end();
  }
}
