/**
 * `npm run bench -- sign-ins`: what a full basic sign-in costs, from the authorization request to the verified token, beside what one
 * argon2 verification costs, measured in the same run. Kapu runs as a process of its own; this one is the browsers and
 * the service. Figures of different runs do not compare; ratios within one do.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { demoPassword } from '../config/demo.ts';
import { Agent } from '../test/support/agent.ts';
import { startRedis } from '../test/support/redis.ts';
import { relyingParty } from '../test/support/relying-party.ts';
import type { Ready, Stores } from './server.ts';

const rounds = 5;
const perRound = 60;
const atOnce = 8;

interface Round {
  /** Sign-ins a second. */
  rate: number;
  /** Milliseconds of the server's CPU a sign-in. */
  serverCpu: number;
}

const redis = await startRedis();
const hash = await measureHash();
const rows: { name: string; rounds: Round[] }[] = [];
for (const [name, stores] of [
  ['state in memory, records in SQLite', {}],
  ['state in Redis, records in SQLite', { redis: redis.url }],
] as [string, Stores][]) {
  rows.push({ name, rounds: await measure(stores) });
}
await redis.stop();
await report();

async function measure(stores: Stores): Promise<Round[]> {
  const server = fork(new URL('./server.ts', import.meta.url), { serialization: 'advanced' });
  server.send(stores);
  const [ready] = (await once(server, 'message')) as [Ready];
  try {
    await signIns(ready.issuer, 20);
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await cpuSeconds(ready.metrics);
      const started = performance.now();
      await signIns(ready.issuer, perRound);
      const seconds = (performance.now() - started) / 1000;
      const cpu = (await cpuSeconds(ready.metrics)) - before;
      measured.push({ rate: perRound / seconds, serverCpu: (cpu * 1000) / perRound });
    }
    return measured;
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}

/** `count` people sign in, `atOnce` at a time, each in a browser of their own. Throws when one does not get a basic token. */
async function signIns(issuer: string, count: number): Promise<void> {
  const service = await relyingParty(issuer);
  let left = count;
  const person = async () => {
    while (left-- > 0) {
      const agent = new Agent({ origin: issuer });
      const { asked, page } = await service.visit(agent);
      const back = await agent.submit(page, { username: 'anna', password: demoPassword });
      const { claims } = await asked.redeem(back.url);
      if (claims.acr !== 'basic') throw new Error(`acr is ${claims.acr}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, person));
}

async function cpuSeconds(metrics: string): Promise<number> {
  const text = await (await fetch(metrics)).text();
  const found = /^process_cpu_seconds_total (\S+)/m.exec(text);
  if (!found) throw new Error(`no process_cpu_seconds_total at ${metrics}`);
  return Number(found[1]);
}

/** Milliseconds of CPU that one verification takes, in a process that does nothing else; a median. */
async function measureHash(): Promise<number> {
  const child = fork(new URL('./hash.ts', import.meta.url));
  const [times] = (await once(child, 'message')) as [number[]];
  return median(times);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function report(): Promise<void> {
  const figures = rows.map(({ name, rounds: all }) => {
    const cpu = median(all.map(({ serverCpu }) => serverCpu));
    const span = all.map(({ serverCpu }) => serverCpu).toSorted((a, b) => a - b);
    return {
      name,
      signInsPerSecond: round(median(all.map(({ rate }) => rate)), 1),
      serverCpuMs: round(cpu, 1),
      serverCpuRangeMs: [round(span[0]!, 1), round(span.at(-1)!, 1)],
      timesOneHash: round(cpu / hash, 2),
    };
  });
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
  const lines = [
    '# Full basic sign-ins',
    '',
    `${machine}. ${rounds} rounds of ${perRound}, ${atOnce} at once, browsers on the same machine; medians.`,
    `One argon2id verification (t=2, m=19456, p=1): ${round(hash, 1)} ms of CPU.`,
    '',
    '| stores | sign-ins a second | server CPU a sign-in, ms | range | times one hash |',
    '|---|---|---|---|---|',
    ...figures.map(
      (row) =>
        `| ${row.name} | ${row.signInsPerSecond} | ${row.serverCpuMs} | ${row.serverCpuRangeMs.join('–')} | ${row.timesOneHash} |`,
    ),
    '',
  ];
  await writeFile(new URL('./report.sign-ins.md', import.meta.url), lines.join('\n'));
  await writeFile(
    new URL('./report.sign-ins.json', import.meta.url),
    `${JSON.stringify({ at: new Date().toISOString(), machine, hashMs: hash, rows, figures }, null, 2)}\n`,
  );
  console.log(lines.join('\n'));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
