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
const signIns = 200;
/** The longest that somebody takes over a page, in milliseconds: all sign-ins run at once before the first thoughtful ones end. */
const longestThought = 6_000;
const signOuts = 20;

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

interface Passed extends Traffic {
  /** Sign-ins that had begun and not ended when the master was lost. */
  running: number;
  /** How long after the loss the server said that it was ready, and after the new master was there, in milliseconds. */
  away: number;
  back: number;
  /** Signed out in the last moments before the loss, and told so. */
  out: Agent[];
}

/** Traffic in the middle of which `lose` happens, right after some have signed out. */
async function through(
  kapu: TestKapu,
  service: RelyingParty,
  lose: () => Promise<void>,
  replaced: () => Promise<boolean>,
): Promise<Passed> {
  const out = await Promise.all(Array.from({ length: signOuts }, () => atSignOut(kapu, service)));
  const traffic = startTraffic(kapu, service, signIns, 20, longestThought);
  await eventually('all have begun', () => traffic.begun === signIns && endingsOf(traffic.endings).well >= 10);
  await Promise.all(out.map(({ signOut }) => signOut()));
  const running = signIns - traffic.endings.length;
  const lost = performance.now();
  await lose();
  await eventually('another master', replaced);
  const since = performance.now();
  await eventually('ready again', async () => (await fetch(`${kapu.operations}/health/ready`)).ok);
  const [away, back] = [performance.now() - lost, performance.now() - since];
  await traffic.finished;
  return { ...traffic, running, away, back, out: out.map(({ agent }) => agent) };
}

/** What was acknowledged before the loss and undone by it. */
async function undone(service: RelyingParty, { endings, out }: Passed) {
  return { redeemableAgain: await redeemableAgain(endings), signedInAgain: await signedIn(service, out) };
}

function report(where: string, { endings, running, slowest, away, back }: Passed, lost: object): void {
  const times = { slowest: Math.round(slowest), away: Math.round(away), back: Math.round(back) };
  const figures = { running, ...endingsOf(endings), ...times, ...lost };
  process.stdout.write(`${where}: a master was lost among ${signIns} sign-ins: ${JSON.stringify(figures)}\n`);
}

async function holds(kapu: TestKapu, service: RelyingParty, passed: Passed): Promise<void> {
  expect(passed.endings).toHaveLength(signIns);
  expect(passed.running).toBeGreaterThan(signIns / 2);
  expect(passed.slowest).toBeLessThan(longest);
  expect(passed.back).toBeLessThan(15_000);
  await eventually('sign-ins go well again', async () => (await tried(kapu, service)).well === 6);
}

/** One of three masters is killed, and one of its replicas takes its place. */
async function clusterLosesMaster(replicas: number, wait?: object): Promise<[Passed, TestKapu, RelyingParty]> {
  const cluster = await startRedisCluster({ replicas });
  atEnd(cluster.stop);
  const { kapu, service } = await startOn({ cluster: { nodes: cluster.nodes }, wait });
  const [first, other] = await cluster.masters();
  const heirs = cluster.servers.filter((_, n) => n >= 3 && n % 3 === cluster.servers.indexOf(first!));
  const replaced = async () => {
    const masters = await cluster.masters();
    return (
      heirs.some((heir) => masters.includes(heir)) && (await other!.client.cluster('INFO')).includes('cluster_state:ok')
    );
  };
  return [await through(kapu, service, () => first!.kill(), replaced), kapu, service];
}

test('Redis Cluster: a master of three is killed', async () => {
  const [passed, kapu, service] = await clusterLosesMaster(1);
  await holds(kapu, service, passed);
  report('Redis Cluster', passed, await undone(service, passed));
}, 120_000);

test('Redis Cluster, and steps that wait: nothing that was acknowledged is undone', async () => {
  const [passed, kapu, service] = await clusterLosesMaster(2, { replicas: 1, patience: 300 });
  await holds(kapu, service, passed);
  const lost = await undone(service, passed);
  report('Redis Cluster, waiting for one replica of two', passed, lost);
  expect(lost).toEqual({ redeemableAgain: 0, signedInAgain: 0 });
}, 120_000);

test('Redis with Sentinels, and steps that wait: the master falls silent, then is back as a replica', async () => {
  const sentinel = await startRedisSentinels({ replicas: 2 });
  atEnd(sentinel.stop);
  const { name, nodes, master } = sentinel;
  const { kapu, service } = await startOn({ sentinel: { name, nodes }, wait: { replicas: 1, patience: 300 } });
  const passed = await through(
    kapu,
    service,
    async () => master.pause(),
    async () => (await sentinel.masterPort()) !== master.port,
  );
  await holds(kapu, service, passed);
  const lost = await undone(service, passed);
  report('Redis with Sentinels, waiting for one replica of two', passed, lost);
  expect(lost).toEqual({ redeemableAgain: 0, signedInAgain: 0 });

  master.resume();
  await eventually('the old master follows', async () =>
    (await master.client.info('replication')).includes('role:slave'),
  );
  expect(await tried(kapu, service)).toEqual({ well: 6, told: 0, again: 0 });
}, 120_000);

/** A browser that is signed in, and is asked whether to sign out; saying yes is acknowledged. */
async function atSignOut(
  kapu: TestKapu,
  service: RelyingParty,
): Promise<{ agent: Agent; signOut: () => Promise<void> }> {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  const question = await agent.get('/session/end');
  // The session as it was: signing out takes the cookie away.
  const kept = agent.copy();
  expect(await signedIn(service, [agent.copy()])).toBe(1);
  return {
    agent: kept,
    async signOut() {
      const page = await agent.submit(question, { logout: 'yes' });
      expect([page.status, page.url.pathname]).toEqual([200, '/session/end/success']);
    },
  };
}
