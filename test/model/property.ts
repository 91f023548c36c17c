/** The property, for one kind of state: whatever happens, in whatever order, the server does as the model does. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counts } from './counts.ts';
import { found } from './found.ts';
import { run } from './sequence.ts';
import { type Server, type StateKind, startServer } from './server.ts';
import { sequences } from './steps.ts';

/** What comes about in every run of some size: a run without one of these would have shown less than it says. */
const common = [
  ['tokens', 'basic'],
  ['tokens', 'plus'],
  ['tokens', 'strict'],
  ['asked', 'nothing'],
  ['asked', 'code alone'],
  ['errors', 'access_denied'],
  ['errors', 'login_required'],
  ['errors', 'unmet_authentication_requirements'],
  ['pages', 'gone'],
  ['pages', 'held'],
  ['pages', 'on hold'],
  ['refreshes', 'good'],
  ['sign-outs', 'left'],
  ['steps', 'restart'],
] as const;

function seedOf(wish = '42'): number {
  return wish === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wish);
}

/**
 * Runs `runs` sequences, or as many as KAPU_RUNS says, on a server with this kind of state. KAPU_SEED repeats the sequences of
 * a run that printed it, KAPU_SEED=random makes new ones (`npm run test:model`); by default it is one fixed set, so that a red run
 * is a change's doing. KAPU_SHRINK=no reports the first failure as it is.
 */
export function everySequence(kind: StateKind, runs: number): void {
  const numRuns = Number(process.env.KAPU_RUNS ?? runs);
  const seed = seedOf(process.env.KAPU_SEED);
  let server: Server;
  beforeAll(async () => {
    server = await startServer(kind);
  });
  afterAll(() => server.stop());

  test.each(Object.entries(found))('%s', (_, steps) => run(server, steps, new Counts()));

  test(`${numRuns} sequences go as the model says (KAPU_SEED=${seed})`, async () => {
    const counts = new Counts();
    const property = fc.asyncProperty(sequences, (steps) => run(server, steps, counts));
    await fc.assert(property, { numRuns, seed, endOnFailure: process.env.KAPU_SHRINK === 'no' });
    process.stdout.write(`\nmodel, state in ${kind}, KAPU_SEED=${seed}, ${numRuns} sequences\n${counts}\n`);
    if (numRuns >= runs)
      for (const [kind, name] of common) expect([name, counts.get(kind, name)]).not.toEqual([name, 0]);
  }, 600_000);
}
