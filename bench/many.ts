/**
 * `npm run bench -- many [COUNT]`: what a sign-in costs where there are a million accounts and a million sessions, against a thousand of each: two servers,
 * each with a Redis and a database of its own, that take turns. Accounts are as records.ts makes them; sessions are as large as real ones.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { openRecords } from '../src/stores.ts';
import { type RedisServer, startRedis } from '../test/support/redis.ts';
import { costsOf, span, times } from './costs.ts';
import type { FlowName } from './flows.ts';
import { leaveServersCore, startKapu, targetOf } from './place.ts';

const count = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 1_000_000);
const few = 1_000;
// A trial of less than a hundred thousand tells only that it works.
const rounds = count < 100_000 ? 3 : 9;
await leaveServersCore(process.pid);

const [small, large] = [await made(few), await made(count)];
const flowsToTry: [FlowName, number][] = [
  ['basic', 30],
  ['silent', 100],
  ['refresh', 150],
  ['introspection', 200],
];
const rows: string[] = [];
for (const [flow, rate] of flowsToTry) {
  const [one, other] = await costsOf(flow, [small, large], { rounds, seconds: 2, rate });
  const ratio = times(other!, one!);
  const errors = [one!, other!].flatMap(({ errors }) => Object.values(errors)).reduce((sum, value) => sum + value, 0);
  rows.push(
    `| ${flow} | ${span(one!).median.toFixed(2)} | ${span(other!).median.toFixed(2)} | **${ratio.median.toFixed(3)}** (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)}) | ${errors} |`,
  );
}
const report = [
  `# ${count.toLocaleString('en')} accounts and sessions against ${few.toLocaleString('en')}`,
  '',
  `CPU of the server in milliseconds, medians of ${rounds} rounds; the ratio within a round. Hashes are cheap, so that what is looked up shows.`,
  '',
  `| flow | ${few.toLocaleString('en')} | ${count.toLocaleString('en')} | times | errors |`,
  '|---|---|---|---|---|',
  ...rows,
  '',
  `Redis holds ${(large.held / 1e6).toFixed(0)} MB, ${Math.round((large.held - small.held) / Math.max(1, count - few))} bytes a session. Filling took ${large.seconds.toFixed(0)} s.`,
  '',
].join('\n');
await writeFile(new URL('./report.many.md', import.meta.url), report);
console.log(report);
for (const { target, server, redis } of [small, large]) {
  target.wire.end();
  await server.stop();
  await redis.stop();
}

async function made(size: number) {
  const began = performance.now();
  const redis = await startRedis();
  await leaveServersCore(redis.pid);
  const server = await startKapu({
    redis: redis.url,
    cheapHashes: true,
    prepare: (settings) => addAccounts(settings, size),
  });
  await addSessions(redis, size);
  const [, used] = /used_memory:(\d+)/.exec(await redis.client.info('memory')) ?? [];
  const seconds = (performance.now() - began) / 1000;
  console.error(`${size}: filled in ${seconds.toFixed(0)} s`);
  return { name: String(size), server, target: await targetOf(server), redis, held: Number(used), seconds };
}

/** Beside those that are there, by the table itself: one by one they would take an hour. */
async function addAccounts(settings: Parameters<typeof openRecords>[0], size: number): Promise<void> {
  if (settings.records.kind !== 'sqlite') throw new Error('accounts are added to a file alone');
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(settings.records.file);
  const now = Date.now();
  const account = database.prepare(
    "insert into accounts (id, username, username_key, email, email_verified, name, birth_name, birth_date, locale, status, created_at, updated_at) values (?, ?, ?, ?, 1, ?, ?, '1980-02-29', 'hu', 'active', ?, ?)",
  );
  const credential = database.prepare(
    "insert into credentials (account_id, method, id, data, created_at, updated_at) values (?, 'password', '', ?, ?, ?)",
  );
  database.exec('begin');
  for (let n = 0; n < size; n++) {
    const [id, name] = [randomUUID(), `${randomBytes(5).toString('hex')}.${n}`];
    account.run(id, name, name, `${name}@example.hu`, name, name, now, now);
    const hash = `demo:$argon2id$v=19$m=19456,t=2,p=1$${'x'.repeat(22)}$${randomBytes(32).toString('base64url')}`;
    credential.run(id, JSON.stringify({ hash }), now, now);
  }
  database.exec('commit');
  database.close();
}

/** Records of the size of a session's, made inside Redis. */
async function addSessions({ client }: RedisServer, size: number): Promise<void> {
  const script = `
local value = string.rep('x', tonumber(ARGV[3]))
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local key = 'kapu:Session:' .. string.sub(redis.sha1hex(tostring(n)), 1, 32)
  redis.call('HSET', key, 'session', value .. n, 'client:bench-service', value .. n, 'turn', '1', 'proof:password', '1795424889488')
  redis.call('EXPIRE', key, 3600)
end`;
  for (let from = 0; from < size; from += 5_000)
    await client.eval(script, 0, from, Math.min(size, from + 5_000) - 1, 250);
}
