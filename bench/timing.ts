/**
 * `npm run bench -- timing [ROUNDS]`: whether the time of an answer tells what kind of account somebody named (docs/design.md, section 7, rule 2).
 * Attempts of all kinds are made one after the other in random order, each from an address of its own, and compared with those
 * at a known account by a rank test. A second group of known accounts shows what the test finds where there is nothing to find.
 * Most of an answer is the hash, whose noise hides what else differs: so once more with the cheapest hash, which no deployment may have.
 */

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { demoPassword } from '../config/demo.ts';
import { startRedis } from '../test/support/redis.ts';
import { startSmtp } from '../test/support/smtp.ts';
import { startServer } from './server.ts';
import { quantile, rankTest } from './statistics.ts';
import { Visitor } from './visitor.ts';

/** A series is made this often: what is there once by chance is not there again. */
const rounds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 3);
/** Below it, in every round, a difference counts as real. */
const significant = 0.01;

interface Series {
  name: string;
  /** Of each kind, in each round. */
  attempts: number;
  /** By kind; the first is what others are compared with. Gives milliseconds. */
  kinds: Record<string, (n: number) => Promise<number>>;
}

interface Compared {
  kind: string;
  median: number;
  /** Against the first kind, each round. */
  rounds: { p: number; shift: number; bounds: [number, number] }[];
}

const redis = await startRedis();
const smtp = await startSmtp();
const results: { series: Series; compared: Compared[] }[] = [];
for (const how of ['as deployed', 'cheap hashes', 'guarded'] as const) {
  const of = { cheapHashes: how !== 'as deployed', guarded: how === 'guarded' };
  const server = await startServer({ smtpPort: smtp.port, redis: redis.url, people: 20, ...of });
  try {
    const { issuer } = server.ready;
    const all = how === 'guarded' ? [await guardedSeries(issuer)] : await openSeries(issuer, of.cheapHashes);
    if (how === 'as deployed') all.push(resetSeries(issuer));
    for (const series of all) results.push(await measure(series));
  } finally {
    server.process.disconnect();
    await once(server.process, 'exit');
  }
  await redis.client.flushall();
}
await smtp.stop();
await redis.stop();
await report();

async function openSeries(issuer: string, cheapHashes: boolean): Promise<Series[]> {
  const visitor = new Visitor(issuer, '198.18.0.1', 30_000);
  const page = await visitor.go(visitor.begin().url);
  let from = 0;
  /** Each attempt from somewhere else, and at another of twenty accounts. */
  const attempt = (name: string, password: string, status: number) => async (n: number) => {
    const address = `198.19.${(++from >> 8) & 255}.${from & 255}`;
    const username = `${name}-${(n % 20) + 1}`;
    const answer = await visitor.go(page.url, { username, password }, address);
    if (answer.status !== status) throw new Error(`${answer.status} for ${username}`);
    return answer.took;
  };
  const wrong = (name: string) => attempt(name, 'not the password', 422);
  const hinted = (hint: (n: number) => string) => async (n: number) => {
    const before = visitor.answers.length;
    const shown = await visitor.go(visitor.begin({ login_hint: hint(n), prompt: 'login' }).url);
    if (shown.status !== 200) throw new Error(`${shown.status} for a hint`);
    return visitor.answers.slice(before).reduce((sum, { took }) => sum + took, 0);
  };
  const passwords: Series = {
    name: cheapHashes ? 'A wrong password, with the cheapest hash' : 'A wrong password, hashed as deployed',
    attempts: cheapHashes ? 500 : 200,
    kinds: {
      known: wrong('person'),
      'known, again': wrong('person'),
      unknown: wrong('nobody'),
      disabled: wrong('disabled'),
      'disabled, right password': attempt('disabled', demoPassword, 422),
      'without a hash': wrong('hashless'),
      'without an address': wrong('addressless'),
    },
  };
  if (cheapHashes) return [passwords];
  const pages: Series = {
    name: 'The sign-in page with a login_hint, from the authorization request on',
    attempts: 200,
    kinds: {
      known: hinted((n) => `person-${(n % 20) + 1}`),
      'known, again': hinted((n) => `person-${(n % 20) + 1}`),
      unknown: hinted((n) => `nobody-${(n % 20) + 1}`),
      disabled: hinted((n) => `disabled-${(n % 20) + 1}`),
    },
  };
  return [passwords, pages];
}

/** At accounts that are guarded: right and wrong must look alike there, too. Each attempt is a sign-in of its own. */
async function guardedSeries(issuer: string): Promise<Series> {
  const attempt = (name: string, password: string) => async (n: number) => {
    const visitor = new Visitor(issuer, `198.18.${n >> 8}.${n & 255}`, 30_000);
    const page = await visitor.go(visitor.begin().url);
    const before = visitor.answers.length;
    const asked = await visitor.go(page.url, { username: `${name}-${(n % 20) + 1}`, password });
    visitor.leave();
    if (guarded && !asked.url.pathname.endsWith('/confirm'))
      throw new Error(`${asked.status} at ${asked.url.pathname}`);
    return visitor.answers.slice(before).reduce((sum, { took }) => sum + took, 0);
  };
  // The first one at each is what it is guarded for.
  let guarded = false;
  for (const name of ['person', 'nobody', 'disabled', 'hashless', 'addressless'])
    for (let n = 0; n < 20; n++) await attempt(name, 'not the password')(n);
  guarded = true;
  return {
    name: 'Whatever is typed at a guarded account, up to the page that asks for a code, with the cheapest hash',
    attempts: 200,
    kinds: {
      'known, wrong password': attempt('person', 'not the password'),
      'the same, again': attempt('person', 'not the password'),
      'known, right password': attempt('person', demoPassword),
      unknown: attempt('nobody', 'not the password'),
      disabled: attempt('disabled', 'not the password'),
      'disabled, right password': attempt('disabled', demoPassword),
      'without a hash': attempt('hashless', 'not the password'),
      'without an address': attempt('addressless', 'not the password'),
    },
  };
}

