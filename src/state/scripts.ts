/**
 * The steps that Redis makes as one script, each on one key, so that they also hold in a cluster, and how each key
 * is laid out. This file knows nothing of connections.
 *
 * - A document is a string: 16 characters for the time of its consumption in milliseconds since 1970, or `fresh`,
 *   then the value. Consuming overwrites the 16 characters, and neither moves the value nor touches its expiry.
 * - A record is a hash. A closed record is a hash with one field, whose name is empty; no other field is named so.
 * - A count is a number.
 * - Secrets are a hash: `n` counts the guesses, `h:` and a secret holds that secret's own end in milliseconds since
 *   1970, by the clock of the server. The key expires with the last of its secrets; so while it is there, one is alive.
 */

import { createHash } from 'node:crypto';

export interface Script {
  lua: string;
  /** The name that EVALSHA calls it by. */
  sha: string;
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Hash tags that lie 1024 slots of a cluster apart: keys with all of them reach every master that holds as many in a row. */
export const spread = 'u0 qp dj wz d2 pv uh iy ly h9 uv q6 9s qn dt ha'.split(' ');

/** How many characters stand before a document's value. */
export const markLength = 16;
/** The mark of a document that has not been consumed. */
export const fresh = '-'.repeat(markLength);

/** ARGV: the mark to set. Answers 'consumed', 'already' or 'missing'. */
export const consume = script(`
local mark = redis.call('GETRANGE', KEYS[1], 0, ${markLength - 1})
if mark == '' then return 'missing' end
if mark ~= '${fresh}' then return 'already' end
redis.call('SETRANGE', KEYS[1], 0, ARGV[1])
return 'consumed'
`);

/** ARGV: ttl, the number of plain fields, then names and values of these and of the greatest. Answers 1, or 0 when closed.
 *  Values are compared as doubles, exact below 2^53, and stored as they came. */
export const merge = script(`
if redis.call('HEXISTS', KEYS[1], '') == 1 then return 0 end
local plain = 2 + 2 * tonumber(ARGV[2])
for i = 3, plain, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
for i = plain + 1, #ARGV, 2 do
  local old = redis.call('HGET', KEYS[1], ARGV[i])
  local number = old and string.match(old, '^%-?%d+$') and tonumber(old)
  if not number or tonumber(ARGV[i + 1]) > number then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** ARGV: ttl. */
export const close = script(`
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], '', '')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** ARGV: ttl. Answers the count. */
export const count = script(`
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return n
`);

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

export const uncount = script(`
local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if n > 0 then redis.call('DECR', KEYS[1]) end
return 1
`);

/** ARGV: the secret, ttl. */
export const offer = script(`${now}
local mine = 'h:' .. ARGV[1]
local latest = now + ARGV[2] * 1000
local known = redis.call('HGETALL', KEYS[1])
local last = latest
for i = 1, #known, 2 do
  if string.sub(known[i], 1, 2) == 'h:' then
    local ends = tonumber(known[i + 1])
    if ends <= now then redis.call('HDEL', KEYS[1], known[i]) end
    if known[i] == mine and ends > latest then latest = ends end
    if ends > last then last = ends end
  end
end
redis.call('HSET', KEYS[1], mine, string.format('%.0f', latest))
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
return 1
`);

/** ARGV: the secret, the limit. Answers the outcome and, when it is 'wrong', how many guesses are left. */
export const guess = script(`${now}
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'none' } end
local made = redis.call('HINCRBY', KEYS[1], 'n', 1)
local limit = tonumber(ARGV[2])
if made > limit then return { 'spent' } end
local ends = redis.call('HGET', KEYS[1], 'h:' .. ARGV[1])
if not ends or tonumber(ends) <= now then return { 'wrong', limit - made } end
redis.call('DEL', KEYS[1])
return { 'right' }
`);
