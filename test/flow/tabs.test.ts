/** One browser, several tabs: what they do at once neither fails nor costs the person the session (docs/design.md, traps 5, 6 and 9). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Agent } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { atCodePage, credentials, signIn, silently, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
/** Waited for before a session is written, when a test sets it. */
let beforeWriting: (() => Promise<void>) | undefined;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({
    change: roomy,
    clock,
    around: (state) => ({
      ...state,
      async merge(key, ...rest) {
        if (key.startsWith('Session:') && beforeWriting) {
          const wait = beforeWriting;
          beforeWriting = undefined;
          await wait();
        }
        return state.merge(key, ...rest);
      },
    }),
  });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const userinfo = (token: string) =>
  fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
const sessionOf = (agent: Agent) => agent.cookie('kapu-session');
const times = (count: number) => Array.from({ length: count }, (_, at) => at);

async function signedIn(parameters: Record<string, string> = {}): Promise<Agent> {
  const agent = kapu.agent();
  await signIn(kapu, service, agent, parameters);
  return agent;
}

describe('two tabs', () => {
  test.each(['get', 'submit'])(
    'at the password: when one has signed in, the other goes on by itself (%s)',
    async (verb) => {
      const agent = kapu.agent();
      const [one, other] = [await service.visit(agent), await service.visit(agent)];
      await agent.submit(one.page, credentials('anna'));
      const back = await (verb === 'get' ? agent.get(other.page.url) : agent.submit(other.page, credentials('anna')));
      expect((await other.asked.redeem(back.url)).claims.acr).toBe('basic');
    },
  );

  test('at the password, for another level: the other goes on with the code alone', async () => {
    const agent = kapu.agent();
    const [basic, plus] = [await service.visit(agent), await service.visit(agent, { acr_values: 'plus' })];
    await agent.submit(basic.page, credentials('anna'));
    expect(stepOf(await agent.get(plus.page.url))).toBe('email-code');
  });

  test('of one service, twenty rounds at once: every code is good', async () => {
    const agent = await signedIn();
    for (const _ of times(20)) {
      const both = await Promise.all([signIn(kapu, service, agent), signIn(kapu, service, agent)]);
      for (const { tokens } of both) expect(await userinfo(tokens.access_token)).toBe(200);
    }
  });

  test('that sign in at once are both served, and the browser stays signed in', async () => {
    for (const _ of times(5)) {
      const agent = kapu.agent();
      const tabs = [await service.visit(agent), await service.visit(agent)];
      const backs = await Promise.all(tabs.map(({ page }) => agent.submit(page, credentials('anna'))));
      for (const [at, { asked }] of tabs.entries())
        expect((await asked.redeem(backs[at]!.url)).claims.acr).toBe('basic');
      expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
    }
  });

  test('that step up at once both reach plus', async () => {
    for (const _ of times(5)) {
      const agent = await signedIn();
      const tabs = [await atCodePage(kapu, service, 'anna', agent), await atCodePage(kapu, service, 'anna', agent)];
      const codes = await Promise.all(tabs.map(({ page }) => kapu.codeFor(page)));
      const backs = await Promise.all(tabs.map(({ page }, at) => agent.submit(page, { code: codes[at]! })));
      for (const [at, { asked }] of tabs.entries())
        expect((await asked.redeem(backs[at]!.url)).claims.acr).toBe('plus');
      expect(await silently(service, agent, { acr_values: 'plus' })).toMatchObject({ claims: { acr: 'plus' } });
    }
  });
});

describe('four services at once', () => {
  const parties = () =>
    Promise.all([
      service,
      kapu.service({ clientId: 'demo-web', secret: 'demo-web-secret-0123456789abcdef' }),
      kapu.service({ clientId: 'demo-plus' }),
      kapu.service({
        clientId: 'demo-service',
        secret: 'demo-service-secret-0123456789abcdef',
        redirectUri: `http://localhost:${Number(new URL(kapu.issuer).port) + 1}/callback`,
      }),
    ]);

  test('are all served, and signing out reaches every one', async () => {
    const agent = await signedIn({ acr_values: 'plus' });
    const signed = await Promise.all((await parties()).map((party) => signIn(kapu, party, agent)));
    for (const { tokens } of signed) expect(await userinfo(tokens.access_token)).toBe(200);
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    for (const { tokens } of signed) expect(await userinfo(tokens.access_token)).toBe(401);
  });
});

