/** Redis is away or silent: limits fail closed, answers say so quickly, and nobody has to start anything again (docs/design.md, section 7, rule 3; trap 15). */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { atCodePage, credentials, signIn, silently, stepOf } from '../flow/journey.ts';
import { expectReference } from '../security/answers.ts';
import { type Page, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let redis: RedisServer;
let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  redis = await startRedis();
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 300 };
    },
  });
  service = await kapu.service();
});
beforeEach(() => eventually('ready', async () => (await fetch(`${kapu.operations}/health/ready`)).status === 200));
afterAll(async () => {
  expect(await kapu?.leaks()).toEqual([]);
  await kapu?.stop();
  await redis?.stop();
});

/** A person is told that it is us, when to try again, and with what reference. */
function expectUnavailable(page: Page): void {
  expect(page.status).toBe(503);
  expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(textOf(page)).toContain('Signing in is not available right now');
  expectReference(kapu, page);
}

async function token(fields: Record<string, string>) {
  const answer = await fetch(`${kapu.issuer}/token`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() };
}

const faults: [string, () => Promise<void> | void, () => Promise<void> | void][] = [
  ['away', () => redis.kill(), () => redis.restart()],
  ['silent', () => redis.pause(), () => redis.resume()],
];

describe.each(faults)('while Redis is %s', (kind, begin, end) => {
  test('people hear 503, services temporarily_unavailable, quickly; and it passes by itself', async () => {
    const signedIn = kapu.agent();
    const { tokens } = await signIn(kapu, service, signedIn, { scope: 'openid offline_access', prompt: 'consent' });
    const waiting = kapu.agent();
    const { page } = await service.visit(waiting);
    const code = await atCodePage(kapu, service, 'john');
    const sent = await kapu.codeFor(code.page);

    await begin();
    try {
      const started = performance.now();
      expectUnavailable((await service.visit(kapu.agent())).page);
      expectUnavailable((await service.visit(signedIn, { prompt: 'none' })).page);
      const read = await waiting.get(page.url);
      expectUnavailable(read);
      expect(read.html).toContain(`href="${page.url.pathname}"`);
      expectUnavailable(await waiting.submit(page, credentials('anna')));
      expectUnavailable(await code.agent.submit(code.page, { code: sent }));
      expectUnavailable(await code.agent.submit(code.page, { resend: '1' }));
      expectUnavailable(await signedIn.get('/session/end'));
      const refresh = { grant_type: 'refresh_token', client_id: 'demo-native', refresh_token: tokens.refresh_token! };
      expect(await token(refresh)).toMatchObject({
        status: 503,
        retryAfter: expect.stringMatching(/^\d+$/),
        body: { error: 'temporarily_unavailable' },
      });
      const userinfo = await fetch(`${kapu.issuer}/userinfo`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
      expect(userinfo.status).toBe(503);
      // Eight answers, each of a few commands that are given 300 ms at most.
      expect(performance.now() - started).toBeLessThan(15_000);
      expect((await fetch(`${kapu.operations}/health/live`)).status).toBe(200);
      expect((await fetch(`${kapu.operations}/health/ready`)).status).toBe(503);
      expect((await fetch(`${kapu.issuer}/.well-known/openid-configuration`)).status).toBe(200);
    } finally {
      await end();
    }

    await eventually('ready again', async () => (await fetch(`${kapu.operations}/health/ready`)).status === 200);
    expect((await signIn(kapu, service, kapu.agent(), { acr_values: 'plus' })).claims.acr).toBe('plus');
    if (kind === 'silent') {
      expect(await silently(service, signedIn)).toMatchObject({ claims: { acr: 'basic' } });
      expect(stepOf(await waiting.submit(page, credentials('anna')))).toBe('service');
    } else {
      // What Redis held is lost: the person signs in again, and is told so in words.
      expect(await silently(service, signedIn)).toBe('login_required');
      expect((await waiting.get(page.url)).status).toBe(410);
    }
  });
});
