/**
 * `npm run profile -- FLOW [bare] [memory] [hashes]`: where the server's CPU goes in a flow, as a flame graph (SVG) and as V8's own profile,
 * which Chromium's developer tools open. Hashes are cheap unless asked for: they run in threads of their own, which a profile does not see.
 */

import { mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../test/support/eventually.ts';
import { startRedis } from '../test/support/redis.ts';
import { arrivals } from './arrivals.ts';
import { flameGraph, shares, treeOf } from './flame.ts';
import { type FlowName, flows } from './flows.ts';
import { leaveServersCore, startBare, startKapu, targetOf } from './place.ts';

const words = process.argv.slice(2);
const name = words.find((word): word is FlowName => Object.hasOwn(flows, word)) ?? 'basic';
const rate = Number(words.find((word) => /^\d+$/.test(word)) ?? (['basic', 'sign-out'].includes(name) ? 40 : 150));
const folder = await mkdtemp(join(tmpdir(), 'kapu-profile-'));
const redis = words.includes('memory') ? undefined : await startRedis();
await leaveServersCore(process.pid);
if (redis) await leaveServersCore(redis.pid);
const options = { redis: redis?.url, profileTo: folder };
const server = words.includes('bare')
  ? await startBare(options)
  : await startKapu({ ...options, cheapHashes: !words.includes('hashes') });
const target = await targetOf(server);
const work = await flows[name](target, 50);
// Until what runs is compiled.
await arrivals({ rate, seconds: 25 }, work);
server.process.kill('SIGUSR2');
const arrived = await arrivals({ rate, seconds: 15 }, work);
server.process.kill('SIGUSR2');
await eventually('a profile', async () => (await readdir(folder)).length > 0);
target.wire.end();
await server.stop();
await redis?.stop();

const [file = ''] = await readdir(folder);
const tree = treeOf(JSON.parse(await readFile(join(folder, file), 'utf8')));
const title = [name, ...words.filter((word) => word !== name && !/^\d+$/.test(word))].join('-');
const to = (ending: string) => fileURLToPath(new URL(`./report.profile.${title}.${ending}`, import.meta.url));
await rename(join(folder, file), to('cpuprofile')).catch(async () =>
  writeFile(to('cpuprofile'), await readFile(join(folder, file))),
);
const each = tree.time / 1000 / arrived.took.length;
await writeFile(to('svg'), flameGraph(tree, `${title}: ${each.toFixed(2)} ms each on the serving thread`));
console.log(
  `${arrived.took.length} times, ${each.toFixed(2)} ms each on the serving thread. Of it, by where the code is from:`,
);
for (const [where, share] of shares(tree).slice(0, 25))
  console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${where}`);
console.log(`${to('svg')}\n${to('cpuprofile')}`);
