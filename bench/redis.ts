/**
 * `npm run bench -- redis`: what one sign-in costs Redis: the commands that services' and browsers' requests send it, as MONITOR tells them, and
 * the bytes that it leaves behind. Counted, not timed: the figures do not depend on the machine.
 */

import { writeFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { demoPassword } from '../config/demo.ts';
import type { Agent } from '../test/support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../test/support/kapu.ts';
import { startRedis } from '../test/support/redis.ts';
import type { Asked, RelyingParty } from '../test/support/relying-party.ts';

/** Sign-ins that the bytes are measured over. */
const many = 100;

interface RedisCost {
  name: 'basic' | 'plus' | 'silent';
  /** Commands of one sign-in, from the authorization request to the tokens: as sent, and with those that scripts run inside Redis. */
  commands: number;
  commandsInside: number;
  /** Each kind of command and how often. */
  byName: Record<string, number>;
  /** Bytes of one sign-in that are left when it is done, by `MEMORY USAGE` of its keys. */
  bytesLeft: number;
  keysLeft: number;
}

const costs = await measureRedis();
const report = [
  '# What a sign-in costs Redis',
  '',
  'Commands from the authorization request to the tokens, by MONITOR; with all that scripts run inside Redis, in brackets.',
  `Bytes by MEMORY USAGE of the keys that are left when it is done, over ${many} sign-ins.`,
  '',
  '| sign-in | commands | keys left | bytes left | commands by name |',
  '|---|---|---|---|---|',
  ...costs.map(
    ({ name, commands, commandsInside, keysLeft, bytesLeft, byName }) =>
      `| ${name} | ${commands} (${commandsInside}) | ${keysLeft} | ${bytesLeft} | ${Object.entries(byName)
        .map(([command, times]) => `${command} ${times}`)
        .join(', ')} |`,
  ),
  '',
].join('\n');
await writeFile(new URL('./report.redis.md', import.meta.url), report);
console.log(report);

/** Measures sign-ins of each kind, one after the other, on a Redis of its own. */
async function measureRedis(): Promise<RedisCost[]> {
  const redis = await startRedis();
  const kapu = await startKapu({
    change(settings) {
      settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 1000 };
      // As by default, and not as in the demo.
      settings.notices = { ...settings.notices, newBrowser: true, codesRefused: true };
      roomy(settings);
    },
  });
  try {
    const service = await kapu.service();
    const signIns = {
      basic: () => signIn(kapu, service, kapu.agent(), 'basic'),
      plus: () => signIn(kapu, service, kapu.agent(), 'plus'),
    };
    // Scripts are sent whole the first time.
    for (const each of Object.values(signIns)) await each();
    const costs: RedisCost[] = [];
    for (const name of ['basic', 'plus'] as const)
      costs.push({
        name,
        ...(await counted(redis.client, signIns[name])),
        ...(await left(redis.client, signIns[name])),
      });
    const agent = kapu.agent();
    await signIn(kapu, service, agent, 'basic');
    const silent = () => signIn(kapu, service, agent, 'basic');
    costs.push({ name: 'silent', ...(await counted(redis.client, silent)), ...(await left(redis.client, silent)) });
    return costs;
  } finally {
    await kapu.stop();
    await redis.stop();
  }
}

/** Anna signs in with `agent`; the tokens are redeemed and checked. Throws when the level is not reached. */
async function signIn(kapu: TestKapu, service: RelyingParty, agent: Agent, level: 'basic' | 'plus'): Promise<void> {
  const visit: { asked: Asked; page: { url: URL } & Awaited<ReturnType<Agent['get']>> } = await service.visit(
    agent,
    level === 'plus' ? { acr_values: 'plus' } : {},
  );
  let { page } = visit;
  if (page.url.pathname.endsWith('/password'))
    page = await agent.submit(page, { username: 'anna', password: demoPassword });
  if (page.url.pathname.endsWith('/email-code')) page = await agent.submit(page, { code: await kapu.codeFor(page) });
  const { claims } = await visit.asked.redeem(page.url);
  if (claims.acr !== level) throw new Error(`acr is ${claims.acr}`);
}

async function counted(client: Redis, work: () => Promise<void>) {
  const monitor = await client.monitor();
  const names: string[] = [];
  let inside = 0;
  monitor.on('monitor', (_time: string, [name]: string[], source: string) => {
    if (source === 'lua') inside++;
    else names.push(name!.toLowerCase());
  });
  await work();
  // What has been monitored comes in order: once this command is seen, so are all before it.
  const marker = 'echo';
  await client.echo('done');
  while (!names.includes(marker)) await new Promise((resolve) => setImmediate(resolve));
  monitor.disconnect();
  const sent = names.slice(0, names.indexOf(marker));
  const byName: Record<string, number> = {};
  for (const name of sent.toSorted()) byName[name] = (byName[name] ?? 0) + 1;
  return { commands: sent.length, commandsInside: sent.length + inside, byName };
}

async function left(client: Redis, work: () => Promise<void>) {
  const before = await usage(client);
  for (let count = 0; count < many; count++) await work();
  const after = await usage(client);
  return {
    bytesLeft: Math.round((after.bytes - before.bytes) / many),
    keysLeft: (after.keys - before.keys) / many,
  };
}

async function usage(client: Redis): Promise<{ keys: number; bytes: number }> {
  const keys = await client.keys('*');
  const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)));
  return { keys: keys.length, bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) };
}
