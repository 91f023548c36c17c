/** A service asks for plus, and the account is on hold: the person reads why before the service hears of it (docs/decisions/023). */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Hold } from '../../src/assurance/hold.ts';
import type { Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, errorOf, heldError, signIn, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

const hour = 3600_000;
const plus = { acr_values: 'plus' };
const unmet = 'unmet_authentication_requirements';
const textOf = ({ html }: Page) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const anna = async () => (await kapu.records.accounts.findByUsername('anna'))!;
const hold = async (lasts?: number): Promise<Hold> => {
  const since = clock.now();
  const begun = { since, ...(lasts !== undefined && { until: new Date(since.getTime() + lasts) }) };
  await kapu.records.accounts.change((await anna()).id, { hold: begun });
  return begun;
};

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterEach(() => kapu?.stop());

/** The page after the password, where the service asks for `parameters`. */
async function afterPassword(parameters: Record<string, string>) {
  const agent = kapu.agent();
  const { page, asked } = await service.visit(agent, parameters);
  return { agent, asked, page: await agent.submit(page, credentials('anna')) };
}

test('the page says why, until when, what ends it and what can be done; then the service hears the error', async () => {
  await hold(72 * hour);
  const { agent, page } = await afterPassword(plus);
  expect([page.status, stepOf(page)]).toEqual([200, 'held']);
  const text = textOf(page);
  expect(text).toMatch(/Until \d+ \w+ 20\d\d at \d\d:\d\d/);
  for (const words of ['new password or a new email address', 'You have none', 'in person at the help desk'])
    expect(text).toContain(words);
  expect(textOf(await agent.get(`${page.url.pathname}?ui_locales=hu`))).toContain('Az e-mailes kód most nem elegendő');
  expect((await kapu.records.audit.list({ limit: 1 }))[0]!.event).not.toBe('sign-in.unmet');
  expect(await heldError(agent, await agent.get(page.url))).toBe(unmet);
  expect((await kapu.records.audit.list({ limit: 1 }))[0]!.event).toBe('sign-in.unmet');
  expect((await agent.get(page.url)).status).toBe(410);
});

test('a stop has no end, and the page says so; one who is signed in reads it too', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  await hold();
  const { page } = await service.visit(agent, plus);
  expect(textOf(page)).toMatch(/It was reported .* Until does not end by itself/);
  expect(await heldError(agent, page)).toBe(unmet);
});

test('a method of their own that the service does not take is named, with the way to prove it', async () => {
  const { id } = await anna();
  await kapu.records.credentials.add(id, { id: 'x', method: 'totp', data: {} });
  await kapu.records.clients.put('demo-native', {
    ...(await kapu.records.clients.find('demo-native'))!.metadata,
    excluded_methods: ['totp', 'passkey', 'recovery-code'],
  });
  await hold(72 * hour);
  const { page } = await afterPassword(plus);
  expect(stepOf(page)).toBe('held');
  expect(textOf(page)).toContain('You have: Authenticator app.');
  expect(page.html).toContain('href="/account/methods"');
});

test('it stands in nobody’s way: not where a weaker level will do, nor where there is another way', async () => {
  await hold(72 * hour);
  const weaker = await afterPassword({ acr_values: 'plus basic' });
  expect((await weaker.asked.redeem(weaker.page.url)).claims.acr).toBe('basic');
  await kapu.records.credentials.add((await anna()).id, { id: 'x', method: 'totp', data: {} });
  expect(stepOf((await afterPassword(plus)).page)).toBe('totp');
});

test('where the time has passed meanwhile, the page leads on to the code', async () => {
  await hold(60_000);
  const { agent, page } = await afterPassword(plus);
  await clock.pass(61_000);
  expect(stepOf(await agent.get(page.url))).toBe('email-code');
  expect(stepOf(await agent.submit(page, { cancel: '1' }))).toBe('email-code');
});

test('a service that shows no pages hears the error at once', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  await hold(72 * hour);
  const { page } = await service.visit(agent, { ...plus, prompt: 'none' });
  expect(errorOf(page)).toBe('login_required');
});
