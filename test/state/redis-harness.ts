/** Redis as the tests of state see it: stores on one server, and a way to let time pass without waiting. */

import { inspect } from 'node:util';
import type { Redis } from 'ioredis';
import { createRedisState } from '../../src/state/redis.ts';
import type { RedisPlace } from '../../src/state/redis-connection.ts';
import type { State } from '../../src/state/state.ts';

/** A patience that a busy machine under test does not exceed. */
export const commandPatience = 5000;

/** State at `place`, which may also be a server under test. */
export function openState({ url, sentinel, cluster }: RedisPlace, prefix: string): Promise<State> {
  return createRedisState({ url, sentinel, cluster, prefix, commandPatience });
}

/** Brings every end nearer: the expiry of each key and, inside it, the ends of secrets (see scripts.ts). */
const age = `
for _, key in ipairs(redis.call('KEYS', ARGV[2])) do
  local left = redis.call('PTTL', key) - ARGV[1]
  if left <= 0 then
    redis.call('DEL', key)
  else
    redis.call('PEXPIRE', key, left)
    if redis.call('TYPE', key).ok == 'hash' then
      for _, field in ipairs(redis.call('HKEYS', key)) do
        local ends = tonumber(redis.call('HGET', key, field))
        if string.sub(field, 1, 2) == 'h:' and ends and ends > 1e12 then
          redis.call('HSET', key, field, string.format('%.0f', ends - ARGV[1]))
        end
      end
    end
  end
end
`;

/** Makes all that `client` sees by a name like `pattern` `seconds` older. A key without an expiry would be removed, and its test fail. */
export async function elapse(client: Redis, seconds: number, pattern = '*'): Promise<void> {
  await client.eval(age, 0, seconds * 1000, pattern);
}

/** The fault that `call` meets, and after how many milliseconds. Fails when it meets none. */
export async function faultOf(call: Promise<unknown>): Promise<{ fault: Error; after: number }> {
  const start = performance.now();
  const fault = await call.then(
    (answer) => {
      throw new Error(`no fault, but ${inspect(answer)}`);
    },
    (reason: Error) => reason,
  );
  return { fault, after: performance.now() - start };
}

/** What a busy machine may add to a patience, in milliseconds. */
export const slack = 5000;