describe('the session cookie', () => {
  test('is another one after the sign-in and after the step-up, and the old one is worth nothing (ASVS 7.2.4)', async () => {
    const agent = await signedIn();
    const old = agent.copy();
    await signIn(kapu, service, agent, { acr_values: 'plus' });
    expect(await sessionOf(agent)).not.toBe(await sessionOf(old));
    expect(await silently(service, old)).toBe('login_required');
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'plus' } });
  });

  test('has at least 128 random bits, and scripts cannot read it (ASVS 7.2.3, 3.3.4; trap 13)', async () => {
    const agent = await signedIn();
    const [cookie] = (await agent.jar.getCookies(kapu.issuer)).filter(({ key }) => key === 'kapu-session');
    expect(cookie!.value.length).toBeGreaterThanOrEqual(21);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/', expires: 'Infinity' });
    // 43 characters of base64url are SHA-256; the default, SHA-1, has 27.
    expect(await agent.cookie('kapu-session.sig')).toHaveLength(43);
  });

  test('is not taken without its signature', async () => {
    const agent = await signedIn();
    const session = await sessionOf(agent);
    const bare = kapu.agent();
    await bare.jar.setCookie(`kapu-session=${session}; path=/`, kapu.issuer);
    expect(await silently(service, bare)).toBe('login_required');
  });

  test.each<[string, Record<string, string>]>([
    ['silent', { prompt: 'none' }],
    ['plain', {}],
    ['asking', { acr_values: 'plus' }],
  ])('of a %s request that comes after a renewal is not renewed by it', async (_kind, parameters) => {
    const agent = await signedIn();
    const old = agent.copy();
    const before = await sessionOf(old);
    await signIn(kapu, service, agent, { prompt: 'login' });
    await service.visit(old, parameters);
    expect(await sessionOf(old)).toBe(before);
  });

  /** A silent request that has read the session while `act` runs, and writes it afterwards. */
  async function late(agent: Agent, act: () => Promise<unknown>): Promise<void> {
    const { promise: acted, resolve } = Promise.withResolvers<void>();
    const { promise: reached, resolve: arrived } = Promise.withResolvers<void>();
    beforeWriting = async () => {
      arrived();
      await acted;
    };
    const request = service.visit(agent, { prompt: 'none' });
    await reached;
    await act();
    resolve();
    await request;
  }

  test('survives a request that was under way while it was renewed, and the old one does not', async () => {
    const agent = await signedIn();
    const old = agent.copy();
    const { asked, page } = await atCodePage(kapu, service, 'anna', agent);
    const code = await kapu.codeFor(page);
    await late(agent, async () => {
      const back = await agent.submit(page, { code });
      expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
    });
    expect(await silently(service, agent, { acr_values: 'plus' })).toMatchObject({ claims: { acr: 'plus' } });
    expect(await silently(service, old)).toBe('login_required');
  });

  test('keeps the newer proof, whichever request writes last', async () => {
    const agent = await signedIn();
    await clock.pass(10 * 60_000);
    await late(agent, () => signIn(kapu, service, agent, { prompt: 'login' }));
    expect(await silently(service, agent, { max_age: '300' })).toMatchObject({ claims: { acr: 'basic' } });
  });

  test('is not brought back by a request that was under way while the person signed out', async () => {
    const agent = await signedIn();
    const old = agent.copy();
    await late(old, async () => agent.submit(await agent.get('/session/end'), { logout: 'yes' }));
    expect(await silently(service, old)).toBe('login_required');
  });
});
