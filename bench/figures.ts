/**
 * `npm run bench -- report [--quick]`: all figures of one run, each beside its limit: CPU of each flow, the highest rates of one core, refreshes while
 * sign-ins saturate, what Redis is asked, start and memory. Writes bench/report.md and .json, and plots of latency against load.
 */

import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { eventually } from '../test/support/eventually.ts';
import { codeIn } from '../test/support/kapu.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { startRedis } from '../test/support/redis.ts';
import { startSmtp } from '../test/support/smtp.ts';
import { type Arrived, arrivals, highest } from './arrivals.ts';
import { type Contender, type Cost, costsOf, span, times } from './costs.ts';
import { type FlowName, flows } from './flows.ts';
import { hashTimes, measureLimits, printed } from './limits.ts';
import { leaveServersCore, pinning, type Running, startBare, startKapu, targetOf } from './place.ts';
import { plot } from './plot.ts';
import { countRoundTrips } from './round-trips.ts';
import { quantile } from './statistics.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 5 : 9;
const seconds = quick ? 1 : 3;
const began = Date.now();
const tell = (text: string) => console.error(`${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);

// What was started ends with this process, however it ends.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
await leaveServersCore(process.pid);
const redis = await startRedis();
const postgres = await startPostgres();
const smtp = await startSmtp();
await leaveServersCore(redis.pid);
const common = { redis: redis.url, smtpPort: smtp.port };
const contenders = new Map<string, Contender>();
const starts: number[] = [];

async function contender(name: string, start: () => Promise<Running & { readyAfter?: number }>): Promise<Contender> {
  const server = await start();
  if (server.readyAfter !== undefined) starts.push(server.readyAfter);
  const target = await targetOf(server);
  target.codeOf = async (reference) => {
    const found = () => smtp.mails.findLast(({ subject }) => subject?.includes(reference));
    await eventually(`a mail with the reference ${reference}`, () => found() !== undefined);
    return codeIn(found()!);
  };
  const one = { name, server, target };
  contenders.set(name, one);
  return one;
}

tell('starting');
const kapu = await contender('Kapu', () => startKapu(common));
const light = await contender('Kapu, cheap hash', () => startKapu({ ...common, cheapHashes: true }));
const inMemory = await contender('Kapu, cheap hash, state in memory', () =>
  startKapu({ ...common, redis: undefined, cheapHashes: true }),
);
const inPostgres = await contender('Kapu, cheap hash, records in PostgreSQL', async () =>
  startKapu({ ...common, cheapHashes: true, postgres: await postgres.createDatabase() }),
);
const rs256 = await contender('Kapu, cheap hash, RS256', () =>
  startKapu({ ...common, cheapHashes: true, alg: 'RS256' }),
);
const eddsa = await contender('Kapu, cheap hash, EdDSA', () =>
  startKapu({ ...common, cheapHashes: true, alg: 'EdDSA' }),
);
const bare = await contender('bare oidc-provider', () => startBare({ redis: redis.url }));
const bareInMemory = await contender('bare oidc-provider, in memory', () => startBare({}));

tell('limits');
const limits = await measureLimits(redis.client);

// What is compiled as it gets used: thousands of requests, or the compiler's threads are what is measured. The first thousand
// basic sign-ins cost a fifth more each than those after them.
tell('warming up');
for (const { name, target } of contenders.values()) {
  const warm: [FlowName, number][] = [
    ['basic', name === 'Kapu' ? 100 : 300],
    ['silent', 300],
    ['refresh', 400],
    ['introspection', 400],
  ];
  for (const [flow, count] of warm) {
    const work = await flows[flow](target, 20);
    let left = quick ? count : 4 * count;
    const one = async () => {
      while (left-- > 0) await work();
    };
    await Promise.all(Array.from({ length: 8 }, one));
  }
}

/** A hash beside a sign-in, in turn: the ratio that matters most. */
tell('sign-ins beside hashes');
const besideHash: number[] = [];
const signInCosts: number[] = [];
const hashes: number[] = [];
{
  const work = await flows.basic(kapu.target, 1);
  await arrivals({ rate: 10, seconds: 3 }, work);
  for (let round = 0; round < rounds; round++) {
    const hash = quantile(await hashTimes(), 0.5);
    const before = kapu.server.cpu();
    const { took } = await arrivals({ rate: 16, seconds: seconds * 1.5 }, work);
    const each = ((kapu.server.cpu() - before) * 1000) / took.length;
    hashes.push(hash);
    signInCosts.push(each);
    besideHash.push(each / hash);
  }
}

const plan: [FlowName, number, Contender[]][] = [
  ['basic', 50, [light, inMemory, inPostgres, rs256, eddsa, bare, bareInMemory]],
  ['plus', 12, [light]],
  ['silent', 180, [light, inMemory, rs256, eddsa, bare]],
  ['refresh', 350, [light, inMemory, rs256, eddsa, bare]],
  ['introspection', 450, [light, inMemory, bare]],
  ['userinfo', 450, [light, bare]],
  ['client-credentials', 350, [light]],
  ['discovery', 300, [light, bare]],
  ['jwks', 300, [light, bare]],
  ['sign-out', 20, [light]],
];
const costs: Cost[] = [];
for (const [flow, rate, those] of plan) {
  tell(`cost of ${flow}`);
  costs.push(...(await costsOf(flow, those, { rounds, seconds, rate })));
}
const cost = (flow: FlowName, { name }: Contender) => costs.find((one) => one.flow === flow && one.server === name)!;

interface Rate {
  name: string;
  rate: number;
  tries: Arrived[];
}
const rates: Rate[] = [];
const searches: [string, FlowName, Contender, number][] = [
  ['basic sign-in', 'basic', kapu, 18],
  ['silent sign-in', 'silent', kapu, 150],
  ['refresh', 'refresh', kapu, 400],
  ['introspection', 'introspection', kapu, 800],
  ...(quick
    ? []
    : ([
        ['bare refresh', 'refresh', bare, 400],
        ['bare introspection', 'introspection', bare, 800],
      ] as [string, FlowName, Contender, number][])),
];
for (const [name, flow, { target }, first] of searches) {
  tell(`highest rate: ${name}`);
  const work = await flows[flow](target, 200);
  const found = await highest(first, (rate) => arrivals({ rate, seconds: quick ? 3 : 10 }, work), quick ? 0.1 : 0.05);
  rates.push({ name, ...found });
}

tell('refreshes while sign-ins saturate');
const signIns = await flows.basic(kapu.target, 1);
const refresh = await flows.refresh(kapu.target, 100);
const idle = await arrivals({ rate: 40, seconds: 30 }, refresh);
const saturating = Math.max(20, rates[0]!.rate) * 1.2;
const [crowd, beside] = await Promise.all([
  arrivals({ rate: saturating, seconds: 30 }, signIns),
  arrivals({ rate: 40, seconds: 30 }, refresh),
]);
const memory = kapu.server.memory();
const ownMemory = kapu.server.ownMemory();
for (const { server, target } of contenders.values()) {
  target.wire.end();
  await server.stop();
}

tell('two workers');
const two = await startKapu({ ...common, workers: 2, pinnedTo: 0 });
const pair = await targetOf(two);
const pairWork = await flows.basic(pair, 1);
const byTwo = await highest(18, (rate) => arrivals({ rate, seconds: quick ? 3 : 10 }, pairWork), quick ? 0.1 : 0.05);
const memoryOfTwo = two.memory();
pair.wire.end();
await two.stop();

tell('round trips');
const roundTrips = await countRoundTrips(redis.port);
tell('starts');
const again: number[] = [];
for (let n = 0; n < 3; n++) {
  const one = await startKapu(common);
  again.push(one.readyAfter);
  await one.stop();
}
await Promise.all([smtp.stop(), postgres.stop()]);
const versions = {
  node: process.version,
  redis: /redis_version:(\S+)/.exec(await redis.client.info('server'))?.[1] ?? '',
  postgres: await printed('sh', ['-c', 'ls /usr/lib/postgresql 2>/dev/null | tail -1']),
  'oidc-provider': (
    await import('oidc-provider/package.json', { with: { type: 'json' } }).catch(() => ({ default: { version: '' } }))
  ).default.version as string,
};
await redis.stop();

const flat = (arrived: Arrived) => ({
  ...arrived,
  took: undefined,
  n: arrived.took.length,
  p50: quantile(arrived.took, 0.5),
  p99: quantile(arrived.took, 0.99),
});
const rateOf = (name: string) => rates.find((one) => one.name === name)?.rate ?? 0;
const [basicTrips] = roundTrips;
const spanOf = (values: number[]) => span({ rounds: values });
const withoutHash = times(cost('basic', light), cost('basic', bare));
const loaded = quantile(beside.took, 0.99) / quantile(idle.took, 0.99);
const perCore = (flow: FlowName) => 1000 / span(cost(flow, light)).median;
const verdicts: [string, string, string, boolean][] = [
  [
    '1. CPU of a basic sign-in, times one hash',
    '≤ 1.12',
    f(spanOf(besideHash).median),
    spanOf(besideHash).median <= 1.12,
  ],
  ['2. without the hash, times bare oidc-provider on Redis', '≤ 0.8', f(withoutHash.median), withoutHash.median <= 0.8],
  [
    '3. Redis: commands, waits of a basic sign-in',
    '≤ 15, ≤ 6',
    `${basicTrips!.commands}, ${basicTrips!.waits}`,
    basicTrips!.commands <= 15 && basicTrips!.waits <= 6,
  ],
  [
    '4. basic sign-ins a second and vCPU of server, p99 < 1 s',
    '≥ 30',
    f(rateOf('basic sign-in'), 1),
    rateOf('basic sign-in') >= 30,
  ],
  ['5. refresh p99 while sign-ins saturate, times idle', '≤ 4', f(loaded, 1), loaded <= 4],
  [
    '6. silent sign-ins a second and core',
    '≥ 700',
    `${f(rateOf('silent sign-in'), 0)} (by CPU ${f(perCore('silent'), 0)})`,
    rateOf('silent sign-in') >= 700,
  ],
  [
    '6. refreshes a second and core',
    '≥ 2,500',
    `${f(rateOf('refresh'), 0)} (by CPU ${f(perCore('refresh'), 0)})`,
    rateOf('refresh') >= 2500,
  ],
  [
    '6. introspections a second and core',
    '≥ 4,000',
    `${f(rateOf('introspection'), 0)} (by CPU ${f(perCore('introspection'), 0)})`,
    rateOf('introspection') >= 4000,
  ],
  ['7. 1 million accounts and sessions, times 1,000', '≤ 1.1', '`npm run bench -- many`', false],
  [
    '8. start to ready, stores up',
    '< 1 s',
    `${f(Math.min(...again) / 1000, 2)}–${f(Math.max(...again) / 1000, 2)} s`,
    quantile(again, 0.5) < 1000,
  ],
  [
    '8. memory of a worker',
    '< 150 MB',
    `${memory.map((bytes) => Math.round(bytes / 1e6)).join(', ')} MB`,
    memory.every((bytes) => bytes < 150e6),
  ],
];

const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown processor'}`;
const lines = [
  '# Speed',
  '',
  `${new Date(began).toISOString()}, ${((Date.now() - began) / 60_000).toFixed(1)} minutes${quick ? ', quick' : ''}. ${machine}; ${pinning}. ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`,
  `Load of the machine at the end: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(
      ', ',
    )}. ${rounds} rounds of ${seconds} s; medians, ranges in brackets. Times of different runs do not compare; ratios within one do.`,
  '',
  '## What is to be reached',
  '',
  '| | to be | is | reached |',
  '|---|---|---|---|',
  ...verdicts.map(
    ([what, toBe, is, reached]) =>
      `| ${what} | ${toBe} | ${is} | ${reached ? 'yes' : is.startsWith('`') ? 'see there' : '**no**'} |`,
  ),
  '',
  '## Limits, in the same run',
  '',
  `One argon2id verification (t=2, m=19456, p=1): ${f(limits.hash, 1)} ms of CPU (${limits.hashRange.map((value) => f(value, 1)).join('–')}); beside the sign-ins ${shown(spanOf(hashes), 1)}. A signature: ${Object.entries(
    limits.signatures,
  )
    .map(([alg, value]) => `${alg} ${f(value, 3)} ms`)
    .join(', ')}. A round trip to Redis: ${f(limits.redis, 2)} ms.`,
  '',
  `A basic sign-in with its hash: ${shown(spanOf(signInCosts), 1)} ms of the server's CPU, ${shown(spanOf(besideHash), 2)} times one hash in the same round.`,
  '',
  '## CPU of the server, milliseconds each',
  '',
  '| flow | server | CPU | times bare, same flow | p50 | p99 | errors |',
  '|---|---|---|---|---|---|---|',
  ...costs.map((one) => {
    const base = costs.find(
      ({ flow, server }) => flow === one.flow && server === (one.server.includes('memory') ? bareInMemory : bare).name,
    );
    const errors = Object.values(one.errors).reduce((sum, count) => sum + count, 0);
    return `| ${one.flow} | ${one.server} | ${shown(span(one), 2)} | ${base && base !== one && base.took.length > 0 ? shown(times(one, base), 2) : ''} | ${f(quantile(one.took, 0.5), 1)} | ${f(quantile(one.took, 0.99), 1)} | ${errors} |`;
  }),
  '',
  '## Highest rates with p99 under 1 s and no error, the server on one core',
  '',
  '| | a second | tries: rate, p99 in ms |',
  '|---|---|---|',
  ...[...rates, { name: 'basic sign-in, 2 workers on all cores, with all else', ...byTwo }].map(
    ({ name, rate, tries }) =>
      `| ${name} | ${f(rate, rate < 100 ? 1 : 0)} | ${tries.map((one) => `${f(one.rate, 0)}: ${Object.keys(one.errors).length > 0 ? 'errors' : f(quantile(one.took, 0.99), 0)}`).join(', ')} |`,
  ),
  '',
  '![Latency against load](report.latency.svg)',
  '',
  '## Refreshes while sign-ins saturate',
  '',
  `Refreshes at 40 a second. p99 idle ${f(quantile(idle.took, 0.99), 1)} ms, beside ${f(saturating, 0)} sign-ins a second ${f(quantile(beside.took, 0.99), 1)} ms: ${f(loaded, 1)} times (medians ${f(quantile(idle.took, 0.5), 1)} and ${f(quantile(beside.took, 0.5), 1)} ms). Errors: ${JSON.stringify(beside.errors)}; of the sign-ins ${crowd.took.length} came through, ${Object.values(crowd.errors).reduce((sum, count) => sum + count, 0)} did not.`,
  '',
  '## Redis',
  '',
  '| flow | commands | waited for |',
  '|---|---|---|',
  ...roundTrips.map(({ flow, commands, waits }) => `| ${flow} | ${commands} | ${waits} |`),
  '',
  '## Start and memory',
  '',
  `From the start of the process to /health/ready: ${again.map((value) => f(value / 1000, 2)).join(', ')} s, alone; ${starts.map((value) => f(value / 1000, 2)).join(', ')} s before the run.`,
  `Resident after the run: ${memory.map((bytes) => Math.round(bytes / 1e6)).join(', ')} MB, ${ownMemory.map((bytes) => Math.round(bytes / 1e6)).join(', ')} MB of it its own: the rest is Node's program, which processes share. Two workers with their supervisor (first) ${memoryOfTwo.map((bytes) => Math.round(bytes / 1e6)).join(', ')} MB.`,
  '',
];
const here = (name: string) => new URL(`./${name}`, import.meta.url);
await writeFile(here('report.md'), lines.join('\n'));
await writeFile(
  here('report.json'),
  `${JSON.stringify({ at: new Date(began).toISOString(), quick, machine, pinning, versions, limits, besideHash, signInCosts, hashes, costs: costs.map(({ took, ...one }) => ({ ...one, n: took.length, p50: quantile(took, 0.5), p99: quantile(took, 0.99) })), rates: [...rates, { name: 'basic, 2 workers', ...byTwo }].map(({ tries, ...one }) => ({ ...one, tries: tries.map(flat) })), idle: flat(idle), beside: flat(beside), crowd: flat(crowd), roundTrips, starts: again, memory, ownMemory, memoryOfTwo, verdicts }, null, 2)}\n`,
);
await writeFile(
  here('report.latency.svg'),
  plot(
    'Latency against load, one core of server',
    'arrivals a second',
    'milliseconds',
    rates.flatMap(({ name, tries }) => [
      { name: `${name}, p99`, points: tries.map((one): [number, number] => [one.rate, quantile(one.took, 0.99)]) },
      { name: `${name}, p50`, points: tries.map((one): [number, number] => [one.rate, quantile(one.took, 0.5)]) },
    ]),
  ),
);
console.log(lines.join('\n'));

function f(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function shown({ median, least, most }: ReturnType<typeof span>, digits: number): string {
  return `${f(median, digits)} (${f(least, digits)}–${f(most, digits)})`;
}
