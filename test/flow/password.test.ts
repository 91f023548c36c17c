/** What a wrong password, an unknown user name and a disabled account look like: the same (docs/design.md, section 7, rule 2). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Page, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, errorOf, signIn, silently, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      // Dearer than needed, so that time spent on hashing stands out from noise.
      settings.password.memoryCost = 38_912;
    },
  });
  service = await kapu.service();
  const john = await kapu.records.accounts.findByUsername('john');
  await kapu.records.accounts.setStatus(john!.id, 'disabled');
  await kapu.records.accounts.add({ username: 'without-password', locale: 'en' });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const refused: [string, string, string][] = [
  ['a wrong password', 'anna', 'wrong password'],
  ['an unknown user name', 'nobody-of-this-name', 'wrong password'],
  ['a disabled account', 'john', credentials('john').password],
  ['an account without a password', 'without-password', 'wrong password'],
  ['a name longer than any', 'n'.repeat(300), 'wrong password'],
];

/** The page without what differs by right: the name that was typed and this sign-in's address. */
function alike(page: Page, username: string): object {
  const html = page.html.replaceAll(username, 'NAME').replaceAll(page.url.pathname.split('/')[2]!, 'UID');
  const headers = Object.fromEntries(page.headers);
  for (const name of ['date', 'x-request-id', 'content-length', 'keep-alive']) delete headers[name];
  return { status: page.status, html, headers };
}

describe('who is refused', () => {
  test.each(refused)('for %s learns no more than that', async (_why, username, secret) => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    const answer = await agent.submit(page, { username, password: secret });
    expect(textOf(answer)).toContain('The username or the password is not right.');

    const { page: other } = await service.visit(kapu.agent());
    const known = kapu.agent();
    const wrong = await known.submit((await service.visit(known)).page, { username: 'anna', password: 'wrong' });
    expect(alike(answer, username)).toEqual(alike(wrong, 'anna'));
    expect(other.status).toBe(200);
  });

  test('keeps the name that was typed, and never the password', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    const answer = await agent.submit(page, { username: 'anna', password: 'my typing mistake' });
    expect(answer.html).toMatch(/<input[^>]*name="username"[^>]*value="anna"/);
    expect(answer.html).not.toContain('my typing mistake');
  });

  test('may try again, in the same sign-in', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    const wrong = await agent.submit(page, { username: 'anna', password: 'wrong' });
    const back = await agent.submit(wrong, credentials('anna'));
    expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
  });

  test('costs the server as much as anybody else', async () => {
    const costs = new Map<string, number[]>(refused.map(([why]) => [why, []]));
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    for (let round = 0; round < 5; round++) {
      for (const [why, username, secret] of refused) {
        // All threads of the process: what others have the machine do meanwhile does not count.
        const before = process.cpuUsage();
        await agent.submit(page, { username, password: secret });
        const { user, system } = process.cpuUsage(before);
        costs.get(why)!.push(user + system);
      }
    }
    // The quickest of several: noise only ever adds. A hash left out would be a tenth.
    const quickest = [...costs.values()].map((each) => Math.min(...each));
    expect(Math.min(...quickest)).toBeGreaterThan(0.5 * Math.max(...quickest));
  });
});

describe('an account that is disabled while a session is open', () => {
  test('is signed out: nothing silent, no claims, no refresh', async () => {
    const { accounts } = kapu.records;
    const account = await accounts.findByUsername('anna');
    const agent = kapu.agent();
    const offline = { scope: 'openid offline_access', prompt: 'consent' };
    const { tokens } = await signIn(kapu, service, agent, offline);
    await accounts.setStatus(account!.id, 'disabled');
    try {
      expect(await silently(service, agent)).toBe('login_required');
      const userinfo = await fetch(`${kapu.issuer}/userinfo`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
      expect(userinfo.status).toBe(401);
      const refresh = await fetch(`${kapu.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: 'demo-native',
          refresh_token: tokens.refresh_token!,
        }),
      });
      expect([refresh.status, await refresh.json()]).toMatchObject([400, { error: 'invalid_grant' }]);

      const { page } = await service.visit(agent);
      expect(stepOf(page)).toBe('password');
      expect(page.html).not.toContain('value="anna"');
      expect((await agent.submit(page, credentials('anna'))).status).toBe(422);
      const other = await signIn(kapu, service, agent, {}, 'bela');
      expect(other.steps).toEqual(['password']);
    } finally {
      await accounts.setStatus(account!.id, 'active');
    }
  });

  test.each(['consent', 'select_account'])(
    'at the page of prompt=%s: back at the service, with nothing',
    async (prompt) => {
      const { accounts } = kapu.records;
      const account = await accounts.findByUsername('anna');
      const agent = kapu.agent();
      await signIn(kapu, service, agent);
      const { page } = await service.visit(agent, { prompt });
      await accounts.setStatus(account!.id, 'disabled');
      try {
        expect(errorOf(await agent.submit(page, { allow: '1' }))).toBe('access_denied');
        expect(stepOf((await service.visit(agent)).page)).toBe('password');
      } finally {
        await accounts.setStatus(account!.id, 'active');
      }
    },
  );
});
