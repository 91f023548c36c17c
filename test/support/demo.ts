/**
 * The demo for a test, as `npm run demo` starts it: a process of its own, on four free ports in a row. It knows nothing of
 * what tests do with it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { demoPassword, demoPeople } from '../../config/demo.ts';
import type { MailboxMessage } from '../../demo/mailbox/messages.ts';
import { tap } from './overheard.ts';
import { freePort } from './ports.ts';
import { noteStart, scan } from './scan.ts';
import { seen } from './secrets.ts';
import { addCodes } from './smtp.ts';

export interface Demo {
  /** Origins, without a slash at the end. */
  kapu: string;
  service: string;
  mailbox: string;
  /** The mails to `address`, newest first, once there are `count` of them. */
  mails(address: string, count?: number): Promise<MailboxMessage[]>;
  /** What the demo has written to its standard error: nothing, where all went well. */
  errors(): string;
  /** Ends it as Ctrl-C does. Throws when its log holds a secret (scan.ts); its audit goes with it. */
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');
/** Milliseconds: what is late on a busy machine is not broken. */
const patience = 50_000;

/** Starts the demo and waits until it says that it runs. Throws with its own words when it does not start. */
export async function startDemo(): Promise<Demo> {
  const port = await fourFreePorts();
  const child = spawn(process.execPath, [join(root, 'demo', 'main.ts')], {
    env: { ...process.env, KAPU_DEMO_PORT: String(port), KAPU_DEMO_LOG: 'debug', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) tap(stream, (chunk) => printed.push(chunk));
  seen.add('password', demoPassword);
  for (const person of demoPeople) if ('email' in person) seen.add('address', person.email);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  await running(child, () => complaints);

  noteStart(`the demo at ${port}`);
  const mailbox = `http://localhost:${port + 2}`;
  return {
    kapu: `http://localhost:${port}`,
    service: `http://localhost:${port + 1}`,
    mailbox,
    async mails(address, count = 1) {
      const deadline = Date.now() + patience;
      for (;;) {
        const answer = await fetch(`${mailbox}/api/messages?to=${encodeURIComponent(address)}`);
        const mails = (await answer.json()) as MailboxMessage[];
        for (const { text } of mails) addCodes(text);
        if (mails.length >= count) return mails;
        if (Date.now() > deadline) throw new Error(`${mails.length} mails to ${address}, not ${count}`);
        await pause(50);
      }
    },
    errors: () => complaints,
    async stop() {
      process.off('exit', atExit);
      if (child.exitCode === null && child.signalCode === null) {
        // What it has printed until its end has then been read.
        const ended = once(child, 'close');
        child.kill('SIGINT');
        await ended;
      }
      const lines = Buffer.concat(printed).toString().split('\n');
      // The password of the demo's people is in its greeting, for everybody.
      const log = lines.filter((line) => line && !line.startsWith('  Their password'));
      scan(`the demo at ${port}`, log, []);
    },
  };
}

/** Resolves when the demo prints its addresses. */
async function running(child: ChildProcess, complaints: () => string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`the demo did not start in time:\n${complaints()}`)), patience);
  child.once('exit', () => reject(new Error(`the demo ended at once:\n${complaints()}`)));
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    if (text.includes('Ctrl-C')) resolve();
  });
  try {
    await promise;
  } catch (fault) {
    child.kill('SIGKILL');
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}

/** The first of four ports in a row that were free a moment ago: the demo takes KAPU_DEMO_PORT and the three after it. */
async function fourFreePorts(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const first = await freePort();
    if (first > 65532) continue;
    const free = await Promise.all([1, 2, 3].map((more) => isFree(first + more)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('there are no four free ports in a row');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, 'localhost'), 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
