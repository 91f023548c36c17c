/**
 * `npm run bench -- soak [MINUTES]`: half an hour of everything at once, at half of what a core can do, and what becomes of the server's memory: a line
 * through what is resident after the first third tells whether it grows.
 */

import { writeFile } from 'node:fs/promises';
import { startRedis } from '../test/support/redis.ts';
import { arrivals } from './arrivals.ts';
import { type FlowName, flows } from './flows.ts';
import { leaveServersCore, startKapu, targetOf } from './place.ts';
import { quantile } from './statistics.ts';

const minutes = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 30);
/** Arrivals a second of each. */
const mix: [FlowName, number][] = [
  ['basic', 8],
  ['silent', 15],
  ['refresh', 20],
  ['introspection', 30],
  ['sign-out', 1],
];

const redis = await startRedis();
await Promise.all([leaveServersCore(process.pid), leaveServersCore(redis.pid)]);
const server = await startKapu({ redis: redis.url });
const target = await targetOf(server);
const works = [];
for (const [name, rate] of mix) works.push({ name, rate, work: await flows[name](target, 60) });
await arrivals({ rate: 10, seconds: 10 }, works[0]!.work);

const samples: { minute: number; bytes: number; redis: number }[] = [];
const began = performance.now();
const look = async () => {
  const [, used] = /used_memory:(\d+)/.exec(await redis.client.info('memory')) ?? [];
  const minute = (performance.now() - began) / 60_000;
  samples.push({ minute, bytes: server.memory().reduce((sum, bytes) => sum + bytes, 0), redis: Number(used) });
};
const looking = setInterval(look, 5_000);
const all = await Promise.all(
  works.map(async ({ name, rate, work }) => ({ name, ...(await arrivals({ rate, seconds: minutes * 60 }, work)) })),
);
clearInterval(looking);
await look();
const own = server.ownMemory().reduce((sum, bytes) => sum + bytes, 0) / 1e6;
target.wire.end();
await server.stop();
await redis.stop();

const later = samples.filter(({ minute }) => minute > minutes / 3);
const line = lineThrough(later.map(({ minute, bytes }) => [minute, bytes / 1e6]));
const usual =
  quantile(
    later.map(({ bytes }) => bytes),
    0.5,
  ) / 1e6;
const most = Math.max(...samples.map(({ bytes }) => bytes)) / 1e6;
const report = [
  `# ${minutes} minutes of everything at once`,
  '',
  `Resident memory of the server: ${(samples[0]!.bytes / 1e6).toFixed(0)} MB at the beginning, ${(samples.at(-1)!.bytes / 1e6).toFixed(0)} MB at the end, ${most.toFixed(0)} MB at most, ${usual.toFixed(0)} MB in the middle of all after the first third; at the end ${own.toFixed(0)} MB of it its own, the rest Node's program.`,
  `After the first third it grows by ${(line.slope * 60).toFixed(1)} MB an hour, give or take ${(2 * line.error * 60).toFixed(1)} (twice the standard error, over ${later.length} looks).`,
  '',
  '| flow | a second | came through | p50, ms | p99, ms | errors |',
  '|---|---|---|---|---|---|',
  ...all.map(
    ({ name, rate, took, errors }) =>
      `| ${name} | ${rate} | ${took.length} | ${quantile(took, 0.5).toFixed(1)} | ${quantile(took, 0.99).toFixed(1)} | ${JSON.stringify(errors)} |`,
  ),
  '',
].join('\n');
await writeFile(new URL('./report.soak.md', import.meta.url), report);
await writeFile(
  new URL('./report.soak.json', import.meta.url),
  `${JSON.stringify({ minutes, mix, samples, line }, null, 2)}\n`,
);
console.log(report);

/** A line through `points` by least squares: its slope, and the slope's standard error. */
function lineThrough(points: [number, number][]): { slope: number; error: number } {
  const n = points.length;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx;
  const rest = points.reduce((sum, [x, y]) => sum + (y - my - slope * (x - mx)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / Math.max(1, n - 2) / sxx) };
}
