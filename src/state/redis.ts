/**
 * State in Redis, for any number of processes. Every verb is one command or one script on one key. When Redis is
 * away or slow, every verb fails with StateUnavailable within the patience, and the client finds its own way back;
 * nothing waits in a queue, and nothing is sent twice, because a step whose answer got lost may have been made.
 * This file knows nothing of what callers keep; `scripts.ts` knows how keys are laid out. Needs Redis 6.2 (GETDEL).
 */

import { Redis, type RedisOptions } from 'ioredis';
import { checkFields, checkTime, checkTtl } from './arguments.ts';
import * as scripts from './scripts.ts';
import { type Document, type Guess, type State, StateUnavailable } from './state.ts';

/** As much of an ioredis client as this store uses: a Redis or a Cluster. */
export type RedisClient = Pick<
  Redis,
  'set' | 'get' | 'getdel' | 'del' | 'hgetall' | 'evalsha' | 'eval' | 'ping' | 'quit' | 'disconnect'
> & {
  on(event: string, listener: (fault: unknown) => void): RedisClient;
  off(event: string, listener: (fault: unknown) => void): RedisClient;
};

export interface RedisStateOptions {
  /** redis://user:password@host:port/database, or rediss:// for TLS. */
  url: string;
  /** Stands before every key. */
  prefix: string;
  /** How long a command may take, in milliseconds. */
  commandPatience: number;
  /** How long to wait for Redis at the start, in milliseconds. */
  connectPatience?: number;
  /** Makes the client, for Sentinel, a cluster, TLS or access lists: whatever it adds, it must keep these options. */
  connect?: (url: string, options: RedisOptions) => RedisClient;
}

/**
 * State in Redis, once Redis is ready.
 * Throws StateUnavailable, in words for the operator, when `url` is not one, when Redis refuses, or when it is not
 * ready in time.
 */
export async function createRedisState({
  url,
  prefix,
  commandPatience,
  connectPatience = 5000,
  connect = (address, options) => new Redis(address, options),
}: RedisStateOptions): Promise<State> {
  const server = `Redis at ${hostOf(url)}`;
  const client = connect(url, patientOptions(commandPatience));
  await untilReady(client, server, connectPatience);
  let ending: Promise<void> | undefined;

  async function answer<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (fault) {
      throw unavailable(`${server} gave no answer`, fault);
    }
  }

  /** Runs a script by its name, and sends it whole only where the server does not know it: it has just started. */
  function run(script: scripts.Script, key: string, ...values: (string | number)[]): Promise<unknown> {
    return answer(() =>
      client.evalsha(script.sha, 1, prefix + key, ...values).catch((fault: Error) => {
        if (!fault.message.startsWith('NOSCRIPT')) throw fault;
        return client.eval(script.lua, 1, prefix + key, ...values);
      }),
    );
  }

  return {
    async put(key, value, ttl) {
      checkTtl(ttl);
      await answer(() => client.set(prefix + key, scripts.fresh + value, 'EX', ttl));
    },

    async add(key, value, ttl) {
      checkTtl(ttl);
      return (await answer(() => client.set(prefix + key, scripts.fresh + value, 'EX', ttl, 'NX'))) === 'OK';
    },

    async get(key) {
      return document(await answer(() => client.get(prefix + key)));
    },

    async consume(key, at) {
      const mark = String(checkTime(at)).padStart(scripts.markLength, '0');
      return (await run(scripts.consume, key, mark)) as 'consumed' | 'already' | 'missing';
    },

    async take(key) {
      return document(await answer(() => client.getdel(prefix + key)));
    },

    async remove(key) {
      await answer(() => client.del(prefix + key));
    },

    async merge(key, fields, greatest, ttl) {
      checkTtl(ttl);
      checkFields(fields, greatest);
      const plain = Object.entries(fields);
      const all = [...plain, ...Object.entries(greatest)].flat();
      return (await run(scripts.merge, key, ttl, plain.length, ...all)) === 1;
    },

    async fields(key) {
      const fields = await answer(() => client.hgetall(prefix + key));
      return Object.keys(fields).length === 0 || Object.hasOwn(fields, '') ? undefined : fields;
    },

    async close(key, ttl) {
      checkTtl(ttl);
      await run(scripts.close, key, ttl);
    },

    async count(key, ttl) {
      checkTtl(ttl);
      return (await run(scripts.count, key, ttl)) as number;
    },

    async uncount(key) {
      await run(scripts.uncount, key);
    },

    async offer(key, secret, ttl) {
      checkTtl(ttl);
      await run(scripts.offer, key, secret, ttl);
    },

    async guess(key, secret, limit): Promise<Guess> {
      const [outcome, left] = (await run(scripts.guess, key, secret, limit)) as [Guess['outcome'], number];
      return outcome === 'wrong' ? { outcome, left } : { outcome };
    },

    async ready() {
      return client.ping().then(
        () => true,
        () => false,
      );
    },

    async end() {
      // QUIT is answered after all that was sent before it; a client that cannot send it has nothing under way.
      ending ??= client.quit().then(
        () => {},
        () => client.disconnect(),
      );
      return ending;
    },
  };
}

