/** Memory and Redis are one to their callers: whatever is done to both, both answer the same. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMemoryState } from '../../src/state/memory.ts';
import type { State } from '../../src/state/state.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { elapse, openState } from './redis-harness.ts';

let server: RedisServer;
let redis: State;

beforeAll(async () => {
  server = await startRedis();
  redis = await openState(server, 'kapu:');
});
afterAll(async () => {
  await redis.end();
  await server.stop();
});

// Lives and pauses in steps of 500 s: what the run itself takes never decides what is alive.
const ttl = fc.constantFrom(1000, 2000, 3000);
const pause = fc.tuple(fc.constant('elapse'), fc.constantFrom(500, 1000, 2000));
const value = fc.string({ unit: 'grapheme', maxLength: 20 });
const secret = fc.constantFrom('a', 'b', 'c');
const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'n'), value, { maxKeys: 3 });
const number = fc.integer({ min: -20, max: 20 }).map(String);
const greatest = fc.dictionary(fc.constantFrom('n', 'm'), number, { maxKeys: 2 });
const plainAndGreatest = fc.tuple(fields, greatest).filter(([plain, most]) => !('n' in plain && 'n' in most));
const name = fc.constantFrom('', 'a', 'b');
const limits = fc.dictionary(name, fc.integer({ min: 1, max: 4 }), { minKeys: 1 });
const names = fc.uniqueArray(name, { minLength: 1 });
const amount = fc.constantFrom(1, 1, 2, 3, 0);

type Call = [verb: string, ...rest: unknown[]];
type Calls = fc.Arbitrary<Call>;
const key = fc.constant('key');
const remove = fc.tuple(fc.constant('remove'), key);

const kinds: [string, Calls][] = [
  [
    'documents',
    fc.oneof(
      fc.tuple(fc.constantFrom('put', 'add'), key, value, ttl),
      fc.tuple(fc.constantFrom('get', 'take'), key),
      fc.tuple(fc.constant('consume'), key, time),
      fc.oneof(pause, remove),
    ),
  ],
  [
    'records',
    fc.oneof(
      fc.tuple(plainAndGreatest, ttl).map(([written, life]): Call => ['merge', 'key', ...written, life]),
      fc.tuple(fc.constant('begin'), key, fc.constantFrom('a', 'x'), fields, ttl),
      fc.tuple(fc.constant('fields'), key),
      fc.tuple(fc.constant('close'), key, ttl),
      fc.oneof(pause, remove),
    ),
  ],
  [
    'counts',
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant('spend'), key, limits, ttl, amount) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('refund'), key, names, fc.constantFrom(1, 2)) },
      fc.oneof({ weight: 5, arbitrary: pause }, { weight: 1, arbitrary: remove }),
    ),
  ],
  [
    'secrets',
    fc.oneof(
      fc.tuple(fc.constant('offer'), key, secret, ttl, fc.constantFrom(3000, 4000)),
      fc.tuple(fc.constant('guess'), key, fc.oneof(secret, fc.constant('wrong')), fc.integer({ min: 0, max: 9 })),
      fc.oneof({ weight: 5, arbitrary: pause }, { weight: 1, arbitrary: remove }),
    ),
  ],
];

test.each(kinds)('state: memory and redis answer every sequence of calls alike: %s', async (_, call) => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 3, maxLength: 30 }), async (calls) => {
      let passed = 0;
      const memory = createMemoryState({ now: () => new Date(1_795_000_000_000 + passed * 1000) });
      await redis.remove('key');
      for (const [verb, ...rest] of calls) {
        if (verb === 'elapse') {
          passed += rest[0] as number;
          await elapse(server.client, rest[0] as number);
        } else {
          const expected = roughly(await ask(memory, verb, rest));
          const answer = roughly(await ask(redis, verb, rest));
          expect({ verb, rest, answer }).toEqual({ verb, rest, answer: expected });
        }
      }
      await memory.end();
    }),
    { numRuns: 150 },
  );
});

/** A wait in steps of lives and pauses: for Redis the run itself takes time. */
function roughly(answer: unknown): unknown {
  const { wait } = (answer ?? {}) as { wait?: number };
  return wait === undefined ? answer : { ...(answer as object), wait: Math.round(wait / 500) };
}

function ask(state: State, verb: string, rest: unknown[]): Promise<unknown> {
  return (state as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>)[verb]!(...rest);
}
