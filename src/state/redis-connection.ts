/**
 * Connections to Redis: to one server, to the master that Sentinels name, or to a cluster. However Redis is laid out, a
 * client keeps the same promises: a command fails within its patience, nothing waits in a queue, nothing is sent twice
 * after its answer was lost, and the client finds its own way back for as long as it lives.
 * This file knows nothing of keys and what they hold.
 */

import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { StateUnavailable } from './state.ts';

export type RedisClient = Redis | Cluster;

/** Where Redis is: exactly one of `url`, `sentinel` and `cluster`. Nodes are 'host:port'. */
export interface RedisPlace {
  /** redis://user:password@host:port/database, or rediss:// for TLS. */
  url?: string;
  sentinel?: { name: string; nodes: readonly string[]; user?: string; password?: string };
  cluster?: { nodes: readonly string[] };
  user?: string;
  password?: string;
  /** PEM files; without `ca` the authorities that Node knows. Where the group is there, TLS is used. */
  tls?: { ca?: string; cert?: string; key?: string };
}

export interface RedisConnection {
  client: RedisClient;
  /** How faults name the server: without its password. */
  server: string;
}

/**
 * A client that is ready: to every master, where there are several.
 * Throws StateUnavailable, in words for the operator, when the place cannot be understood, when Redis refuses, or when it
 * is not ready within `connectPatience` milliseconds. `commandPatience` is in milliseconds as well.
 */
export async function connectRedis(
  place: RedisPlace,
  commandPatience: number,
  connectPatience: number,
): Promise<RedisConnection> {
  const tls = await tlsOf(place);
  const options: RedisOptions = {
    lazyConnect: true,
    ...patientOptions(commandPatience),
    ...(tls && { tls }),
    ...(place.user !== undefined && { username: place.user }),
    ...(place.password !== undefined && { password: place.password }),
  };
  const { server, setting, client } = clientFor(place, options, commandPatience);
  if (client instanceof Redis) tendStreams(client);
  else client.on('+node', tendStreams);
  client.connect().catch(() => {}); // what it comes to is heard by its events
  await untilReady(client, server, connectPatience, `Start it, or correct the setting ${setting}`);
  return { client, server };
}

function clientFor({ url, sentinel, cluster }: RedisPlace, options: RedisOptions, commandPatience: number) {
  if (sentinel) {
    const { name, nodes, user, password } = sentinel;
    return {
      server: `Redis '${name}' of the Sentinels at ${nodes.join(', ')}`,
      setting: 'state.sentinel',
      client: new Redis({
        ...options,
        name,
        sentinels: nodes.map(addressOf),
        ...(user !== undefined && { sentinelUsername: user }),
        ...(password !== undefined && { sentinelPassword: password }),
        ...(options.tls && { sentinelTLS: options.tls, enableTLSForSentinelMode: true }),
        sentinelCommandTimeout: commandPatience,
        sentinelRetryStrategy: pause,
      }),
    };
  }
  if (cluster) {
    const server = `Redis Cluster at ${cluster.nodes.join(', ')}`;
    return { server, setting: 'state.cluster', client: clusterOf(cluster.nodes, options, commandPatience) };
  }
  const { hostname, port, database, username, password, host } = parsedUrl(url ?? '');
  const client = new Redis({
    host: hostname,
    port,
    db: database,
    ...(username && { username }),
    ...(password && { password }),
    ...options,
  });
  return { server: `Redis at ${host}`, setting: 'state.url', client };
}

/**
 * The client listens for the first error of a connection. TLS may have a second one, as when an alert arrives for a handshake that
 * has been given up, and an error that nobody listens for ends the process.
 * And what is sent in one turn of the event loop, whoever sends it, goes out together: a write costs the system as much as most commands.
 */
function tendStreams(client: Redis): void {
  const { connector } = client as unknown as { connector: { connect(...args: unknown[]): Promise<Duplex> } };
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    const stream = await connect(...args);
    stream.on('error', () => {});
    joinWrites(stream);
    return stream;
  };
}

/** Has `stream` write what one turn of the event loop has for it at the end of that turn. */
function joinWrites(stream: Duplex): void {
  const write = stream.write as (...values: unknown[]) => boolean;
  let joining = false;
  const send = () => {
    joining = false;
    stream.uncork();
  };
  stream.write = (...values: unknown[]) => {
    if (!joining) {
      joining = true;
      stream.cork();
      setImmediate(send);
    }
    return write.apply(stream, values);
  };
}

function clusterOf(nodes: readonly string[], options: RedisOptions, commandPatience: number): Cluster {
  const { retryStrategy: _, enableOfflineQueue: __, ...redisOptions } = options;
  const cluster = new Cluster(nodes.map(addressOf), {
    redisOptions,
    enableOfflineQueue: false,
    lazyConnect: true,
    clusterRetryStrategy: pause,
    // A command whose connection broke may have been made, and one that found the cluster down is its caller's to repeat.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: commandPatience,
    // Beside what redirections teach: a shard that fell silent is found again even where nobody redirects.
    slotsRefreshInterval: 2000,
    // Names stay names, so that certificates can be checked against them.
    dnsLookup: (address, done) => done(null, address),
  });
  // Left alone, a node would be connected to by its first command, and that one would wait in a queue.
  const greet = (node: Redis) => {
    if (node.status === 'wait') node.connect().catch(() => {});
  };
  cluster.on('ready', () => cluster.nodes().forEach(greet));
  cluster.on('+node', (node: Redis) => {
    if (cluster.status === 'ready') greet(node);
  });
  return cluster;
}

