/**
 * A real PostgreSQL for tests: its own cluster in a temporary directory, on a loopback port, without sockets in the file
 * system. PostgreSQL refuses to run as root, so that a test that does hands it to the user postgres, or nobody.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './ports.ts';

export interface PostgresServer {
  /** postgres://… of the database `postgres`. */
  url: string;
  /** Makes an empty database and gives its url. It sorts text by a language, as a deployment's may. */
  createDatabase(): Promise<string>;
  /** Ends the server at once, connections and all; what it holds stays. */
  down(): Promise<void>;
  /** Ends every process of it by SIGKILL; what it had acknowledged stays. */
  kill(): Promise<void>;
  /** Ends the server if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** The server keeps its connections but answers nothing, until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends everything and removes the directory. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** The server's own settings, over those of the harness. */
  settings?: Record<string, string>;
  /** PEM texts. The server then also speaks TLS. */
  tls?: { key: string; cert: string };
}

/** Starts a server and waits until it answers. Throws where PostgreSQL is not installed, or does not start within 20 s. */
export async function startPostgres({ settings = {}, tls }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const user = unprivileged();
  const directory = await mkdtemp(join(tmpdir(), 'kapu-postgres-'));
  if (user) await chown(directory, user.uid, user.gid);
  const bin = binaries();
  const cluster = ['--auth=trust', '--username=kapu', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(bin, 'initdb'), ['-D', directory, ...cluster], { ...user, cwd: directory });

  for (const [name, pem] of Object.entries(tls ?? {})) {
    const file = join(directory, `server.${name === 'key' ? 'key' : 'crt'}`); // where it looks for them
    await writeFile(file, pem, { mode: 0o600 });
    if (user) await chown(file, user.uid, user.gid);
  }
  const given = Object.entries({ ...settings, ...(tls && { ssl: 'on' }) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const launch = (port: number) => launched(join(bin, 'postgres'), directory, port, given, user);
  let port = await freePort();
  let child = await launch(port).catch(async (fault) => {
    if (!(fault instanceof PortTaken)) throw fault;
    port = await freePort();
    return launch(port);
  });

  let databases = 0;
  let paused: number[] = [];
  const atExit = () => {
    for (const pid of [child.pid!, ...childrenOf(child.pid!)]) signal(pid, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', atExit);

  const server: PostgresServer = {
    url: `postgres://kapu@127.0.0.1:${port}/postgres`,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      await client.query(`create database ${name} template template0 locale_provider icu icu_locale 'hu'`);
      await client.end();
      return server.url.replace(/postgres$/, name);
    },
    async down() {
      server.resume();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
    },
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGSTOP'); // it would start what it misses anew
      for (const pid of [...childrenOf(child.pid!), child.pid!]) signal(pid, 'SIGKILL');
      await exited;
    },
    async restart() {
      await server.down();
      child = await launch(port);
    },
    pause() {
      child.kill('SIGSTOP'); // first, so that it makes no more children
      paused = childrenOf(child.pid!);
      for (const pid of paused) signal(pid, 'SIGSTOP');
    },
    resume() {
      for (const pid of paused) signal(pid, 'SIGCONT');
      paused = [];
      child.kill('SIGCONT');
    },
    async stop() {
      await server.down();
      process.off('exit', atExit);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return server;
}

/** Where initdb and postgres are: Debian keeps them by version and out of PATH. */
function binaries(): string {
  const contents = (folder: string) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  const debian = '/usr/lib/postgresql';
  const versions = contents(debian).sort((one, other) => Number(other) - Number(one));
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  const found = folders.find((folder) => contents(folder).includes('initdb'));
  if (!found) throw new Error('PostgreSQL is not installed: `npm test` installs it, or install it yourself');
  return found;
}

/** Whom a test that runs as root hands the server to; undefined where it need not. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const entries = ['postgres', 'nobody'].map((name) => users.find((line) => line.startsWith(`${name}:`)));
  const [, , uid, gid] = (entries.find(Boolean) ?? '').split(':');
  if (!uid) throw new Error('PostgreSQL does not run as root: add a user postgres, or run the tests as another user');
  return { uid: Number(uid), gid: Number(gid) };
}

/** The server's processes beside the first; each leads a session of its own, out of reach of a signal to a group. */
function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.split(' ').filter(Boolean).map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {} // it has ended
}

class PortTaken extends Error {}

/** The process, once it says that it takes connections. */
async function launched(
  postgres: string,
  directory: string,
  port: number,
  given: string[],
  user: object | undefined,
): Promise<ChildProcess> {
  const address = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-p', String(port)];
  const quick = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=100'];
  const args = ['-D', directory, ...address, ...quick, ...given];
  const child = spawn(postgres, args, { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-10_000);
    if (printed.includes('ready to accept connections')) resolve();
  });
  child.once('error', reject);
  child.once('exit', () => {
    const Fault = printed.includes('could not bind') ? PortTaken : Error;
    reject(new Fault(`postgres ended before it answered:\n${printed}`));
  });
  const timer = setTimeout(() => reject(new Error(`postgres did not start within 20 s:\n${printed}`)), 20_000);
  try {
    await promise;
    return child;
  } catch (fault) {
    child.kill('SIGKILL');
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}
