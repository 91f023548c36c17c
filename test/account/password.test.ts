/** Changing one's password: what is asked, who stays signed in, and what is told. ASVS 6.2.3, 7.4.3. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { credentials, password, silently, stepOf } from '../flow/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectPage, visit } from './journey.ts';

const path = '/account/password';
const next = 'ladder umbrella seventeen';

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterEach(() => kapu?.stop());

const form = (agent: Agent, username?: string) => visit(kapu, agent, path, username);
const fields = (changed: Record<string, string> = {}) => ({
  password,
  'new-password': next,
  repeat: next,
  ...changed,
});
const signsIn = async (username: string, typed: string): Promise<boolean> => {
  const agent = kapu.agent();
  const { page } = await service.visit(agent);
  return stepOf(await agent.submit(page, { username, password: typed })) === 'service';
};
const textOf = ({ html }: Page) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

test('asks for plus and the current password, signs the others out, and stays signed in here', async () => {
  const other = kapu.agent();
  await visit(kapu, other);
  const agent = kapu.agent();
  const { steps, page } = await form(agent);
  expect(steps).toEqual(['password', 'email-code']);
  expectPage(page, path);
  await clock.pass(1000);
  const done = await agent.submit(page, fields());
  expectPage(done, `${path}/done`);
  expect(textOf(done)).toContain('Here you are still signed in');
  expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  expect(await silently(service, other)).toBe('login_required');
  expect([await signsIn('anna', password), await signsIn('anna', next)]).toEqual([false, true]);
  await eventually('anna is told', () =>
    kapu.mailsTo('anna@demo.example').some(({ subject }) => subject?.includes('Megváltozott a jelszava')),
  );
  const account = (await kapu.records.accounts.findByUsername('anna'))!;
  expect(account.hold).toBeUndefined();
  const entries = await kapu.records.audit.list({ accountId: account.id, limit: 30 });
  expect(entries.map(({ event }) => event)).toContain('password.changed');
  // The code of before is from before: what changes something asks anew.
  expect(stepOf(await agent.get(path))).toBe('email-code');
});

test('keeps the others signed in where that is asked', async () => {
  const other = kapu.agent();
  await visit(kapu, other);
  const agent = kapu.agent();
  const { page } = await form(agent);
  await clock.pass(1000);
  expect(textOf(await agent.submit(page, fields({ keep: '1' })))).toContain('still signed in in your other browsers');
  expect(await silently(service, other)).toMatchObject({ claims: { acr: 'basic' } });
  expect([await signsIn('anna', password), await signsIn('anna', next)]).toEqual([false, true]);
});

test.each([
  ['nothing', { password: '', 'new-password': '' }, 422, 'Enter your current password.'],
  ['no current one', { password: '' }, 422, 'Enter your current password.'],
  ['a wrong one', { password: 'wrong' }, 422, 'The current password is not right.'],
  ['a common one', { 'new-password': 'password2026', repeat: 'password2026' }, 422, 'common password'],
  ['another the second time', { repeat: `${next}x` }, 422, 'The two passwords are not the same.'],
  ['a look', { check: '1', password: '' }, 200, 'Very strong.'],
])('%s changes nothing', async (_, changed, status, words) => {
  const agent = kapu.agent();
  const { page } = await form(agent, 'john');
  const shown = await agent.submit(page, fields(changed as Record<string, string>));
  expect([shown.status, textOf(shown)]).toEqual([status, expect.stringContaining(words)]);
  expect(await signsIn('john', password)).toBe(true);
});

test('who has no way to plus changes it with the password alone', async () => {
  const agent = kapu.agent();
  const { steps, page } = await form(agent, 'bela');
  expect(steps).toEqual(['password']);
  expectPage(await agent.submit(page, fields()), `${path}/done`);
  expect(await signsIn('bela', next)).toBe(true);
});

test('a thief at an open session guesses no longer than in a known browser', async () => {
  await kapu.stop();
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.password.knownTries = 3;
    },
  });
  service = await kapu.service();
  const agent = kapu.agent();
  const { page } = await form(agent, 'bela');
  for (let times = 0; times < 3; times++)
    expect((await agent.submit(page, fields({ password: 'wrong' }))).status).toBe(422);
  expect((await agent.submit(page, fields())).status).toBe(429);
  expect(await signsIn('bela', password)).toBe(true);
});

test('another site cannot send the form, and nobody without a session', async () => {
  const agent = kapu.agent();
  const { page } = await form(agent, 'bela');
  expect((await agent.post(path, fields(), { origin: 'https://evil.example' })).status).toBe(403);
  const { page: asked } = { page: await kapu.agent().post(path, fields()) };
  expect(stepOf(asked)).toBe('password');
  expect(page.status).toBe(200);
  expect(await signsIn('bela', credentials('bela').password)).toBe(true);
});
