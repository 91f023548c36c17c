/**
 * A master is lost in the middle of many sign-ins: each ends well or is told plainly to try again, nobody waits long, and
 * the service is back by itself. What replication had not carried over is measured, and is nothing where steps wait.
 */

import { expect, test } from '@jest/globals';
import { signIn } from '../flow/journey.ts';
import type { Agent } from '../support/agent.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startRedisSentinels } from '../support/redis-sentinel.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { endingsOf, redeemableAgain, signedIn, startTraffic, type Traffic, tried } from './redis-traffic.ts';

const commandPatience = 1000;
/** Longer than any answer may take, in milliseconds: the patience, and what a busy machine adds. */
const longest = 10_000;
const signIns = 120;

const atEnd = closing();

async function startOn(state: object): Promise<{ kapu: TestKapu; service: RelyingParty }> {
  const kapu = await startKapu({
    change(settings) {
      roomy(settings);
      Object.assign(settings.password, { timeCost: 1, memoryCost: 64 });
      settings.state = { kind: 'redis', prefix: 'kapu:', commandPatience, ...state };
    },
  });
  atEnd(kapu.stop);
  return { kapu, service: await kapu.service() };
}

type Passed = Traffic & { back: number };

/**
 * Traffic in the middle of which `lose` happens; and how long after `replaced` the server says that it is ready, in
 * milliseconds.
 */
async function through(
  kapu: TestKapu,
  service: RelyingParty,
  lose: () => Promise<void>,
  replaced: () => Promise<boolean>,
): Promise<Passed> {
  const running = startTraffic(kapu, service, signIns, 60);
  await eventually('some have signed in', () => endingsOf(running.endings).well >= 15);
  await lose();
  await eventually('another master', replaced);
  const since = performance.now();
  await eventually('ready again', async () => (await fetch(`${kapu.operations}/health/ready`)).ok);
  const back = performance.now() - since;
  await running.finished;
  return { ...running, back };
}

function report(where: string, { endings, slowest, back }: Passed, lost: object): void {
  const figures = { ...endingsOf(endings), slowest: Math.round(slowest), back: Math.round(back), ...lost };
  process.stdout.write(`${where}: a master was lost among ${signIns} sign-ins: ${JSON.stringify(figures)}\n`);
}

async function holds(kapu: TestKapu, service: RelyingParty, passed: Passed): Promise<void> {
  expect(passed.slowest).toBeLessThan(longest);
  expect(passed.back).toBeLessThan(15_000);
  await eventually('sign-ins go well again', async () => (await tried(kapu, service)).well === 6);
}

test('Redis Cluster: a master of three is killed', async () => {
  const cluster = await startRedisCluster();
  atEnd(cluster.stop);
  const { kapu, service } = await startOn({ cluster: { nodes: cluster.nodes } });
  const [first, other] = await cluster.masters();
  const heir = cluster.servers[cluster.servers.indexOf(first!) + 3]!;
  const passed = await through(
    kapu,
    service,
    () => first!.kill(),
    async () =>
      (await cluster.masters()).includes(heir) && (await other!.client.cluster('INFO')).includes('cluster_state:ok'),
  );
  await holds(kapu, service, passed);
  report('Redis Cluster', passed, { redeemableAgain: await redeemableAgain(passed.endings) });
}, 60_000);

test('Redis with Sentinels, and steps that wait: the master falls silent, then is back as a replica', async () => {
  const sentinel = await startRedisSentinels({ replicas: 2 });
  atEnd(sentinel.stop);
  const { name, nodes, master } = sentinel;
  const { kapu, service } = await startOn({ sentinel: { name, nodes }, wait: { replicas: 1, patience: 300 } });
  const out = await Promise.all(Array.from({ length: 5 }, () => signedOut(kapu, service)));

  const passed = await through(
    kapu,
    service,
    async () => master.pause(),
    async () => (await sentinel.masterPort()) !== master.port,
  );
  await holds(kapu, service, passed);
  expect(await redeemableAgain(passed.endings)).toBe(0);
  expect(await signedIn(service, out)).toBe(0);
  report('Redis with Sentinels, waiting for one replica of two', passed, { redeemableAgain: 0, signedInAgain: 0 });

  master.resume();
  await eventually('the old master follows', async () =>
    (await master.client.info('replication')).includes('role:slave'),
  );
  expect(await tried(kapu, service)).toEqual({ well: 6, told: 0, again: 0 });
}, 60_000);

/** A browser that was signed in and has signed out. */
async function signedOut(kapu: TestKapu, service: RelyingParty): Promise<Agent> {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  const page = await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
  expect([page.status, page.url.pathname]).toEqual([200, '/session/end/success']);
  return agent;
}
