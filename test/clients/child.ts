/** A site that runs as a process of its own, because it is no program of ours or does not run inside of Jest. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../support/eventually.ts';

export interface Child {
  /** What it has printed. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts it and waits until `url` answers. Throws with what it printed when it ends before. */
export async function startChild(
  command: string,
  args: string[],
  { url, env = {} }: { url: string; env?: Record<string, string> },
): Promise<Child> {
  const child = spawn(command, args, { env: { ...process.env, NODE_OPTIONS: '', ...env } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  const fault = once(child, 'error').then(([error]) => String(error));
  let ended: string | undefined;
  void fault.then((words) => {
    ended = words;
  });
  child.once('exit', (code) => {
    ended = `it ended with ${code}`;
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const answers = () =>
    fetch(url, { redirect: 'manual' }).then(
      () => true,
      () => ended !== undefined,
    );
  await eventually(`${command} answers at ${url}`, answers);
  if (ended !== undefined) throw new Error(`${command} ${args.join(' ')}: ${ended}\n${printed}`);
  return {
    output: () => printed,
    async stop() {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
