import { expect, test } from '@jest/globals';
import { clockTolerance } from '../../src/oidc/clients/signed.ts';
import { acceptOnce } from '../../src/oidc/stored/replays.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { testClock } from '../support/clock.ts';

test('RFC 9449, 11.1: a proof made by a clock that is ahead is refused a second time for as long as it is good', async () => {
  const clock = testClock({ still: true });
  const state = createMemoryState({ now: clock.now });
  const seconds = () => Math.floor(clock.now().getTime() / 1000);
  // The library takes a proof until 300 s after its iat, and has it remembered for 300 s from its use.
  const iat = seconds() + clockTolerance;
  const first = (jti: string) => acceptOnce(state, clock.now)('a client', jti, seconds() + 300);

  expect(await first('proof')).toBe(true);
  await clock.goTo((iat + 301) * 1000 - 1 - clock.now().getTime());
  expect(seconds() - iat).toBe(300);
  expect(await first('proof')).toBe(false);
  expect(await first('another')).toBe(true);
  await clock.pass(1000);
  expect(await first('proof')).toBe(true);
  await state.end();
});