/** Host and port, as faults name the server: without its password. Throws StateUnavailable unless `url` can be connected to. */
function hostOf(url: string): string {
  const { pathname = '?', host, username, password } = URL.parse(url) ?? {};
  const encoded = /^(?:[^%]|%[0-9a-f]{2})*$/i;
  if (!host || !/^\/?\d*$/.test(pathname) || !encoded.test(`${username}${password}`)) {
    throw new StateUnavailable(
      'The setting state.url is not a Redis URL: write redis://user:password@host:port/number, and % in a password as %25',
    );
  }
  return host;
}

/** How a client has to behave for the promises of this store to hold. */
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
    retryStrategy: (times) => Math.min(50 * times, 1000),
    // After a failover the old primary refuses to write: find the new one.
    reconnectOnError: (fault) => fault.message.includes('READONLY'),
  };
}

/** Waits until `client` is ready. Afterwards it reconnects for as long as it lives, and faults surface in the verbs that meet them. */
async function untilReady(client: RedisClient, server: string, patience: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let last: unknown;
  const fail = (what: string) => reject(unavailable(`${server} ${what}`, last, startHint));
  const onReady = () => resolve();
  const onError = (fault: unknown) => {
    last = fault;
    // An answer that refuses us (password, user, database) stays the same however often we ask.
    if (fault instanceof Error && fault.name === 'ReplyError') fail('refused the connection');
  };
  const onEnd = () => fail('cannot be connected to');
  const timer = setTimeout(() => fail(`was not ready within ${patience} ms`), patience);
  client.on('error', () => {}); // an 'error' event without a listener is printed, or ends the process
  client.on('error', onError).on('ready', onReady).on('end', onEnd);
  try {
    await promise;
  } catch (fault) {
    client.disconnect();
    throw fault;
  } finally {
    clearTimeout(timer);
    client.off('error', onError).off('ready', onReady).off('end', onEnd);
  }
}

const startHint = 'Start it, or correct the setting state.url';

/** The fault as callers hear it, with a hint for the operator. The command that met it is left out: it holds what was to be stored. */
function unavailable(what: string, cause: unknown, hint?: string): StateUnavailable {
  if (cause instanceof Error && 'command' in cause) delete cause.command;
  const { message, code } = (cause ?? {}) as NodeJS.ErrnoException;
  const reason = message || code;
  return new StateUnavailable([what, reason && `: ${reason}`, hint && `. ${hint}.`].filter(Boolean).join(''), {
    cause,
  });
}

function document(stored: string | null): Document | undefined {
  if (stored === null) return undefined;
  const mark = stored.slice(0, scripts.markLength);
  const value = stored.slice(scripts.markLength);
  return mark === scripts.fresh ? { value } : { value, consumedAt: new Date(Number(mark)) };
}
