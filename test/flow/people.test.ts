/** One browser, several people: whoever signs in takes the place of the one before, cleanly (docs/design.md, trap 8). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Agent } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, credentials, errorOf, signIn, silently, stepOf, walk } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
let subjects: Record<string, string>;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
  const subject = async (name: string) => (await signIn(kapu, service, kapu.agent(), {}, name)).claims.sub;
  subjects = { anna: await subject('anna'), john: await subject('john') };
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const userinfo = (token: string) =>
  fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);

async function signedIn(username: string, parameters: Record<string, string> = {}) {
  const agent = kapu.agent();
  return { agent, ...(await signIn(kapu, service, agent, parameters, username)) };
}

/** Who the browser is signed in as. */
async function whoIn(agent: Agent): Promise<string | undefined> {
  const answer = await silently(service, agent);
  if (typeof answer === 'string') return answer;
  return Object.keys(subjects).find((name) => subjects[name] === answer.claims.sub);
}

describe('john signs in where anna is signed in', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['prompt=login', { prompt: 'login' }, ['password']],
    ['prompt=login and plus', { prompt: 'login', acr_values: 'plus' }, ['password', 'email-code']],
    ['max_age=0', { max_age: '0' }, ['password']],
  ])('with %s: a clean change, without a page of the library', async (_how, parameters, expected) => {
    const { agent, tokens } = await signedIn('anna', { acr_values: 'plus' });
    const before = await agent.cookie('kapu-session');
    const { steps, claims, page } = await attempt(kapu, service, agent, parameters, 'john');
    expect([steps, claims?.sub]).toEqual([expected, subjects.john]);
    expect(page.through.join(' ')).not.toContain('/session/end');
    expect(await agent.cookie('kapu-session')).not.toBe(before);
    expect(await whoIn(agent)).toBe('john');
    expect(await userinfo(tokens.access_token)).toBe(401);
  });

  test('nothing that anna proved counts for john', async () => {
    const { agent } = await signedIn('anna', { acr_values: 'plus' });
    await signIn(kapu, service, agent, { prompt: 'login' }, 'john');
    expect(await silently(service, agent, { acr_values: 'plus' })).toBe('login_required');
    expect((await signIn(kapu, service, agent, { acr_values: 'plus' }, 'john')).steps).toEqual(['email-code']);
  });

  test('anna may come back, and nothing of before counts for her either', async () => {
    const { agent } = await signedIn('anna', { acr_values: 'plus' });
    await signIn(kapu, service, agent, { prompt: 'login' }, 'john');
    await signIn(kapu, service, agent, { prompt: 'login' }, 'anna');
    expect(await whoIn(agent)).toBe('anna');
    expect(await silently(service, agent, { acr_values: 'plus' })).toBe('login_required');
  });

  test("tokens of anna's that do not hang on the session stay hers", async () => {
    const { agent, tokens } = await signedIn('anna', { scope: 'openid offline_access', prompt: 'consent' });
    await signIn(kapu, service, agent, { prompt: 'login' }, 'john');
    expect(await userinfo(tokens.access_token)).toBe(200);
  });

  test('gives up before the code: anna stays signed in', async () => {
    const { agent, tokens } = await signedIn('anna');
    const { page } = await service.visit(agent, { prompt: 'login', acr_values: 'plus' });
    const codePage = await agent.submit(page, credentials('john'));
    expect(stepOf(codePage)).toBe('email-code');
    expect(errorOf(await agent.submit(codePage, { cancel: '1' }))).toBe('unmet_authentication_requirements');
    expect(await whoIn(agent)).toBe('anna');
    expect(await userinfo(tokens.access_token)).toBe(200);
  });
});

describe('within one sign-in', () => {
  test('whoever gives the password last is the one who is asked for the code', async () => {
    const agent = kapu.agent();
    const first = await service.visit(agent, { acr_values: 'plus' });
    const annas = await agent.submit(first.page, credentials('anna'));
    const code = await kapu.codeFor(annas);
    const second = await service.visit(agent, { acr_values: 'plus' });
    const johns = await agent.submit(second.page, credentials('john'));
    expect((await agent.submit(johns, { code })).status).toBe(422);
    const { page: back } = await walk(kapu, agent, johns, 'john');
    expect((await second.asked.redeem(back.url)).claims.sub).toBe(subjects.john);
  });

  test('a page of before, filled in by somebody else after another tab has signed in: nobody goes on as another than they said', async () => {
    const agent = kapu.agent();
    const [annas, johns] = [await service.visit(agent), await service.visit(agent)];
    await agent.submit(annas.page, credentials('anna'));
    const asked = await agent.submit(johns.page, credentials('john'));
    expect(stepOf(asked)).toBe('password');
    const back = await agent.submit(asked, credentials('john'));
    const { claims } = await johns.asked.redeem(back.url);
    const own = await signIn(kapu, service, kapu.agent(), {}, 'john');
    expect(claims.sub).toBe(own.claims.sub);
    expect(await silently(service, agent)).toMatchObject({ claims: { sub: claims.sub } });
  });

  test('two people who finish at once, in two tabs: nobody gets the token of the other, and one of them stays', async () => {
    for (let round = 0; round < 6; round++) {
      const agent = kapu.agent();
      const names = ['anna', 'john'];
      const tabs = [await service.visit(agent), await service.visit(agent)];
      const backs = await Promise.all(tabs.map(({ page }, at) => agent.submit(page, credentials(names[at]!))));
      const stays = await whoIn(agent);
      expect(names).toContain(stays);
      for (const [at, { asked }] of tabs.entries()) {
        expect(errorOf(backs[at]!)).toBeUndefined();
        const got = await asked.redeem(backs[at]!.url).then(
          ({ claims }) => claims.sub,
          ({ error }: { error: string }) => error,
        );
        const own = subjects[names[at]!];
        expect(names[at] === stays ? [own] : [own, 'invalid_grant']).toContain(got);
      }
    }
  });
});
