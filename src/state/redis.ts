/**
 * State in Redis, for any number of processes. Every verb is one command or one script on one key, so that it holds in a
 * cluster as well. When Redis is away or slow, every verb fails with StateUnavailable within the patience, and nothing is
 * sent twice, because a step whose answer got lost may have been made.
 * This file knows nothing of what callers keep; `scripts.ts` knows how keys are laid out, `redis-connection.ts` how Redis
 * is reached, `redis-wait.ts` how replicas are waited for. Needs Redis 6.2 (GETDEL).
 */

import { Cluster } from 'ioredis';
import { checkAmount, checkFields, checkLife, checkLimits, checkNames, checkTime, checkTtl } from './arguments.ts';
import { connectRedis, type RedisClient, type RedisPlace, unavailable } from './redis-connection.ts';
import { type Call, type Wait, waitingSteps } from './redis-wait.ts';
import * as scripts from './scripts.ts';
import { type Document, type Guess, type Spend, type State, StateUnavailable } from './state.ts';

export interface RedisStateOptions extends RedisPlace {
  /** Stands before every key. */
  prefix: string;
  /** How long a command may take, in milliseconds. */
  commandPatience: number;
  /** How long to wait for Redis at the start, in milliseconds. */
  connectPatience?: number;
  /** What must not be undone waits for replicas: a document used up or taken, a right guess, a record closed, a merge that must hold. */
  wait?: Wait;
}

/**
 * State in Redis, once Redis is ready.
 * Throws StateUnavailable, in words for the operator, when Redis cannot be found, when it refuses, or when it is not
 * ready in time.
 */
export async function createRedisState(options: RedisStateOptions): Promise<State> {
  const { prefix, commandPatience, connectPatience = 5000, wait } = options;
  const { client, server } = await connectRedis(options, commandPatience, connectPatience);
  // Commands behind a WAIT on one connection stand still with it, so what waits has a connection of its own.
  const second = wait && (await connectRedis(options, commandPatience, connectPatience).catch(andEnd(client)));
  const clients = [client, ...(second ? [second.client] : [])];
  const waitingStep = wait && second && waitingSteps(second, wait);
  let ending: Promise<unknown> | undefined;

  async function answer<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (fault) {
      throw fault instanceof StateUnavailable ? fault : unavailable(`${server} gave no answer`, fault);
    }
  }

  /** Makes a step; one that must not be undone (`made` tells by the answer) waits for replicas, where the settings say so. */
  function step(call: Call, key: string, made?: (answer: unknown) => boolean): Promise<unknown> {
    return waitingStep && made ? waitingStep(call, key, made) : client.call(...call);
  }

  /** Runs a script by its name, and sends it whole only where the server does not know it: it has just started. */
  function run(
    script: scripts.Script,
    name: string,
    values: (string | number)[],
    made?: (answer: unknown) => boolean,
  ): Promise<unknown> {
    const key = prefix + name;
    return answer(() =>
      step(['evalsha', script.sha, 1, key, ...values], key, made).catch((fault: Error) => {
        if (!fault.message.startsWith('NOSCRIPT')) throw fault;
        return step(['eval', script.lua, 1, key, ...values], key, made);
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
      return (await run(scripts.consume, key, [mark], (said) => said === 'consumed')) as
        | 'consumed'
        | 'already'
        | 'missing';
    },

    async take(key) {
      const name = prefix + key;
      return document((await answer(() => step(['getdel', name], name, (held) => held !== null))) as string | null);
    },

    async remove(key) {
      await answer(() => client.del(prefix + key));
    },

    async merge(key, fields, greatest, ttl, must) {
      checkTtl(ttl);
      checkFields(fields, greatest);
      const plain = Object.entries(fields);
      const all = [...plain, ...Object.entries(greatest)].flat();
      const made = must && ((said: unknown) => said === 1);
      return (await run(scripts.merge, key, [ttl, plain.length, ...all], made)) === 1;
    },

    async begin(key, field, fields, ttl) {
      checkTtl(ttl);
      const begun = { [field]: '', ...fields };
      checkFields(begun, {});
      const said = (await run(scripts.begin, key, [ttl, field, ...Object.entries(begun).flat()])) as string[] | null;
      if (said === null) return undefined;
      const pairs = said.flatMap((name, at) => (at % 2 === 0 ? [[name, said[at + 1]!] as const] : []));
      return Object.fromEntries(pairs);
    },

    async fields(key) {
      const fields = await answer(() => client.hgetall(prefix + key));
      return Object.keys(fields).length === 0 || Object.hasOwn(fields, '') ? undefined : fields;
    },

    async close(key, ttl) {
      checkTtl(ttl);
      const close = () => run(scripts.close, key, [ttl], () => true);
      // Closing twice is closing once: where replicas are late or a master has just changed, the second may find them.
      await (waitingStep ? close().catch(close) : close());
    },

    async spend(key, limits, ttl, amount = 1): Promise<Spend> {
      checkTtl(ttl);
      checkLimits(limits);
      checkAmount(amount, 0);
      const said = await run(scripts.spend, key, [ttl, amount, ...Object.entries(limits).flat()]);
      const [outcome, name, left] = said as [Spend['outcome'], string, number];
      return outcome === 'over' ? { outcome, name, wait: Math.max(1, Math.ceil(left / 1000)) } : { outcome };
    },

    async refund(key, names, amount = 1) {
      checkNames(names);
      checkAmount(amount, 1);
      await run(scripts.refund, key, [amount, ...names]);
    },

    async offer(key, secret, ttl, life) {
      checkLife(ttl, life);
      await run(scripts.offer, key, [secret, ttl, life]);
    },

    async guess(key, secret, limit): Promise<Guess> {
      const isRight = (said: unknown) => (said as [string])[0] === 'right';
      const said = await run(scripts.guess, key, [secret, limit], isRight);
      const [outcome, count] = said as [Guess['outcome'], number];
      if (outcome === 'wrong') return { outcome, left: count };
      return outcome === 'right' ? { outcome, wrong: count } : { outcome };
    },

    // Written, not only asked: a server that is full, or a replica by now, still answers. In a cluster, to every master.
    async ready() {
      const marks = client instanceof Cluster ? scripts.spread : scripts.spread.slice(0, 1);
      const write = (to: RedisClient, mark: string) => to.set(`${prefix}ready:{${mark}}`, '', 'EX', 60);
      return Promise.all(clients.flatMap((each) => marks.map((mark) => write(each, mark)))).then(
        () => true,
        () => false,
      );
    },

    async end() {
      // QUIT is answered after all that was sent before it; a client that cannot send it has nothing under way.
      const quit = (each: RedisClient) => each.quit().catch(() => each.disconnect());
      ending ??= Promise.all(clients.map(quit));
      await ending;
    },
  };
}

/** Ends `client` and lets the fault pass. */
function andEnd(client: RedisClient): (fault: unknown) => never {
  return (fault) => {
    client.disconnect();
    throw fault;
  };
}

function document(stored: string | null): Document | undefined {
  if (stored === null) return undefined;
  const mark = stored.slice(0, scripts.markLength);
  const value = stored.slice(scripts.markLength);
  return mark === scripts.fresh ? { value } : { value, consumedAt: new Date(Number(mark)) };
}
