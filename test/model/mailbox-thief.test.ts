/** The rule above all others, in every order that chance finds: a mailbox alone never gives plus (docs/decisions/023). */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SettingsInput } from '../../config/settings.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { roomy, startKapu } from '../support/kapu.ts';
import { Counts } from './counts.ts';
import { type By, type Move, type Servers, Story, type Who } from './mailbox-thief.ts';

let servers: Servers;
let end: () => Promise<void>;

beforeAll(async () => {
  // Servers, services and stores agree on the time, which stands still between moves.
  const real = Date.now;
  let time = Math.floor(real() / 1000);
  Date.now = () => time * 1000;
  const now = () => new Date(time * 1000);
  const [state, records] = [createMemoryState({ now }), await createSqliteRecords({ file: ':memory:', now })];
  const change = (settings: SettingsInput) => {
    roomy(settings);
    Object.assign(settings.password!, { timeCost: 1, memoryCost: 8, parallelism: 1 });
    // Notices are read from nowhere here, and would be thousands of mails.
    settings.notices = { ...settings.notices!, lookEvery: '1d' };
    settings.levels = [
      { name: 'basic', anyOf: [['password']] },
      {
        name: 'plus',
        anyOf: [
          ['password', 'email-code'],
          ['password', 'totp'],
        ],
        maxAge: { 'email-code': '15m', totp: '15m' },
      },
    ];
  };
  const start = () => startKapu({ now, state, records, change, mailPause: [0, 1] });
  const kapus: Servers['kapus'] = [await start(), await start()];
  servers = {
    kapus,
    services: [await kapus[0].service(), await kapus[1].service()],
    now: () => time,
    pass(seconds) {
      time += seconds;
    },
  };
  end = async () => {
    Date.now = real;
    for (const kapu of kapus) await kapu.stop();
    await Promise.all([state.end(), records.end()]);
  };
});
afterAll(() => end?.());

const who = fc.constantFrom<Who>('owner', 'thief', 'thief');
const by = fc.constantFrom<By>('mail', 'mail', 'app');
const server = fc.nat(1);
const hour = 3600;
const move = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reset' as const), who }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('sign in' as const), who, by, server }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ask again' as const), who, by, browser: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change address' as const), who, by, server }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set up a method' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), who }) },
  { weight: 1, arbitrary: fc.constant({ do: 'desk check' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(60, 1000, 71 * hour, 73 * hour),
    }),
  },
) as fc.Arbitrary<Move>;
const stories = fc.record({
  hasApp: fc.boolean(),
  moves: fc.array(move, { minLength: 3, maxLength: 10, size: 'max' }),
});

const seed =
  process.env.KAPU_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.KAPU_SEED ?? 42);
const numRuns = Number(process.env.KAPU_RUNS ?? 60);

const reset = (by: Who): Move => ({ do: 'reset', who: by });
const signIn = (by: Who, means: By = 'mail'): Move => ({ do: 'sign in', who: by, by: means, server: 1 });
const change = (by: Who, means: By = 'mail'): Move => ({ do: 'change address', who: by, by: means, server: 0 });
const stop: Move = { do: 'stop', who: 'owner' };
const wait = (hours: number): Move => ({ do: 'wait', seconds: hours * hour });

/** Those that somebody would try first. */
test.each<[string, boolean, Move[]]>([
  ['a reset, and plus at once', false, [reset('thief'), signIn('thief'), signIn('thief', 'app')]],
  [
    'a reset, waited out, and an address taken away',
    false,
    [reset('thief'), wait(73), change('thief'), stop, signIn('thief')],
  ],
  ['an address changed and brought back', false, [change('owner'), stop, reset('thief'), wait(1000), signIn('thief')]],
  [
    'an owner with an app',
    true,
    [reset('thief'), reset('owner'), signIn('owner', 'app'), reset('thief'), signIn('thief')],
  ],
  [
    'an owner with an app who leaves the mailbox',
    true,
    [change('owner', 'app'), reset('thief'), stop, signIn('owner')],
  ],
  [
    'a desk check, and the thief again',
    false,
    [reset('thief'), stop, reset('owner'), { do: 'desk check' }, reset('thief'), signIn('thief')],
  ],
])('%s', async (_, hasApp, moves) => {
  const story = new Story(servers, new Counts(), hasApp);
  await story.begin();
  for (const each of moves) await story.take(each);
});

test(`${numRuns} stories of an owner and a thief of mail (KAPU_SEED=${seed})`, async () => {
  const counts = new Counts();
  const property = fc.asyncProperty(stories, async ({ hasApp, moves }) => {
    const story = new Story(servers, counts, hasApp);
    await story.begin();
    for (const each of moves) {
      counts.add('moves', each.do);
      await story.take(each);
    }
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: process.env.KAPU_SHRINK === 'no' });
  process.stdout.write(`\nowner and thief, KAPU_SEED=${seed}, ${numRuns} stories\n${counts}\n`);
  if (numRuns < 60) return;
  // What a run of this size has to come to, so that it shows what it says.
  for (const [kind, name] of [
    ['resets', 'thief, free'],
    ['resets', 'thief, in a hold'],
    ['sign-ins', 'thief by mail, held: refused'],
    ['sign-ins', 'thief by mail, free: plus'],
    ['sign-ins', 'owner by app, held: plus'],
    ['asked again', 'thief, held: refused'],
    ['setting up', 'thief, held: false'],
  ] as const)
    expect([name, counts.get(kind, name)]).not.toEqual([name, 0]);
}, 600_000);
