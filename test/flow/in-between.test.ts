/**
 * Between two steps of one request much may happen: the browser loses its way, another tab moves on, another person takes over,
 * time passes. What was proven, allowed or settled for counts for who did it, from when it was done, and nothing leads nowhere.
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Agent, formOf, type Page } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { atCodePage, credentials, signIn, silently, stepOf, walk, withStrict } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
/** One that people are asked about each time. */
let library: RelyingParty;
const clock = testClock();
const minute = 60_000;

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change: withStrict,
  });
  service = await kapu.service();
  library = await kapu.service({ clientId: 'demo-library' });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** Answers the page, and gives where the browser would have gone on: it does not get there. */
async function answerAndStop(agent: Agent, page: Page, fields: Record<string, string>): Promise<URL> {
  const { action, hidden } = formOf(page);
  const url = new URL(action, page.url);
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: await agent.jar.getCookieString(url.href), origin: kapu.issuer },
    body: new URLSearchParams({ ...hidden, ...fields }),
  });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get('location')!, url);
}

/** While anna's account is disabled. */
async function withoutAnna<T>(act: () => Promise<T>): Promise<T> {
  const { accounts } = kapu.records;
  const { id } = (await accounts.findByUsername('anna'))!;
  await accounts.setStatus(id, 'disabled');
  try {
    return await act();
  } finally {
    await accounts.setStatus(id, 'active');
  }
}

describe('a sign-in that is finished, but not back at the service', () => {
  test('goes on by itself when its page is opened again', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    await answerAndStop(agent, page, credentials('anna'));
    const back = await agent.get(page.url);
    expect(stepOf(back)).toBe('service');
    expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
  });

  test('proves nothing for the next person', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    await answerAndStop(agent, page, { code: await kapu.codeFor(page) });
    await withoutAnna(async () => {
      const opened = await agent.get(page.url);
      expect(stepOf(opened)).toBe('password');
      expect(stepOf(await agent.submit(opened, credentials('john')))).toBe('email-code');
    });
  });

  test('settles for nothing on behalf of the next person, later either', async () => {
    const agent = kapu.agent();
    const { page } = await library.visit(agent, { acr_values: 'plus basic' });
    const annas = await agent.submit(page, credentials('anna'));
    await kapu.mailFor(annas);
    await answerAndStop(agent, annas, { decline: '1' });
    await withoutAnna(async () => {
      const johns = await agent.submit(await agent.get(page.url), credentials('john'));
      expect(stepOf(johns)).toBe('email-code');
      // Of the two mails of this sign-in the second one is john's.
      const consent = await agent.submit(johns, { code: await kapu.codeFor(johns, 2) });
      expect(stepOf(consent)).toBe('consent');
      await clock.pass(16 * minute);
      expect(stepOf(await agent.submit(consent, { allow: '1' }))).toBe('email-code');
    });
  });

  test('goes on though somebody else has signed in meanwhile, in another tab', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    const lost = await answerAndStop(agent, page, credentials('anna'));
    const john = await signIn(kapu, service, agent, {}, 'john');
    const back = await agent.get(lost);
    expect(stepOf(back)).toBe('service');
    expect((await asked.redeem(back.url)).claims.sub).not.toBe(john.claims.sub);
  });

  test('begins anew when the session is not the one that it began in', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { page } = await atCodePage(kapu, service, 'anna', agent);
    const lost = await answerAndStop(agent, page, { code: await kapu.codeFor(page) });
    expect(lost.pathname).toMatch(/^\/auth\//);
    for (const username of ['john', 'anna']) await signIn(kapu, service, agent, { prompt: 'login' }, username);
    expect(stepOf(await agent.get(lost))).toBe('email-code');
  });
});

describe('a page of consent that stays open', () => {
  test('holds no answer of the next person', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent, { acr_values: 'strict', prompt: 'consent' });
    const code = await agent.submit(page, credentials('anna'));
    const consent = await agent.submit(code, { code: await kapu.codeFor(code) });
    expect(stepOf(consent)).toBe('consent');
    await clock.pass(6 * minute);
    const again = await agent.submit(consent, { allow: '1' });
    expect(stepOf(again)).toBe('password');
    expect((await walk(kapu, agent, again, 'john')).steps).toEqual(['password', 'email-code', 'consent']);
  });

  test('does not make old what was proven since the request came', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    await clock.pass(minute);
    const { page } = await library.visit(agent, { max_age: '300' });
    expect(stepOf(page)).toBe('consent');
    await clock.pass(1000);
    await signIn(kapu, service, agent, { prompt: 'login' });
    await clock.pass(10 * minute);
    expect(stepOf(await agent.submit(page, { allow: '1' }))).toBe('service');
  });
});

test('a proof is as old as itself, however long its page has been open', async () => {
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent, { acr_values: 'plus' });
  await clock.pass(10 * minute);
  const now = Math.floor(clock.now().getTime() / 1000);
  const walked = await walk(kapu, agent, page);
  expect((await asked.redeem(walked.page.url)).claims.auth_time).toBeGreaterThanOrEqual(now);
  await clock.pass(10 * minute);
  expect(await silently(service, agent, { acr_values: 'plus' })).toMatchObject({ claims: { acr: 'plus' } });
});

test('what one person has proven helps nobody whom the service names instead', async () => {
  const johns = await signIn(kapu, service, kapu.agent(), {}, 'john');
  const agent = kapu.agent();
  await signIn(kapu, service, agent, { acr_values: 'plus' });
  const named = { acr_values: 'plus', id_token_hint: johns.tokens.id_token! };
  const { page } = await service.visit(agent, named);
  expect(stepOf(await agent.submit(page, credentials('john')))).toBe('email-code');
  // As long as john has not reached what was asked, anna is the one who is signed in.
  expect(await silently(service, agent, { acr_values: 'plus' })).toMatchObject({ claims: { acr: 'plus' } });
});
