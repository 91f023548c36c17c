/**
 * A real redis-server for tests: its own process, loopback port and directory, nothing kept on disk.
 * It knows nothing of what tests do with it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from './ports.ts';

export interface RedisServer {
  /** redis://…, with the password where one was asked for. */
  url: string;
  port: number;
  /** The process id of the server that runs now, or ran last. */
  readonly pid: number;
  /** Whether it has not ended. */
  readonly alive: boolean;
  /** A plain ioredis client of the same server, which waits while the server is away. */
  client: Redis;
  /** Ends the server at once, as a crash would. What it held is lost. */
  kill(): Promise<void>;
  /** Ends the server if it runs, and starts an empty one on the same port. */
  restart(): Promise<void>;
  /** The server keeps its connections but answers nothing, until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends everything and removes the directory. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  password?: string;
  /** More of redis-server's arguments, such as ['--maxmemory', '10mb']. */
  args?: string[];
  /** Speaks TLS only, with this certificate in PEM, and asks none of its clients. */
  tls?: { key: string; cert: string };
  /** Lines of a Sentinel's configuration: it is a Sentinel, then. */
  sentinel?: string[];
}

/**
 * Starts a server and waits until it answers.
 * Throws where redis-server is not installed, or when it does not answer within 10 s.
 */
export async function startRedis({
  password,
  args = [],
  tls,
  sentinel,
}: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'kapu-redis-'));
  const kept = async (name: string, content: string) => {
    await writeFile(join(directory, name), content);
    return join(directory, name);
  };
  const before = sentinel ? [await kept('sentinel.conf', sentinel.join('\n')), '--sentinel'] : [];
  const after = sentinel ? [] : ['--save', '', '--appendonly', 'no', ...(password ? ['--requirepass', password] : [])];
  const certificate = tls && [
    '--tls-cert-file',
    await kept('cert.pem', tls.cert),
    '--tls-key-file',
    await kept('key.pem', tls.key),
  ];
  const listen = (port: number) =>
    certificate
      ? [
          '--port',
          '0',
          '--tls-port',
          `${port}`,
          '--tls-auth-clients',
          'no',
          '--tls-ca-cert-file',
          join(directory, 'cert.pem'),
          ...certificate,
        ]
      : ['--port', `${port}`];
  const options = { password, ...(tls && { tls: { ca: tls.cert } }) };
  const launch = (port: number) =>
    launched(port, [...before, ...listen(port), '--bind', '127.0.0.1', '--dir', directory, ...after, ...args], options);

  let port = await freePort();
  let child = await launch(port).catch(async (fault) => {
    if (!(fault instanceof PortTaken)) throw fault;
    port = await freePort();
    return launch(port);
  });
  const client = new Redis(port, '127.0.0.1', {
    ...options,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
    disconnectTimeout: 100,
  });
  client.on('error', () => {}); // it waits for the server to come back

  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);

  const server: RedisServer = {
    url: `${tls ? 'rediss' : 'redis'}://${password ? `:${encodeURIComponent(password)}@` : ''}127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid!;
    },
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    client,
    async kill() {
      if (!server.alive) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    async restart() {
      await server.kill();
      child = await launch(port);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      client.disconnect();
      await server.kill();
      process.off('exit', atExit);
      // A child that was writing a file for the server may outlive it for a moment.
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
  return server;
}

class PortTaken extends Error {}

/** The process, once it answers a PING. */
async function launched(port: number, args: string[], options: RedisOptions): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const failure = new Promise<never>((_, reject) => {
    child.once('error', (cause) => {
      reject(new Error('redis-server did not start: `npm test` installs it, or install it yourself', { cause }));
    });
    child.once('exit', () => {
      const Fault = printed.includes('Address already in use') ? PortTaken : Error;
      reject(new Fault(`redis-server ended before it answered:\n${printed}`));
    });
  });
  const probe = new Redis(port, '127.0.0.1', {
    ...options,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
    disconnectTimeout: 100,
  });
  probe.on('error', () => {});
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`redis-server did not answer within 10 s:\n${printed}`)), 10_000);
  try {
    // Another server may have been quicker at this port: only our own process counts.
    const answered = probe.info('server').then((info) => (info.includes(`process_id:${child.pid}\r`) ? null : failure));
    await Promise.race([answered, failure, late]);
    return child;
  } catch (fault) {
    child.kill('SIGKILL');
    throw fault;
  } finally {
    clearTimeout(timer);
    failure.catch(() => {}); // its later end is no failure of the start
    probe.disconnect();
  }
}
