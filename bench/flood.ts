/**
 * `npm run bench -- flood [ROUNDS]`: five hundred people sign in at the same moment, each from an address of their own, at a server with Redis
 * and the hashing of a deployment. What becomes of them, of the server's memory, and of those beside them who refresh tokens or
 * look at its health, against the same in the quiet before. Browsers and services run on the same machine, so figures
 * of different runs do not compare; the ratios within one do.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, constants, cpus, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoPassword } from '../config/demo.ts';
import { startRedis } from '../test/support/redis.ts';
import { startSmtp } from '../test/support/smtp.ts';
import { type Kind, kinds, type Seen, type Target } from './prober.ts';
import { heldBy, startServer } from './server.ts';
import { quantile } from './statistics.ts';
import { type Answer, Visitor } from './visitor.ts';

const rounds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 5);
const people = 500;
/** Seconds of quiet before each flood, which it is compared with. */
const quiet = 12;
/** Milliseconds within which every request has to be answered. */
const patience = 10_000;
/** How much slower those beside a flood may be served, at the 99th percentile. */
const bound = 5;

interface Flood {
  signedIn: number;
  /** Sent away with 503 and Retry-After. */
  refused: number;
  /** Whatever else came, and how often. */
  others: Record<string, number>;
  requests: number;
  /** Milliseconds: the slowest answer, and how long the flood took. */
  slowest: number;
  lasted: number;
}

const redis = await startRedis();
const smtp = await startSmtp();
const server = await startServer({ smtpPort: smtp.port, redis: redis.url, asDeployed: true, people });
const { issuer, operations } = server.ready;
const prober = fork(new URL('./prober.ts', import.meta.url), { serialization: 'advanced' });
const results: { idle: Seen; flooded: Seen; flood: Flood; held: number }[] = [];
try {
  const refreshTokens = await tokens(200);
  // Browsers are not on the server's machine: here they give way to it.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  prober.send({ issuer, operations, pid: server.process.pid!, refreshTokens, patience } satisfies Target);
  // What is compiled at its first use is not part of it.
  await flood(60);
  for (let round = 0; round < rounds; round++) {
    await sleep(1000);
    await seen();
    await sleep(quiet * 1000);
    const idle = await seen();
    const result = await flood(people);
    results.push({ idle, flooded: await seen(), flood: result, held: await heldBy(server.process) });
  }
} finally {
  prober.disconnect();
  server.process.disconnect();
  await once(server.process, 'exit');
  await smtp.stop();
  await redis.stop();
}
await report();

async function seen(): Promise<Seen> {
  prober.send('what have you seen?');
  const [answer] = (await once(prober, 'message')) as [Seen];
  return answer;
}

/** `count` people sign in at once, from the service's redirect to the tokens, each by themselves. */
async function flood(count: number): Promise<Flood> {
  const result: Flood = { signedIn: 0, refused: 0, others: {}, requests: 0, slowest: 0, lasted: 0 };
  const began = performance.now();
  const person = async (n: number) => {
    const visitor = new Visitor(issuer, `198.18.${n >> 8}.${n & 255}`, patience);
    const outcome = await signIn(visitor, `person-${n + 1}`).catch((fault: Error) => nameless(fault.message));
    if (outcome === 'signed in' || outcome === 'refused') result[outcome === 'refused' ? outcome : 'signedIn']++;
    else result.others[outcome] = (result.others[outcome] ?? 0) + 1;
    result.requests += visitor.answers.length;
    result.slowest = Math.max(result.slowest, ...visitor.answers.map(({ took }) => took));
    visitor.leave();
  };
  await Promise.all(Array.from({ length: count }, (_, n) => person(n)));
  result.lasted = performance.now() - began;
  return result;
}

async function signIn(visitor: Visitor, username: string): Promise<string> {
  const sign = visitor.begin();
  const page = await visitor.go(sign.url);
  if (page.status !== 200) return outcomeOf(page);
  const back = await visitor.go(page.url, { username, password: demoPassword });
  if (back.url.pathname !== '/callback') return outcomeOf(back);
  const redeemed = await sign.redeem(back.url);
  return redeemed.status === 200 ? 'signed in' : outcomeOf(redeemed);
}

function outcomeOf({ status, headers, url }: Answer): string {
  if (status === 503 && Number(headers['retry-after']) > 0) return 'refused';
  return nameless(`${status} at ${url.pathname}`);
}

/** Without what differs from one sign-in to the next. */
function nameless(text: string): string {
  return text.replace(/(?<=\/)[\w-]{30,}/g, '…');
}

