/** Runs the real command in a process of its own, in a folder of its own, as an operator does. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { demoSettings } from '../../config/demo.ts';
import type { SettingsInput } from '../../config/settings.ts';
import { freePort } from '../support/ports.ts';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface Place {
  folder: string;
  settings: SettingsInput;
  /** Runs `kapu` with these arguments and `stdin`, and waits for its end. */
  kapu(args: string[], stdin?: string): Promise<Ran>;
  /** Starts `kapu` and leaves it running. */
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
  const settings = demoSettings({ port: await freePort(), smtpPort, folder: '.' });
  settings.operations = { host: '127.0.0.1', port: await freePort() };
  settings.records = { kind: 'sqlite', file: 'kapu.sqlite' };
  const file = (name: string, content: string) => writeFile(join(folder, name), content);
  const write = () => file('settings.json', JSON.stringify(settings));
  await write();

  const start = (args: string[]) =>
    spawn(process.execPath, [cli, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, KAPU_CONFIG: 'settings.json' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  return {
    folder,
    settings,
    file,
    start,
    async kapu(args, stdin = '') {
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
