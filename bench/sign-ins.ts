/**
 * `npm run bench -- sign-ins`: what a full sign-in costs, from the authorization request to the verified token, beside what one
 * argon2 verification costs, measured in the same run: at basic, at plus with the code from the mail, and in a session, without a
 * question. Kapu runs as a process of its own; this one is the browsers and
 * the service. Figures of different runs do not compare; ratios within one do.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { demoPassword } from '../config/demo.ts';
import { Agent, type Page } from '../test/support/agent.ts';
import { eventually } from '../test/support/eventually.ts';
import { codeIn, mailReferenceOn } from '../test/support/kapu.ts';
import { startRedis } from '../test/support/redis.ts';
import { relyingParty } from '../test/support/relying-party.ts';
import { startSmtp } from '../test/support/smtp.ts';
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

const kinds = ['basic', 'plus', 'silent'] as const;
type Kind = (typeof kinds)[number];

/** Browsers that are signed in, for sign-ins without a question. */
const signedIn = new Map<string, Agent[]>();

const redis = await startRedis();
const smtp = await startSmtp();
const hash = await measureHash();
const rows: { name: string; kind: Kind; rounds: Round[] }[] = [];
for (const [name, stores] of [
  ['state in memory, records in SQLite', { smtpPort: smtp.port }],
  ['state in Redis, records in SQLite', { smtpPort: smtp.port, redis: redis.url }],
] as [string, Stores][]) {
  rows.push(...(await measure(stores)).map((measured) => ({ name, ...measured })));
}
await smtp.stop();
await redis.stop();
await report();

async function measure(stores: Stores): Promise<{ kind: Kind; rounds: Round[] }[]> {
  const server = fork(new URL('./server.ts', import.meta.url), { serialization: 'advanced' });
  server.send(stores);
  const [ready] = (await once(server, 'message')) as [Ready];
  const measured = new Map<Kind, Round[]>(kinds.map((kind) => [kind, []]));
  try {
    for (const kind of kinds) await signIns(ready.issuer, kind, 20);
    // Kinds take turns, so that a busy moment of the machine falls on all of them.
    for (let round = 0; round < rounds; round++) {
      for (const [kind, before] of measured) {
        const used = await cpuSeconds(ready.metrics);
        const started = performance.now();
        await signIns(ready.issuer, kind, perRound);
        const seconds = (performance.now() - started) / 1000;
        const cpu = (await cpuSeconds(ready.metrics)) - used;
        before.push({ rate: perRound / seconds, serverCpu: (cpu * 1000) / perRound });
      }
    }
    return [...measured].map(([kind, all]) => ({ kind, rounds: all }));
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}

/**
 * `count` people sign in, `atOnce` at a time, each in a browser of their own. Throws when one does not get a token of the level asked.
 * Where it is to be silent, the browsers have signed in before; that is not counted in.
 */
async function signIns(issuer: string, kind: Kind, count: number): Promise<void> {
  const service = await relyingParty(issuer);
  let left = count;
  const person = async (known: Agent | undefined) => {
    while (left-- > 0) {
      const agent = known ?? new Agent({ origin: issuer });
      const visit = await service.visit(agent, kind === 'plus' ? { acr_values: 'plus' } : {});
      let { page } = visit;
      if (kind !== 'silent') page = await agent.submit(page, { username: 'anna', password: demoPassword });
      if (kind === 'plus') page = await agent.submit(page, { code: await codeFor(page) });
      const { claims } = await visit.asked.redeem(page.url);
      if (claims.acr !== (kind === 'plus' ? 'plus' : 'basic')) throw new Error(`acr is ${claims.acr}`);
      if (kind === 'basic') signedIn.set(issuer, [...(signedIn.get(issuer) ?? []), agent].slice(-atOnce));
    }
  };
  const known = kind === 'silent' ? signedIn.get(issuer)! : Array.from({ length: atOnce }, () => undefined);
  await Promise.all(known.map(person));
}

async function codeFor(page: Page): Promise<string> {
  const reference = mailReferenceOn(page);
  const found = () => smtp.mails.findLast(({ subject }) => subject?.includes(reference));
  await eventually(`a mail with the reference ${reference}`, () => found() !== undefined);
  return codeIn(found()!);
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
  const figures = rows.map(({ name, kind, rounds: all }) => {
    const cpu = median(all.map(({ serverCpu }) => serverCpu));
    const span = all.map(({ serverCpu }) => serverCpu).toSorted((a, b) => a - b);
    return {
      name,
      kind,
      signInsPerSecond: round(median(all.map(({ rate }) => rate)), 1),
      serverCpuMs: round(cpu, 1),
      serverCpuRangeMs: [round(span[0]!, 1), round(span.at(-1)!, 1)],
      timesOneHash: round(cpu / hash, 2),
    };
  });
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
  const lines = [
    '# Full sign-ins',
    '',
    `${machine}. ${rounds} rounds of ${perRound}, ${atOnce} at once, browsers on the same machine; medians.`,
    `One argon2id verification (t=2, m=19456, p=1): ${round(hash, 1)} ms of CPU.`,
    '',
    '| stores | sign-in | a second | server CPU a sign-in, ms | range | times one hash |',
    '|---|---|---|---|---|---|',
    ...figures.map(
      (row) =>
        `| ${row.name} | ${row.kind} | ${row.signInsPerSecond} | ${row.serverCpuMs} | ${row.serverCpuRangeMs.join('–')} | ${row.timesOneHash} |`,
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
