/** Runs command lines in a folder of their own, as an operator does: in this process, or in one of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { demoSettings } from '../../config/demo.ts';
import type { SettingsInput } from '../../config/settings.ts';
import { run } from '../../src/program.ts';
import { freePort } from '../support/ports.ts';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

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
  process(args: string[], stdin?: string): Promise<Ran>;
  /** Starts `kapu` in a process of its own and leaves it running. */
  start(args: string[]): ChildProcess;
  /** Writes a file into the folder. */
  file(name: string, content: string): Promise<void>;
  /** Writes the settings again, changed. */
  change(change: (settings: SettingsInput) => void): Promise<void>;
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
  const start = (args: string[]) =>
    spawn(process.execPath, [cli, ...args], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  return {
    settings,
    at,
    file,
    start,
    async kapu(args, stdin = '') {
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
    async process(args, stdin = '') {
      const child = start(args);
      child.stdin?.end(stdin);
      const [out, err] = [text(child.stdout!), text(child.stderr!)];
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out: await out, err: await err };
    },
    async change(alter) {
      alter(settings);
      await write();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
