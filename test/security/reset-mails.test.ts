/** How many mails a person can be sent by resets that are asked for in browsers that know them: docs/security.md, section 1. */

import { expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { defaults } from '../../config/default.ts';
import { type Settings, settingsSchema } from '../../config/settings.ts';
import type { Step } from '../../interactions/method.ts';
import { createAsking } from '../../interactions/reset/asking.ts';
import type { Account } from '../../src/records/records.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';

const { password, emailCode, times } = defaults;
const settings = {
  ...settingsSchema.pick({ password: true, emailCode: true, times: true }).parse({ password, emailCode, times }),
  secrets: { codeKeys: ['k'.repeat(32)] },
} as unknown as Settings;

test('known browsers have 240 a day together, and then what strangers have', async () => {
  const now = () => new Date('2026-11-23T12:00:00Z');
  const state = createMemoryState({ now, sweepEvery: 3_600_000 });
  const anna = {
    ...{ id: 'anna', username: 'anna', status: 'active', setUp: [], createdAt: new Date(0) },
    ...{ email: 'anna@demo.example', emailVerified: true },
  } as unknown as Account;
  let composed = 0;
  const asking = createAsking({
    settings,
    accounts: { findByUsername: async () => anna, find: async () => anna },
    state,
    throttle: createThrottle({ state }),
    now,
    deliver: () => void composed++,
  });
  const ctx = { ip: '192.0.2.1', state: {}, get: () => '' } as unknown as Context;
  /** Asked in the browser of that number, which knows anna, at an origin of its own. */
  const ask = async (browser: number) => {
    const step = {
      ...{ uid: `sign-in ${browser}`, level: 'basic', origin: `origin ${browser}` },
      ...{ service: { clientId: 'service', name: 'Service' }, view: { locale: 'en' } },
      knownAs: () => ({ key: `browser ${browser}`, since: now() }),
    } as unknown as Step;
    return (await asking.ask(ctx, step, 'anna')).outcome;
  };
  for (let browser = 0; browser < 100; browser++) for (let times = 0; times < 8; times++) await ask(browser);
  expect(composed).toBe(240 + 10);
  expect(await ask(100)).toBe('refused');
  await state.end();
});