/** A code for a new password is asked for: what follows for the one who has an account must not be seen in the answer. */
function resetSeries(issuer: string): Series {
  const ask = (name: string) => async (n: number) => {
    const visitor = new Visitor(issuer, `198.17.${n >> 8}.${n & 255}`, 30_000);
    const page = await visitor.go(visitor.begin().url);
    const start = await visitor.go(page.url.href.replace(/\/password$/, '/reset'));
    const before = visitor.answers.length;
    const asked = await visitor.go(start.url, { username: `${name}-${(n % 20) + 1}` });
    visitor.leave();
    if (asked.status !== 200 || !asked.url.pathname.endsWith('/reset/code'))
      throw new Error(`${asked.status} at ${asked.url.pathname}`);
    return visitor.answers.slice(before).reduce((sum, { took }) => sum + took, 0);
  };
  return {
    name: 'A code for a new password, from the user name to the page that asks for it',
    attempts: 200,
    kinds: {
      known: ask('person'),
      'known, again': ask('person'),
      unknown: ask('nobody'),
      disabled: ask('disabled'),
      'without an address': ask('addressless'),
    },
  };
}

async function measure(series: Series): Promise<{ series: Series; compared: Compared[] }> {
  const kinds = Object.entries(series.kinds);
  for (let n = 0; n < 20; n++) for (const [, attempt] of kinds) await attempt(n);
  const all: Record<string, number[]>[] = [];
  for (let round = 0; round < rounds; round++) {
    const took: Record<string, number[]> = Object.fromEntries(kinds.map(([kind]) => [kind, []]));
    const turns = kinds.flatMap(([kind, attempt]) =>
      Array.from({ length: series.attempts }, (_, n) => async () => took[kind]!.push(await attempt(n))),
    );
    for (const turn of shuffled(turns)) await turn();
    all.push(took);
    console.error(`${series.name}: round ${round + 1} of ${rounds}`);
  }
  const [first] = kinds[0]!;
  return {
    series,
    compared: kinds.map(([kind]) => ({
      kind,
      median: quantile(
        all.flatMap((took) => took[kind]!),
        0.5,
      ),
      rounds: kind === first ? [] : all.map((took) => rankTest(took[first]!, took[kind]!)),
    })),
  };
}

function shuffled<T>(all: T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

/** Below the bound in every round, and to the same side. */
function isReal({ rounds: tests }: Compared): boolean {
  const sides = new Set(tests.map(({ shift }) => Math.sign(shift)));
  return tests.length > 0 && sides.size === 1 && tests.every(({ p }) => p < significant);
}

async function report(): Promise<void> {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
  const microseconds = (milliseconds: number) => Math.round(milliseconds * 1000);
  const real = results.flatMap(({ series, compared }) =>
    compared.filter(isReal).map(({ kind }) => `${kind} (${series.name.toLowerCase()})`),
  );
  const lines = [
    '# Whether the time of an answer tells what there is',
    '',
    `${machine}. State in Redis, records in SQLite; one request after the other over one connection, kinds in random order.`,
    `Rounds: ${rounds}; 20 accounts of each kind. Compared with the first kind by the test of Mann and Whitney; shifts by Hodges and Lehmann with bounds`,
    `at 99 %, in microseconds. "Again" is the first once more: what the test says of it is noise. A difference counts as real when p is below ${significant}`,
    'in every round, to the same side.',
    '',
    `Real differences: ${real.length > 0 ? `**${real.join(', ')}**` : 'none'}.`,
    ...results.flatMap(({ series, compared }) => [
      '',
      `## ${series.name}`,
      '',
      `${series.attempts} attempts of each kind in each round.`,
      '',
      '| kind | median, ms | p, each round | shift, µs | 99 % of it, each round |',
      '|---|---|---|---|---|',
      ...compared.map(
        ({ kind, median, rounds: tests }) =>
          `| ${kind} | ${median.toFixed(2)} | ${tests.map(({ p }) => p.toFixed(3)).join(', ')} | ${tests.map(({ shift }) => microseconds(shift)).join(', ')} | ${tests.map(({ bounds }) => bounds.map(microseconds).join(' to ')).join('; ')} |`,
      ),
    ]),
    '',
  ];
  await writeFile(new URL('./report.timing.md', import.meta.url), lines.join('\n'));
  const summary = results.map(({ series: { name, attempts }, compared }) => ({ name, attempts, compared }));
  const json = { at: new Date().toISOString(), machine, series: summary };
  await writeFile(new URL('./report.timing.json', import.meta.url), `${JSON.stringify(json, null, 2)}\n`);
  console.log(lines.join('\n'));
}
