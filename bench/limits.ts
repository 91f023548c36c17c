/** What no server can do without: the CPU of one password hash and of one signature, and the time of one round trip to Redis. */

import { fork, spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { pinToServersCore } from './place.ts';
import { quantile } from './statistics.ts';

export interface Limits {
  /** Milliseconds of CPU: one argon2id verification as by default, in a process that does nothing else, on the server's core. */
  hash: number;
  hashRange: [number, number];
  /** Milliseconds of CPU, by algorithm. */
  signatures: Record<string, number>;
  /** Milliseconds: a GET and its answer, one after the other. */
  redis: number;
}

/** Measures them now. */
export async function measureLimits(redis: Redis): Promise<Limits> {
  const hashes = await hashTimes();
  return {
    hash: quantile(hashes, 0.5),
    hashRange: [quantile(hashes, 0.1), quantile(hashes, 0.9)],
    signatures: signatures(),
    redis: await roundTrip(redis),
  };
}

/** Milliseconds of CPU of each of fifty verifications. */
export async function hashTimes(): Promise<number[]> {
  const child = fork(fileURLToPath(new URL('./hash.ts', import.meta.url)));
  await pinToServersCore(child.pid!);
  const [times] = (await once(child, 'message')) as [number[]];
  return times;
}

function signatures(): Record<string, number> {
  const keys = {
    ES256: { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, dsaEncoding: 'ieee-p1363' as const },
    RS256: { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey },
    EdDSA: { key: generateKeyPairSync('ed25519').privateKey },
  };
  const data = Buffer.from('x'.repeat(500));
  return Object.fromEntries(
    Object.entries(keys).map(([alg, key]) => {
      const one = () => sign(alg === 'EdDSA' ? null : 'sha256', data, key);
      for (let n = 0; n < 50; n++) one();
      const before = process.cpuUsage();
      const times = 300;
      for (let n = 0; n < times; n++) one();
      const { user, system } = process.cpuUsage(before);
      return [alg, (user + system) / 1000 / times];
    }),
  );
}

async function roundTrip(redis: Redis): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 500; n++) {
    const began = performance.now();
    await redis.get('nothing');
    times.push(performance.now() - began);
  }
  return quantile(times.slice(100), 0.5);
}

/** Runs a command and gives what it prints. */
export async function printed(command: string, args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close').catch(() => {});
  return text.trim();
}
