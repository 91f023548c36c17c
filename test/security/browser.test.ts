/**
 * A sign-in belongs to the browser that began it. Nobody can plant a sign-in of theirs into another person's browser and go
 * on with what that person proves (RFC 9700, 4.7; ASVS 7.2.4), and none signs in again after a sign-out (ASVS 7.4.1).
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { atCodePage, credentials, errorOf, signIn, silently, stepOf } from '../flow/journey.ts';
import type { Agent } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** Copies what a subdomain could set: every cookie of `from` but those that belong to the host alone. */
async function plant(from: Agent, into: Agent, url: URL): Promise<void> {
  const uid = /^\/interaction\/([\w-]+)/.exec(url.pathname)![1];
  for (const path of [`/interaction/${uid}`, `/auth/${uid}`]) {
    for (const { key, value } of await from.jar.getCookies(`${kapu.issuer}${path}`))
      if (!/^kapu-(browser|session)/.test(key)) await into.jar.setCookie(`${key}=${value}; path=${path}`, kapu.issuer);
  }
}

describe('a sign-in that a stranger has planted', () => {
  test('begins anew in the browser of the person: the stranger goes on with nothing', async () => {
    const [stranger, person] = [kapu.agent(), kapu.agent()];
    const { page: begun } = await service.visit(stranger, { acr_values: 'plus' });
    await plant(stranger, person, begun.url);

    const opened = await person.get(begun.url);
    expect(stepOf(opened)).toBe('password');
    expect(opened.url.pathname).not.toBe(begun.url.pathname);
    const next = await person.submit(opened, credentials('anna'));
    const back = await person.submit(next, { code: await kapu.codeFor(next) });
    expect(stepOf(back)).toBe('service');

    expect(stepOf(await stranger.get(begun.url))).toBe('password');
    expect(stepOf(await stranger.get(begun.url.pathname.replace(/^\/interaction\/([\w-]+).*/, '/auth/$1')))).toBe(
      'password',
    );
  });

  test("takes no password of the person, even where the page was the stranger's", async () => {
    const [stranger, person] = [kapu.agent(), kapu.agent()];
    const { page: begun } = await service.visit(stranger);
    await plant(stranger, person, begun.url);
    const answered = await person.submit(begun, credentials('anna'));
    expect(stepOf(answered)).toBe('password');
    expect(stepOf(await stranger.get(begun.url))).toBe('password');
  });

  test('cannot be finished in the browser of another by who holds its address alone', async () => {
    const [person, stranger] = [kapu.agent(), kapu.agent()];
    const { agent, page } = await atCodePage(kapu, service, 'anna', person);
    await plant(agent, stranger, page.url);
    const resume = page.url.pathname.replace(/^\/interaction\/([\w-]+).*/, '/auth/$1');
    // The redirect that ends the sign-in, followed by the wrong browser first.
    const followed = agent.copy();
    const back = await followed.submit(page, { code: await kapu.codeFor(page) });
    expect(stepOf(back)).toBe('service');
    expect(stepOf(await stranger.get(resume))).not.toBe('service');
    expect(await silently(service, stranger)).toBe('login_required');
  });
});

describe('signing out', () => {
  test('ends what was proven in a sign-in that the browser has not come back from yet', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    // Finished, but the redirect is not followed.
    const action = new URL(page.url);
    const finished = await fetch(action, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: await agent.jar.getCookieString(action.href), origin: kapu.issuer },
      body: new URLSearchParams(credentials('anna')),
    });
    const resume = finished.headers.get('location')!;
    expect(new URL(resume, kapu.issuer).pathname).toMatch(/^\/auth\//);

    await agent.get('/session/end');
    const landed = await agent.get(resume);
    expect(stepOf(landed)).toBe('password');
    expect(await silently(service, agent)).toBe('login_required');
  });

  test('of a person who is signed in does so too, and the other tab begins anew', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { asked, page } = await atCodePage(kapu, service, 'anna', agent);
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    const answered = await agent.submit(page, { code: await kapu.codeFor(page) });
    expect(stepOf(answered)).toBe('password');
    const again = await agent.submit(answered, credentials('anna'));
    const back = await agent.submit(again, { code: await kapu.codeFor(again) });
    expect(errorOf(back)).toBeUndefined();
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });
});
