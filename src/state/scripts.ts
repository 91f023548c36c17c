/**
 * The steps that Redis makes as one script, each on one key, so that they also hold in a cluster, and how each key
 * is laid out. This file knows nothing of connections.
 *
 * - A document is a string: 16 characters for the time of its consumption in milliseconds since 1970, or `fresh`,
 *   then the value. Consuming overwrites the 16 characters, and neither moves the value nor touches its expiry.
 * - A record is a hash. A closed record is a hash with one field, whose name is empty; no other field is named so.
 * - Counts are a hash of numbers, by name.
 * - Secrets are a hash: `n` counts the guesses, `h:` and a secret holds that secret's own end in milliseconds since
 *   1970, by the clock of the server.
 *
 * A script costs by the commands in it, so each reads once and writes once where it can.
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
 *  Values are compared as doubles, exact below 2^53, and stored as they came. HSET by 1000 fields: a call of Lua takes no
 *  more than some 8000 values. */
export const merge = script(`
local plain = 2 + 2 * tonumber(ARGV[2])
local names, written = { '' }, {}
for i = 3, plain do written[#written + 1] = ARGV[i] end
for i = plain + 1, #ARGV, 2 do names[#names + 1] = ARGV[i] end
local old = redis.call('HMGET', KEYS[1], unpack(names))
if old[1] then return 0 end
for n = 2, #names do
  local value = ARGV[plain + 2 * n - 2]
  local number = old[n] and string.match(old[n], '^%-?%d+$') and tonumber(old[n])
  if not number or tonumber(value) > number then
    written[#written + 1] = names[n]
    written[#written + 1] = value
  end
end
for i = 1, #written, 2000 do
  redis.call('HSET', KEYS[1], unpack(written, i, math.min(i + 1999, #written)))
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** ARGV: ttl, the field that begins, names and values of all to write. Answers nil, or all fields when it had begun. */
export const begin = script(`
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if held[i] == '' then return {} end
  if held[i] == ARGV[2] then return held end
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return false
`);

/** ARGV: ttl. */
export const close = script(`
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], '', '')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** ARGV: ttl, amount, names and limits. Answers 'counted', or 'over', the name, and the milliseconds that the window has left,
 *  or would have. Only a first name that had no count can be the first under the key. */
export const spend = script(`
local amount = tonumber(ARGV[2])
for i = 3, #ARGV, 2 do
  local limit = tonumber(ARGV[i + 1])
  local count
  if amount == 0 then
    count = 1 + tonumber(redis.call('HMGET', KEYS[1], ARGV[i])[1] or 0)
  else
    count = redis.call('HINCRBY', KEYS[1], ARGV[i], amount)
    if count > limit then redis.call('HINCRBY', KEYS[1], ARGV[i], -amount) end
    if count == amount and count > limit then redis.call('HDEL', KEYS[1], ARGV[i]) end
  end
  if count > limit then
    local left = redis.call('PTTL', KEYS[1])
    return { 'over', ARGV[i], left < 0 and ARGV[1] * 1000 or left }
  end
  if i == 3 and count == amount and redis.call('PTTL', KEYS[1]) < 0 then
    redis.call('EXPIRE', KEYS[1], ARGV[1])
  end
end
return { 'counted' }
`);

/** ARGV: amount, names. Redis removes a hash with its last field. */
export const refund = script(`
local amount = tonumber(ARGV[1])
local counts = redis.call('HMGET', KEYS[1], unpack(ARGV, 2))
local gone = {}
for n = 2, #ARGV do
  local count = tonumber(counts[n - 1] or '')
  if count and count > amount then
    redis.call('HINCRBY', KEYS[1], ARGV[n], -amount)
  elseif count then
    gone[#gone + 1] = ARGV[n]
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
return 1
`);

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** ARGV: the secret, its ttl, the life of the key. */
export const offer = script(`${now}
local mine = 'h:' .. ARGV[1]
local latest = now + ARGV[2] * 1000
local gone = {}
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  if string.sub(known[i], 1, 2) == 'h:' then
    local ends = tonumber(known[i + 1])
    if ends <= now then gone[#gone + 1] = known[i] end
    if known[i] == mine and ends > latest then latest = ends end
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
redis.call('HSET', KEYS[1], mine, string.format('%.0f', latest))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** ARGV: the secret, the limit. Answers the outcome and how many guesses are left, when it is 'wrong', or were wrong, when it is 'right'. */
export const guess = script(`${now}
local made, alive, right = 0, false, false
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  if known[i] == 'n' then
    made = tonumber(known[i + 1])
  elseif tonumber(known[i + 1]) > now then
    alive = true
    if known[i] == 'h:' .. ARGV[1] then right = true end
  end
end
if not alive then return { 'none' } end
local left = tonumber(ARGV[2]) - made
if left <= 0 then return { 'spent' } end
redis.call('HINCRBY', KEYS[1], 'n', 1)
if not right then return { 'wrong', left - 1 } end
redis.call('DEL', KEYS[1])
return { 'right', made }
`);
