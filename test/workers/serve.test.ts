/** `kapu serve --workers 2` as an operator runs it: real processes on one Redis and one file of records. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { Agent } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { relyingParty } from '../support/relying-party.ts';

interface Line {
  msg: string;
  worker?: number;
  pid?: number;
}

let redis: RedisServer;
let place: Place;
let server: ChildProcess | undefined;
let lines: Line[];

beforeEach(async () => {
  redis = await startRedis();
  place = await makePlace(1);
  await place.change((settings) => {
    roomy(settings);
    settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 1000 };
  });
  await (await place.furnish()).end();
});
afterEach(async () => {
  if (server?.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL');
    await once(server, 'close');
  }
  server = undefined;
  await place.remove();
  await redis.stop();
});

/** Starts it; resolves when its workers are up. */
async function start(workers = 2): Promise<ChildProcess> {
  const child = place.start(['serve', '--workers', String(workers)]);
  server = child;
  lines = [];
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)));
  let err = '';
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  await eventually('all workers', () => {
    if (child.exitCode !== null) throw new Error(err);
    return lines.some(({ msg }) => msg === 'the workers are up');
  });
  return child;
}

const ask = (path: string) => fetch(`http://127.0.0.1:${place.settings.operations.port}${path}`);
const number = async (name: string) =>
  Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(await (await ask('/metrics')).text())?.[1]);

async function signIn(): Promise<string> {
  const agent = new Agent({ origin: place.settings.issuer, language: 'en' });
  const { asked, page } = await (await relyingParty(place.settings.issuer)).visit(agent);
  const end = await agent.submit(page, { username: 'anna', password: demoPassword });
  return String((await asked.redeem(end.url)).claims.acr);
}

/** Process ids of the workers. */
const workers = (child: ChildProcess) => {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  return readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
};

describe('workers', () => {
  test('share the sign-ins, each request by whichever is free, and the log says which', async () => {
    const child = await start();
    expect(workers(child)).toHaveLength(2);
    expect(await Promise.all(Array.from({ length: 12 }, signIn))).toEqual(Array(12).fill('basic'));
    const served = new Set(lines.filter(({ msg }) => msg === 'request').map(({ worker }) => worker));
    expect(served).toEqual(new Set([1, 2]));

    const ready = await ask('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, parts: { workers: true, state: true, records: true, keys: true } },
    ]);
    expect(await number('kapu_sign_ins_total')).toBe(12);
    expect(await number('kapu_workers')).toBe(2);
    expect(await number('kapu_ready')).toBe(1);
    expect(await number('kapu_password_queue_length')).toBe(0);
  });

  test('one that is killed is started again, nothing that it counted is lost, and sign-ins go on', async () => {
    const child = await start();
    await Promise.all(Array.from({ length: 4 }, signIn));
    expect(await number('kapu_sign_ins_total')).toBe(4);
    const [first] = workers(child) as [number, number];
    process.kill(first, 'SIGKILL');
    await eventually('another in its place', async () => (await number('kapu_worker_restarts_total')) === 1);
    expect(lines.find(({ msg }) => msg === 'a worker ended: it is started again')).toMatchObject({ pid: first });
    await eventually('two workers', async () => (await number('kapu_workers')) === 2);
    expect(workers(child)).not.toContain(first);
    await signIn();
    expect(await number('kapu_sign_ins_total')).toBe(5);
  });

  test('one that hangs makes the whole not ready', async () => {
    const child = await start();
    const [first] = workers(child) as [number, number];
    process.kill(first, 'SIGSTOP');
    try {
      const answer = await ask('/health/ready');
      expect([answer.status, ((await answer.json()) as { parts: object }).parts]).toEqual([
        503,
        { workers: false, state: true, records: true, keys: true },
      ]);
    } finally {
      process.kill(first, 'SIGCONT');
    }
    await eventually('ready again', async () => (await ask('/health/ready')).ok);
  });

  test('SIGHUP has all of them take a new key', async () => {
    const child = await start();
    expect((await place.kapu(['keys', 'add', '--alg', 'EdDSA'])).code).toBe(0);
    child.kill('SIGHUP');
    const keys = () => lines.filter(({ msg }) => msg === 'signing keys').map(({ worker }) => worker);
    await eventually('each twice', () => [1, 2].every((one) => keys().filter((of) => of === one).length === 2));
  });

  test('SIGTERM ends all of them, after what runs, with 0', async () => {
    const child = await start();
    const pids = workers(child);
    const running = Promise.all(Array.from({ length: 4 }, signIn));
    await running;
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(
      lines
        .filter(({ msg }) => msg === 'stopped')
        .map(({ worker }) => worker)
        .toSorted(),
    ).toEqual([1, 2]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('it cannot serve by workers, and says why once', () => {
  const refused = async () => {
    const { code, err } = await place.process(['serve', '--workers', '2']);
    expect(code).toBe(1);
    return err;
  };

  test('with state in memory', async () => {
    await place.change((settings) => {
      settings.state = { kind: 'memory' };
    });
    expect(await refused()).toBe(
      "kapu: state in memory is one process’s own: what one worker keeps, the others would not know\n  hint: set state to 'redis', or leave out --workers\n",
    );
  });

  test('where its port is taken', async () => {
    await start();
    await place.change(({ operations }) => {
      operations!.port = 0;
    });
    const { port } = place.settings.listen;
    expect(await refused()).toMatch(new RegExp(`^kapu: port ${port} on \\S+ is taken\\n  hint: .*\\n$`));
  });

  test('without keys', async () => {
    await place.change((settings) => {
      settings.keysFile = place.at('none.json');
    });
    expect(await refused()).toMatch(/^kapu: the keys file '.*' does not exist\n {2}hint: .*\n$/);
  });

  test('as so many as nobody has', async () => {
    for (const many of ['0', '-1', 'two', '1000', '1.5'])
      expect((await place.kapu(['serve', '--workers', many])).code).toBe(2);
  });
});
