/**
 * `npm run bench -- compare HOW …`: servers that are each started in another way, in turns, beside one that is started as operators do. HOW is what
 * its environment and its command line have besides, such as 'MALLOC_ARENA_MAX=4 --max-semi-space-size=16'. For what is decided in src/workers/memory.ts.
 */

import { writeFile } from 'node:fs/promises';
import { startRedis } from '../test/support/redis.ts';
import { arrivals } from './arrivals.ts';
import { costsOf, span, times } from './costs.ts';
import { flows } from './flows.ts';
import { leaveServersCore, startKapu, targetOf } from './place.ts';
import { quantile } from './statistics.ts';

const rounds = 7;
/** Refreshes a second, by themselves and beside a crowd. */
const [alone, beside] = [150, 40];
/** Sign-ins a second, more than a core can do. */
const crowd = 26;

const how = process.argv.slice(process.argv.indexOf('compare') + 1).filter((words) => /[=-]/.test(words));
const redis = await startRedis();
await Promise.all([leaveServersCore(process.pid), leaveServersCore(redis.pid)]);

const servers: Awaited<ReturnType<typeof started>>[] = [];
for (const words of ['', ...how]) servers.push(await started(words));
const costs = await costsOf('refresh', servers, { rounds, seconds: 3, rate: alone });
for (let round = 0; round < rounds; round++) {
  for (const { basic, refresh, crowded } of servers) {
    const [, refreshes] = await Promise.all([
      arrivals({ rate: crowd, seconds: 6 }, basic),
      arrivals({ rate: beside, seconds: 6 }, refresh),
    ]);
    crowded.push(...refreshes.took);
  }
}
const inMegabytes = (sizes: number[]) => (sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(0);
const report = [
  '# Ways to start a server',
  '',
  `Refreshes, ${alone} a second by themselves, ${beside} beside ${crowd} sign-ins; ${rounds} rounds in turns, milliseconds; resident memory in MB when all is done.`,
  '',
  '| besides what operators set | CPU of a refresh | times the first | p99 | p99 beside sign-ins | memory, its own of it |',
  '|---|---|---|---|---|---|',
  ...servers.map(({ name, server, crowded }, n) => {
    const cost = costs[n]!;
    const { median, least, most } = times(cost, costs[0]!);
    return [
      `| ${name} | ${span(cost).median.toFixed(2)} | ${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)}) |`,
      `${quantile(cost.took, 0.99).toFixed(1)} | ${quantile(crowded, 0.99).toFixed(1)} | ${inMegabytes(server.memory())}, ${inMegabytes(server.ownMemory())} |`,
    ].join(' ');
  }),
  '',
].join('\n');
for (const { server, target } of servers) {
  target.wire.end();
  await server.stop();
}
await redis.stop();
await writeFile(new URL('./report.compare.md', import.meta.url), report);
console.log(report);

/** A server that is warm: what runs is compiled. */
async function started(words: string) {
  const all = words.split(' ').filter(Boolean);
  const flags = all.filter((word) => word.startsWith('--'));
  const env = Object.fromEntries(all.filter((word) => !word.startsWith('--')).map((word) => word.split(/=(.*)/s)));
  const server = await startKapu({ redis: redis.url, flags, env });
  const target = await targetOf(server);
  const [basic, refresh] = [await flows.basic(target, 1), await flows.refresh(target, 60)];
  await arrivals({ rate: 15, seconds: 20 }, basic);
  await arrivals({ rate: alone, seconds: 10 }, refresh);
  return { name: words || 'nothing', server, target, basic, refresh, crowded: [] as number[] };
}
