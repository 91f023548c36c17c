/** No dead ends (docs/design.md, section 7, rule 6): back buttons, stale pages, other browsers, sign-ins that ran out. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Page, textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { atCodePage, credentials, signIn, stepOf, walk } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, clock });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** The page says that it is over, why, and leads back to the service. */
function leadsBack(page: Page, heading: string): void {
  expect(page.status).toBe(410);
  expect(textOf(page)).toContain(heading);
  const serviceUrl = new URL(kapu.issuer);
  serviceUrl.port = String(Number(serviceUrl.port) + 1);
  expect(page.html).toContain(`href="${serviceUrl.href}"`);
  expect(textOf(page)).toContain('Back to Sample Phone App');
}
const finished = 'This sign-in is already finished';
const expired = 'Your sign-in has expired';

describe('the back button', () => {
  test('from the code page to the password: the browser goes on to the code, and no second mail is sent', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const passwordPage = page.url.href.replace(/email-code$/, 'password');
    expect(stepOf(await agent.get(passwordPage))).toBe('email-code');
    const resubmitted = await agent.post(passwordPage, credentials('anna'), { origin: kapu.issuer });
    expect(stepOf(resubmitted)).toBe('email-code');
    expect(stepOf(await agent.submit(resubmitted, { code: await kapu.codeFor(page) }))).toBe('service');
  });

  test('to the start: the same request may be made again', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent, { acr_values: 'plus' });
    await agent.submit(page, credentials('anna'));
    const again = await agent.get(asked.url);
    const { page: back } = await walk(kapu, agent, again);
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });

  test.each(['password', 'email-code', '', 'choose', 'consent'])(
    'after the end, to /%s: a page that leads on, for reading and for sending',
    async (step) => {
      const { agent, page } = await atCodePage(kapu, service);
      const code = await kapu.codeFor(page);
      await agent.submit(page, { code });
      const stale = page.url.href.replace('email-code', step);
      leadsBack(await agent.get(stale), finished);
      if (step !== '')
        leadsBack(await agent.post(stale, { ...credentials('anna'), code }, { origin: kapu.issuer }), finished);
    },
  );

  test('after the end, to where the library resumes: a page that leads on', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const back = await agent.submit(page, { code: await kapu.codeFor(page) });
    const resumed = back.through.find((url) => /\/auth\/[\w-]+$/.test(url))!;
    leadsBack(await agent.get(resumed), finished);
  });

  test('after the end, whatever name the client has', async () => {
    const clientId = 'odd%client%zz"id;,\\<b>';
    const { metadata } = (await kapu.records.clients.find('demo-native'))!;
    await kapu.records.clients.put(clientId, metadata);
    const agent = kapu.agent();
    const { page } = await (await kapu.service({ clientId })).visit(agent);
    expect(stepOf(await agent.submit(page, credentials('anna')))).toBe('service');
    leadsBack(await agent.get(page.url), finished);
  });

  test('after giving up: a page that leads on', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    await agent.submit(page, { cancel: '1' });
    leadsBack(await agent.get(page.url), finished);
  });
});

describe('another browser with the same address', () => {
  test('learns nothing, and harms nothing', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const other = kapu.agent();
    const code = await kapu.codeFor(page);
    for (const answer of [await other.get(page.url), await other.post(page.url, { code }, { origin: kapu.issuer })]) {
      expect(answer.status).toBe(410);
      expect(textOf(answer)).toContain('This sign-in was started in another browser');
      expect(answer.html).not.toContain('demo.example');
    }
    expect(stepOf(await agent.submit(page, { code }))).toBe('service');
  });

  test('cannot make up the cookie', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const uid = page.url.pathname.split('/')[2]!;
    const other = kapu.agent();
    for (const cookie of [
      `kapu-interaction=${uid}`,
      `kapu-interaction=${uid}; kapu-interaction.sig=AAAAAAAAAAAAAAAAAAAAAAAAAAA`,
    ]) {
      await other.jar.removeAllCookies();
      for (const each of cookie.split('; ')) await other.jar.setCookie(`${each}; path=/`, kapu.issuer);
      expect((await other.get(page.url)).status).toBe(410);
    }
    expect((await agent.get(page.url)).status).toBe(200);
  });

  test('with the cookies of the first one, after that one has finished: nothing is left to steal', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const thief = agent.copy();
    const code = await kapu.codeFor(page);
    await agent.submit(page, { code });
    expect((await thief.submit(page, { code })).status).toBe(410);
  });
});

describe('a sign-in that ran out', () => {
  test('before the password: a page that leads on, and a new start works', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    await clock.pass(31 * 60_000);
    leadsBack(await agent.submit(page, credentials('anna')), expired);
    leadsBack(await agent.get(page.url), expired);
    expect((await signIn(kapu, service, agent)).steps).toEqual(['password']);
  });

  test('before the code: likewise', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    await clock.pass(31 * 60_000);
    leadsBack(await agent.submit(page, { code }), expired);
  });

  test('in the very second in which it is used: no fault', async () => {
    const brief = await startKapu({
      change(settings) {
        roomy(settings);
        settings.times.interaction = '1s';
      },
    });
    try {
      const party = await brief.service();
      const outcomes = new Set<string>();
      for (let round = 0; round < 12; round++) {
        const agent = brief.agent();
        const { page } = await party.visit(agent);
        const answer = page.status === 200 ? await agent.submit(page, credentials('anna')) : page;
        outcomes.add(stepOf(answer) === 'service' ? 'service' : String(answer.status));
      }
      expect([...outcomes].filter((outcome) => outcome !== 'service' && outcome !== '410')).toEqual([]);
    } finally {
      await brief.stop();
    }
  });
});

describe('the session ends while a page of a step-up is open', () => {
  test.each(['get', 'submit'])('the same request starts anew (%s)', async (verb) => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { asked, page } = await service.visit(agent, { acr_values: 'plus' });
    await kapu.codeFor(page);
    for (const cookie of await agent.jar.getCookies(kapu.issuer))
      if (cookie.key.startsWith('kapu-session'))
        await agent.jar.setCookie(`${cookie.key}=; path=/; max-age=0`, kapu.issuer);
    const next = await (verb === 'get' ? agent.get(page.url) : agent.submit(page, { code: await kapu.codeFor(page) }));
    const { steps, page: back } = await walk(kapu, agent, next);
    expect(steps).toEqual(['password', 'email-code']);
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });
});

describe('an address that never was', () => {
  test.each([
    ['/interaction/nonsense', 410],
    ['/interaction/nonsense/password', 410],
    ['/interaction/%ff%fe/password', 410],
    ['/interaction/../../etc/passwd', 404],
    ['/interaction', 404],
    ['/nothing/here', 404],
    ['/auth/nonsense', 410],
    ['/session/end/success', 200],
    ['/assets/none.css', 404],
  ])('%s is answered with words: %i', async (path, status) => {
    const page = await kapu.agent().get(path);
    expect([page.status, textOf(page)]).toEqual([
      status,
      expect.stringMatching(/start signing in from there|signed out/),
    ]);
  });
});
