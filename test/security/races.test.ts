/**
 * What must be decided once is decided once, however many ask at the same moment: on memory and on a real Redis
 * (ASVS 15.4.2, 6.5.1, 10.4.2, 10.4.5; docs/design.md, trap 4).
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import type { SettingsInput } from '../../config/settings.ts';
import { atCodePage, errorOf, signIn, silently, stepOf, walk } from '../flow/journey.ts';
import { textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import type { RelyingParty } from '../support/relying-party.ts';

const offline = { scope: 'openid offline_access', prompt: 'consent' };
const times = <T>(count: number, what: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => what(at)));
/** How many of the calls succeeded; the others must all say invalid_grant. */
async function winners<T>(calls: Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(calls);
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ error: 'invalid_grant' });
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

describe.each(['memory', 'redis'])('on %s', (kind) => {
  let redis: RedisServer | undefined;
  let kapu: TestKapu;
  let service: RelyingParty;

  beforeAll(async () => {
    redis = kind === 'redis' ? await startRedis() : undefined;
    kapu = await startKapu({
      change(settings: SettingsInput) {
        roomy(settings);
        settings.password.memoryCost = 64;
        if (redis) settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 5000 };
      },
    });
    service = await kapu.service();
  });
  afterAll(async () => {
    expect(await kapu?.leaks()).toEqual([]);
    await kapu?.stop();
    await redis?.stop();
  });

  const userinfo = (token: string) =>
    fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);

  test('fifty submissions of one e-mail code: exactly one passes', async () => {
    const { agent, asked, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    const browsers = await times(50, async () => agent.copy());
    const answers = await Promise.all(
      browsers.map((browser) => browser.post(page.url, { code }, { origin: kapu.issuer })),
    );
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const passed = (await kapu.records.audit.list({ limit: 1000 })).filter(
      ({ event }) => event === 'email-code.passed',
    );
    expect(passed).toHaveLength(1);
    const back = answers.find((answer) => stepOf(answer) === 'service')!;
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });

  test('fifty guesses at once: five are compared, and no more', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    const before = await kapu.records.audit.list({ limit: 1000 });
    await times(50, (at) =>
      agent.post(page.url, { code: String((Number(code) + 1 + at) % 1_000_000).padStart(6, '0') }),
    );
    const after = await kapu.records.audit.list({ limit: 1000 });
    const refusals = after.slice(0, after.length - before.length).map(({ detail }) => detail?.reason);
    expect(refusals.filter((reason) => reason === 'wrong-code')).toHaveLength(5);
    // Written once, whoever repeats it; parallel ones may meet before the first is written.
    const spent = refusals.filter((reason) => reason === 'codes-spent').length;
    expect([spent >= 1, spent <= 45]).toEqual([true, true]);
    expect(stepOf(await agent.submit(page, { code }))).toBe('none');
  });

  test('forty authorization codes, each redeemed four times at once: none twice, and nothing is left of any', async () => {
    const codes = await times(40, async () => {
      const agent = kapu.agent();
      const { asked, page } = await service.visit(agent);
      return { asked, back: (await walk(kapu, agent, page)).page.url };
    });
    const redeemed = await Promise.all(
      codes.map(({ asked, back }) => winners([1, 2, 3, 4].map(() => asked.redeem(back)))),
    );
    expect(redeemed.filter((each) => each.length > 1)).toEqual([]);
    for (const [winner] of redeemed) if (winner) expect(await userinfo(winner.tokens.access_token)).toBe(401);
  });

  test('one refresh token, used fifty times at once: once at most, and nothing is left of it', async () => {
    const { tokens } = await signIn(kapu, service, kapu.agent(), offline);
    const won = await winners(
      Array.from({ length: 50 }, () => refreshTokenGrant(service.config, tokens.refresh_token!)),
    );
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { access_token, refresh_token } of won) {
      expect(await userinfo(access_token)).toBe(401);
      await expect(refreshTokenGrant(service.config, refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
    }
    expect(await userinfo(tokens.access_token)).toBe(401);
  });

  test('one pushed request, opened fifty times at once: one code (RFC 9126, 4)', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { url } = await service.ask();
    const pushed = await fetch(`${kapu.issuer}/request`, { method: 'POST', body: url.searchParams });
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    const opened = `/auth?${new URLSearchParams({ client_id: 'demo-native', request_uri })}`;
    const pages = await times(50, () => agent.get(opened));
    expect(pages.filter((page) => page.url.searchParams.has('code'))).toHaveLength(1);
    // Who comes after the winner is told here; who had already read the request is told at the service's address.
    const refused = pages.filter(
      (page) =>
        (stepOf(page) === 'service' && errorOf(page) === 'invalid_request_uri') ||
        (page.status === 400 && textOf(page).includes('invalid_request_uri')),
    );
    expect(refused).toHaveLength(49);
  });

  test('a code used again later revokes what it gave, and the session starts a new grant', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    const { page: back } = await walk(kapu, agent, page);
    const { tokens } = await asked.redeem(back.url);
    expect(await userinfo(tokens.access_token)).toBe(200);
    const logged = kapu.log.length;
    await expect(asked.redeem(back.url)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await userinfo(tokens.access_token)).toBe(401);
    const next = await silently(service, agent);
    if (typeof next === 'string') throw new Error(next);
    expect(await userinfo(next.tokens.access_token)).toBe(200);
    expect(await userinfo(tokens.access_token)).toBe(401);
    expect(kapu.log.slice(logged).filter((line) => line.includes('used twice'))).toHaveLength(1);
  });
});