/** How a client has to behave for the promises of this file to hold. */
function patientOptions(commandPatience: number): RedisOptions {
  return {
    commandTimeout: commandPatience,
    // Without a connection a command fails at once; with one that breaks, it fails as it breaks.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A connection that says nothing while an answer is due is dead, even if the network never says so.
    socketTimeout: 2 * commandPatience,
    connectTimeout: Math.max(commandPatience, 1000),
    disconnectTimeout: 500,
    maxLoadingRetryTime: 1000,
    retryStrategy: pause,
    // After a failover the old primary refuses to write: find the new one.
    reconnectOnError: (fault) => fault.message.includes('READONLY'),
    // An access list need not allow what only decorates the server's list of clients.
    disableClientInfo: true,
  };
}

/** Milliseconds before trying again for the `times`th time. */
function pause(times: number): number {
  return Math.min(50 * times, 1000);
}

interface ParsedUrl {
  host: string;
  hostname: string;
  port: number;
  database: number;
  username: string;
  password: string;
}

/** Throws StateUnavailable unless `url` can be connected to. */
function parsedUrl(url: string): ParsedUrl {
  const { pathname = '?', host, hostname = '', port, username, password } = URL.parse(url) ?? {};
  const encoded = /^(?:[^%]|%[0-9a-f]{2})*$/i;
  if (!host || !/^\/?\d*$/.test(pathname) || !encoded.test(`${username}${password}`)) {
    throw new StateUnavailable(
      'The setting state.url is not a Redis URL: write redis://user:password@host:port/number, and % in a password as %25',
    );
  }
  return {
    host,
    hostname: bare(hostname),
    port: Number(port || 6379),
    database: Number(pathname.slice(1)),
    username: decodeURIComponent(username ?? ''),
    password: decodeURIComponent(password ?? ''),
  };
}

function addressOf(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: bare(node.slice(0, colon)), port: Number(node.slice(colon + 1)) };
}

/** An IPv6 address without the brackets that it has in an address line. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** What TLS needs, if it is asked for. Throws StateUnavailable when a file cannot be read. */
async function tlsOf({ url = '', tls }: RedisPlace): Promise<SecureContextOptions | undefined> {
  if (!tls && !url.startsWith('rediss:')) return undefined;
  const read = async ([name, path]: [string, string]) => {
    try {
      return [name, await readFile(path)];
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new StateUnavailable(`The file '${path}' of the setting state.tls.${name} cannot be read: ${code}`, {
        cause,
      });
    }
  };
  return Object.fromEntries(await Promise.all(Object.entries(tls ?? {}).map(read)));
}

/** Waits until `client` is ready. Afterwards it reconnects for as long as it lives, and faults surface in the verbs that meet them. */
async function untilReady(client: RedisClient, server: string, patience: number, hint: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let last: unknown;
  const fail = (what: string) => reject(unavailable(`${server} ${what}`, last, hint));
  const onReady = () => {
    if (client instanceof Redis) return resolve();
    const masters = client.nodes('master');
    Promise.all(masters.map(nodeReady)).then(() => resolve(), onError);
  };
  const onError = (fault: unknown) => {
    // Of a cluster that all nodes fail says less than why the last of them does.
    last = (fault as { lastNodeError?: unknown } | undefined)?.lastNodeError ?? fault;
    // An answer that refuses us (password, user, database) stays the same however often we ask.
    if (fault instanceof Error && fault.name === 'ReplyError') fail('refused the connection');
  };
  const onEnd = () => fail('cannot be connected to');
  const timer = setTimeout(() => fail(`was not ready within ${patience} ms`), patience);
  const heard = { error: onError, 'node error': onError, sentinelError: onError, ready: onReady, end: onEnd };
  const emitter: { on: Listening; off: Listening } = client;
  client.on('error', () => {}); // an 'error' event without a listener is printed, or ends the process
  for (const [event, listener] of Object.entries(heard)) emitter.on(event, listener);
  try {
    await promise;
  } catch (fault) {
    client.disconnect();
    throw fault;
  } finally {
    clearTimeout(timer);
    for (const [event, listener] of Object.entries(heard)) emitter.off(event, listener);
  }
}

type Listening = (event: string, listener: (fault: unknown) => void) => unknown;

async function nodeReady(node: Redis): Promise<void> {
  if (node.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    node.once('ready', resolve);
    node.once('end', () => reject(new Error(`no connection to ${node.options.host}:${node.options.port}`)));
  });
}

/** The fault as callers hear it, with a hint for the operator. The command that met it is left out: it holds what was to be stored. */
export function unavailable(what: string, cause: unknown, hint?: string): StateUnavailable {
  if (cause instanceof Error && 'command' in cause) delete cause.command;
  const { message, code } = (cause ?? {}) as NodeJS.ErrnoException;
  const reason = (message || code)?.replace(/\.$/, '');
  return new StateUnavailable([what, reason && `: ${reason}`, hint && `. ${hint}.`].filter(Boolean).join(''), {
    cause,
  });
}
