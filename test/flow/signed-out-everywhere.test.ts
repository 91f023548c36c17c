/**
 * What somebody is told who comes back after a new password or a stop elsewhere: in a browser that can show to have been theirs it is said
 * plainly, and in any other nothing tells whether there is such an account (docs/decisions/023; ASVS 6.3.8).
 */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, signIn, stepOf } from './journey.ts';
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

const anna = async () => (await kapu.records.accounts.findByUsername('anna'))!;
const textOf = ({ html }: Page) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const newOne = /A new password was set for this account on \d+ \w+ 20\d\d at \d\d:\d\d \S+, so it was signed out/;

/** Somebody, in a browser of their own, has a new password set by mail. */
async function resetElsewhere(): Promise<void> {
  const agent = kapu.agent();
  const { page } = await service.visit(agent);
  await clock.pass(2000);
  await agent.submit(await reset(kapu, agent, page), {});
  await clock.pass(2000);
}

/** `agent` without a session, as after half an hour: what it is known by is left. */
async function idle(agent: Agent): Promise<Agent> {
  const known = await agent.cookie('kapu-known');
  const later = kapu.agent();
  if (known) await later.jar.setCookie(`kapu-known=${known}; Path=/; HttpOnly`, kapu.issuer);
  return later;
}

/** The page that answers a password of before. */
async function wrongIn(agent: Agent, username = 'anna'): Promise<Page> {
  const { page } = await service.visit(agent);
  expect(stepOf(page)).toBe('password');
  const answer = await agent.submit(page, { ...credentials(username), password: 'the password of before' });
  expect(answer.status).toBe(422);
  return answer;
}

test('a session of before says that there is a new password, whose, and what to do if it was not them', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  await resetElsewhere();
  const { page } = await service.visit(agent);
  expect(stepOf(page)).toBe('password');
  expect(textOf(page)).toMatch(newOne);
  expect(textOf(page)).toContain('If it was not you, turn to the operator at once');
  expect(page.html).toContain('value="anna"');
  const hungarian = await agent.get(`${page.url.pathname}?ui_locales=hu`);
  expect(textOf(hungarian)).toMatch(/új jelszót állítottak be.* 20\d\d\. \S+ \d+\. \d\d:\d\d/);
  // Signed in again there is nothing to tell.
  expect(stepOf(await agent.submit(page, { username: 'anna', password: newPassword }))).toBe('service');
  const again = await service.visit(agent, { prompt: 'login' });
  expect(textOf(again.page)).not.toMatch(/signed out/);
});

test('a browser that knew the person says so where the password of before is given', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  await resetElsewhere();
  const later = await idle(agent);
  const { page } = await service.visit(later);
  // Nobody has said yet who they are.
  expect(textOf(page)).not.toMatch(/signed out/);
  const wrong = await wrongIn(later);
  expect(textOf(wrong)).toMatch(newOne);
  expect(textOf(wrong)).toContain('The username or the password is not right.');
  // Once the new one has been given here, a wrong one is a wrong one.
  await later.submit(wrong, { username: 'anna', password: newPassword });
  expect(textOf(await wrongIn(await idle(later)))).not.toMatch(/signed out/);
});

test('a stranger, or somebody who has signed in here as another, sees what a name that nobody has gets', async () => {
  await resetElsewhere();
  const johns = kapu.agent();
  await signIn(kapu, service, johns, {}, 'john');
  for (const browser of [kapu.agent(), await idle(johns)]) {
    const shown = [];
    for (const username of ['anna', 'nobody-of-this-name']) {
      const { html, url } = await wrongIn(browser.copy(), username);
      shown.push(html.replaceAll(url.pathname.split('/')[2]!, '').replaceAll(username, ''));
    }
    expect(shown[0]).toBe(shown[1]);
    expect(shown[0]).not.toMatch(/signed out/);
  }
});

test('a stop, and being signed out everywhere, are told as what they are', async () => {
  const { id } = await anna();
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  await clock.pass(60_000);
  await kapu.records.accounts.endSessions(id);
  const ended = await service.visit(agent);
  expect(textOf(ended.page)).toMatch(/This account was signed out on all devices on \d+ \w+ 20\d\d/);

  const { createStopLinks } = await import('../../interactions/stop/link.ts');
  const { issuer, settings } = kapu;
  await kapu.records.accounts.change(id, {
    hold: { since: clock.now(), until: new Date(clock.now().getTime() + 9e6) },
  });
  const { hold } = await anna();
  await signIn(kapu, service, agent);
  await clock.pass(60_000);
  const link = createStopLinks(issuer, settings.secrets.credentialKeys).to({ accountId: id, since: hold!.since });
  expect((await kapu.agent().post(link, { stop: '1' })).status).toBe(200);
  const stopped = await service.visit(agent);
  expect(textOf(stopped.page)).toMatch(/it was reported that somebody else may have used this account/);
  expect(textOf(await wrongIn(await idle(agent)))).toMatch(/it was reported/);
});

test('a disabled account tells nothing', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  await clock.pass(2000);
  await kapu.records.accounts.setStatus((await anna()).id, 'disabled');
  expect(textOf((await service.visit(agent)).page)).not.toMatch(/signed out/);
  expect(textOf(await wrongIn(await idle(agent)))).not.toMatch(/signed out/);
});