/** Refresh tokens of as many people. */
async function tokens(count: number): Promise<string[]> {
  const all: string[] = [];
  for (let n = 1; n <= count; n++) {
    const visitor = new Visitor(issuer, `198.19.0.${n}`, patience);
    const sign = visitor.begin({ scope: 'openid offline_access', prompt: 'consent' });
    const page = await visitor.go(sign.url);
    let back = await visitor.go(page.url, { username: `person-${n}`, password: demoPassword });
    if (back.url.pathname.endsWith('/consent')) back = await visitor.go(back.url, { allow: '1' });
    const { body } = await sign.redeem(back.url);
    const token = JSON.parse(body).refresh_token;
    if (!token) throw new Error(`no refresh token: ${body}`);
    all.push(token);
    visitor.leave();
  }
  return all;
}

async function report(): Promise<void> {
  const all = (part: 'idle' | 'flooded', kind: Kind) => results.flatMap((round) => round[part].took[kind]);
  const services = kinds.map((kind) => {
    const figure = (part: 'idle' | 'flooded', share: number) => quantile(all(part, kind), share);
    const ratios = results.map(
      ({ idle, flooded }) => quantile(flooded.took[kind], 0.99) / quantile(idle.took[kind], 0.99),
    );
    return {
      kind,
      requests: [all('idle', kind).length, all('flooded', kind).length],
      median: [figure('idle', 0.5), figure('flooded', 0.5)],
      p99: [figure('idle', 0.99), figure('flooded', 0.99)],
      slowest: figure('flooded', 1),
      ratio: figure('flooded', 0.99) / figure('idle', 0.99),
      ratios,
    };
  });
  const failures = results.flatMap(({ idle, flooded }) => [idle.failures, flooded.failures]);
  const amounts = (counts: Record<string, number>[]) => {
    const sums = new Map<string, number>();
    for (const each of counts)
      for (const [what, times] of Object.entries(each)) sums.set(what, (sums.get(what) ?? 0) + times);
    return [...sums].map(([what, times]) => `${what}: ${times}`).join(', ') || 'none';
  };
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
  const ms = (value: number) => value.toFixed(1);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const holds = services.every(({ ratio }) => ratio <= bound);
  const lines = [
    `# A flood of ${people} sign-ins at once`,
    '',
    `${machine}. State in Redis, records in SQLite, passwords as by default. ${rounds} floods, ${quiet} s of quiet before each.`,
    `Browsers, services and Redis run on the same cores; the browsers at a lower priority. Times in milliseconds.`,
    '',
    '## Those who sign in',
    '',
    `| flood | signed in | 503 with Retry-After | anything else | requests | slowest answer | lasted |`,
    '|---|---|---|---|---|---|---|',
    ...results.map(
      ({ flood: { signedIn, refused, others, requests, slowest, lasted } }, n) =>
        `| ${n + 1} | ${signedIn} | ${refused} | ${amounts([others])} | ${requests} | ${Math.round(slowest)} | ${Math.round(lasted)} |`,
    ),
    '',
    `Every request has to be answered within ${patience / 1000} s.`,
    '',
    '## Those beside them',
    '',
    `Sent at random moments, however long others take, and timed from when they were due. Bound: ${bound} times idle at p99; ${holds ? 'held' : 'NOT held'}.`,
    '',
    '| request | idle, flood | median idle | median in flood | p99 idle | p99 in flood | times idle | each flood | slowest |',
    '|---|---|---|---|---|---|---|---|---|',
    ...services.map(
      ({ kind, requests, median, p99, ratio, ratios, slowest }) =>
        `| ${kind} | ${requests.join(', ')} | ${median.map(ms).join(' | ')} | ${p99.map(ms).join(' | ')} | **${ms(ratio)}** | ${ratios.map(ms).join(', ')} | ${ms(slowest)} |`,
    ),
    '',
    `Not answered with 200: ${amounts(failures)}.`,
    '',
    '## Memory of the server',
    '',
    `Resident, in MB: most in the quiet before ${results.map(({ idle }) => megabytes(idle.memory)).join(', ')}; most in the flood ${results.map(({ flooded }) => megabytes(flooded.memory)).join(', ')}.`,
    `Of it what is still in use after each flood, by the collector: ${results.map(({ held }) => megabytes(held)).join(', ')}.`,
    '',
  ];
  await writeFile(new URL('./report.flood.md', import.meta.url), lines.join('\n'));
  const summary = { at: new Date().toISOString(), machine, services, floods: results.map(({ flood: each }) => each) };
  await writeFile(new URL('./report.flood.json', import.meta.url), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(lines.join('\n'));
}
