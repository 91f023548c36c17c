/** "This was not me": the link in a notice, what it does, and what it does not. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { createStopLinks } from '../../interactions/stop/link.ts';
import type { Account } from '../../src/records/records.ts';
import type { Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, heldError, signIn, silently, stepOf } from './journey.ts';
import { newPassword, reset } from './reset.ts';

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterEach(() => kapu?.stop());

const anna = async (): Promise<Account> => (await kapu.records.accounts.findByUsername('anna'))!;
/** The links in the notices to an address, oldest first, once there are `count`. */
async function linksTo(address: string, count = 1): Promise<string[]> {
  const found = () =>
    kapu.mailsTo(address).flatMap(({ text }) => /^http\S+\/account\/stop\/\S+$/m.exec(text ?? '') ?? []);
  await eventually(`${count} links to ${address}`, () => found().length >= count);
  return found();
}
/** A thief with the mailbox resets the password; the thief's browser, signed in. */
async function stolen() {
  const agent = kapu.agent();
  const { page } = await service.visit(agent, { scope: 'openid offline_access', prompt: 'consent' });
  const back = await agent.submit(await reset(kapu, agent, page), {});
  return { agent, page: back };
}
const headingOf = ({ html }: Page) => /<h1[^>]*>([^<]+)</.exec(html)?.[1];

test('the link stops a reset: sessions end, and codes by mail count for nothing until more is proven', async () => {
  const { agent: thief } = await stolen();
  expect(await silently(service, thief)).toMatchObject({ claims: { acr: 'basic' } });
  const [link] = await linksTo('anna@demo.example');
  const owner = kapu.agent();
  const asked = await owner.get(link!);
  expect([asked.status, headingOf(asked)]).toEqual([200, 'Was it not you?']);
  // Programs that follow links in mails do nothing.
  expect((await anna()).hold?.until).toBeDefined();
  expect(await silently(service, thief)).toMatchObject({ claims: { acr: 'basic' } });
  await clock.pass(1000);
  const done = await owner.submit(asked, { stop: '1' });
  expect([done.status, headingOf(done)]).toEqual([200, 'We have stopped it']);
  const { hold } = await anna();
  expect(hold).toEqual({ since: expect.any(Date), until: undefined });
  expect(await silently(service, thief)).toBe('login_required');
  const { page } = await service.visit(kapu.agent(), { acr_values: 'plus' });
  expect(stepOf(page)).toBe('password');
  await clock.pass(1000 * 24 * 3600_000);
  const late = kapu.agent();
  const begun = await service.visit(late, { acr_values: 'plus' });
  const refused = await late.submit(begun.page, { username: 'anna', password: newPassword });
  expect(await heldError(late, refused)).toBe('unmet_authentication_requirements');
  const entries = await kapu.records.audit.list({ accountId: (await anna()).id, limit: 20 });
  expect(entries.find(({ event }) => event === 'account.reported')?.detail).toEqual({ said: 'notice' });
  const shown = await (await fetch(`${kapu.operations}/metrics`)).text();
  expect(shown).toMatch(/^kapu_accounts_reported_total 1$/m);
});

test('a second stop signs out again whoever has come back, is written, and tells nobody twice', async () => {
  await stolen();
  const [link] = await linksTo('anna@demo.example');
  const owner = kapu.agent();
  const asked = await owner.get(link!);
  await owner.submit(asked, { stop: '1' });
  const thief = kapu.agent();
  const { page } = await service.visit(thief);
  await clock.pass(1000);
  expect(stepOf(await thief.submit(page, { username: 'anna', password: newPassword }))).toBe('service');
  await clock.pass(1000);
  expect((await owner.submit(asked, { stop: '1' })).status).toBe(200);
  expect(await silently(service, thief)).toBe('login_required');
  await eventually('no notice waits', async () => (await kapu.records.notices.oldest()) === undefined);
  const told = kapu.mailsTo('anna@demo.example').filter(({ subject }) => /megállítottuk/i.test(subject ?? ''));
  expect(told).toHaveLength(1);
  // What it did is written all the same.
  const { id: accountId } = await anna();
  expect(await kapu.records.audit.recent({ accountId, event: 'account.reported', limit: 9 })).toHaveLength(2);
});

