/** A level that wants the password to be recent: what is asked again, and the ways on from there. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Agent, Page } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import type { Asked, RelyingParty } from '../support/relying-party.ts';
import { errorOf, signIn, silently, stepOf, withStrict } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change: withStrict,
  });
  service = await kapu.service();
});
afterAll(() => kapu.stop());

/** Signed in at plus, and asked for the password again, because strict is wished for. */
async function askedAgain(acr_values: string): Promise<{ agent: Agent; asked: Asked; page: Page }> {
  const agent = kapu.agent();
  await signIn(kapu, service, agent, { acr_values: 'plus' });
  await clock.pass(6 * 60 * 1000);
  const { asked, page } = await service.visit(agent, { acr_values });
  expect(stepOf(page)).toBe('password');
  return { agent, asked, page };
}

test('where a weaker level that is reached will do, the password page offers to go on at it', async () => {
  const { agent, asked, page } = await askedAgain('strict plus');
  expect(page.html).toContain('name="decline"');
  const back = await agent.submit(page, { decline: '1' });
  expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'] });
});

test('where nothing weaker will do, it does not, and pressing it gains nothing', async () => {
  const { agent, page } = await askedAgain('strict');
  expect(page.html).not.toContain('name="decline"');
  expect(stepOf(await agent.submit(page, { decline: '1' }))).not.toBe('service');
  expect(errorOf(await agent.submit(page, { cancel: '1' }))).toBe('unmet_authentication_requirements');
  expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'plus' } });
});