test('a reset after a stop does not give the hold an end', async () => {
  await stolen();
  const [link] = await linksTo('anna@demo.example');
  const owner = kapu.agent();
  await owner.submit(await owner.get(link!), { stop: '1' });
  await clock.pass(1000);
  await stolen();
  expect((await anna()).hold?.until).toBeUndefined();
});

test('a changed address goes back, and who has it now is not told', async () => {
  const account = await anna();
  const since = clock.now();
  const until = new Date(since.getTime() + 72 * 3600_000);
  const { email: formerEmail } = account;
  const change = { email: 'thief@demo.example', emailVerified: true, formerEmail, hold: { since, until } };
  const detail = { hold: String(since.getTime()), until: String(until.getTime()), address: 't***@demo.example' };
  await kapu.records.accounts.change(account.id, change, { notices: [{ kind: 'emailChanged', detail }] });
  const [link] = await linksTo('anna@demo.example');
  const owner = kapu.agent();
  await owner.submit(await owner.get(link!), { stop: '1' });
  expect(await anna()).toMatchObject({ email: formerEmail, emailVerified: true, formerEmail: undefined });
  await eventually('no notice waits', async () => (await kapu.records.notices.oldest()) === undefined);
  expect(kapu.mailsTo('thief@demo.example')).toHaveLength(1);
  expect(kapu.mailsTo('anna@demo.example')).toHaveLength(2);
});

test('a link is of no use when its hold is over, for another hold, or when it has been changed', async () => {
  await stolen();
  const [link] = await linksTo('anna@demo.example');
  const agent = kapu.agent();
  for (const wrong of [
    link!.slice(0, -1),
    `${link}A`,
    link!.replace('/stop/', '/stop/x'),
    `${kapu.issuer}/account/stop/x`,
  ])
    expect((await agent.get(wrong)).status).toBe(410);
  const account = await anna();
  const { hold } = account;
  await kapu.records.accounts.change(account.id, { hold: { since: new Date(hold!.since.getTime() + 1) } });
  expect((await agent.get(link!)).status).toBe(410);
  await kapu.records.accounts.change(account.id, { hold: null });
  expect((await agent.post(link!, { stop: '1' })).status).toBe(410);
  await kapu.records.accounts.change(account.id, { hold: { ...hold!, until: clock.now() } });
  expect((await agent.post(link!, { stop: '1' })).status).toBe(410);
  expect((await anna()).validSince).toEqual(account.validSince);
});

test('another site cannot send the form', async () => {
  await stolen();
  const [link] = await linksTo('anna@demo.example');
  const page = await kapu.agent().post(link!, { stop: '1' }, { origin: 'https://evil.example' });
  expect(page.status).toBe(403);
  expect((await anna()).hold?.until).toBeDefined();
});

test('refresh tokens of before a stop are worth nothing', async () => {
  const signedIn = await signIn(kapu, service, kapu.agent(), { scope: 'openid offline_access', prompt: 'consent' });
  const account = await anna();
  await clock.pass(2000);
  const since = clock.now();
  await kapu.records.accounts.change(account.id, { hold: { since, until: new Date(since.getTime() + 3600_000) } });
  const links = createStopLinks(kapu.issuer, kapu.settings.secrets.credentialKeys);
  const agent = kapu.agent();
  await agent.post(links.to({ accountId: account.id, since }), { stop: '1' });
  await expect(refreshTokenGrant(service.config, signedIn.tokens.refresh_token!)).rejects.toThrow();
  const { page } = await service.visit(agent);
  expect(stepOf(await agent.submit(page, credentials('anna')))).toBe('service');
});
