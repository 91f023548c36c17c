/** The own pages where Kapu stands behind a proxy that speaks TLS, and while a store is away. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials } from '../flow/journey.ts';
import { rawRequest, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { expectPage, visit } from './journey.ts';

describe('behind a proxy, with an https issuer', () => {
  let kapu: TestKapu;
  const issuer = 'https://login.example';

  beforeAll(async () => {
    kapu = await startKapu({
      change(settings) {
        roomy(settings);
        settings.issuer = issuer;
        settings.trustedProxies = ['127.0.0.1', '::1'];
      },
    });
  });
  afterAll(() => kapu.stop());

  test('the sign-in is redeemed without a network, and the cookies are for this host alone', async () => {
    const jar = new Map<string, string>();
    const send = async (path: string, form?: Record<string, string>) => {
      const headers = {
        host: 'login.example',
        accept: 'text/html',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '192.0.2.7',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { origin: issuer, 'content-type': 'application/x-www-form-urlencoded' }),
      };
      const origin = `http://localhost:${kapu.settings.listen.port}`;
      const body = form && new URLSearchParams(form).toString();
      const answer = await rawRequest(origin, { path, method: form ? 'POST' : 'GET', headers }, body);
      const cookies = answer.headers['set-cookie'] ?? [];
      for (const cookie of cookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie)!;
        if (value) jar.set(name, value);
        else jar.delete(name);
      }
      return { ...answer, cookies, location: answer.headers.location };
    };
    const pathOf = (location: string | undefined) => {
      const url = new URL(location!, issuer);
      expect(url.origin).toBe(issuer);
      return `${url.pathname}${url.search}`;
    };
    let answer = await send('/account');
    while (answer.status === 303) answer = await send(pathOf(answer.location));
    const [, action] = /method="post" action="([^"]+)"/.exec(answer.body)!;
    answer = await send(action!, credentials('anna'));
    const cookies: string[] = [];
    while (answer.status === 303) {
      answer = await send(pathOf(answer.location));
      cookies.push(...answer.cookies);
    }
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('a***@demo.example')]);
    const own = cookies.find((cookie) => cookie.startsWith('__Host-kapu-account='));
    expect(own).toMatch(/; path=\/; secure; httponly; samesite=lax$|; path=\/; samesite=lax; secure; httponly$/i);
    const [issued] = (await kapu.records.audit.list({ limit: 20 })).filter(({ event }) => event === 'token.issued');
    expect(issued).toMatchObject({ clientId: 'kapu-account', origin: '127.0.0.1' });
  });
});

describe('while Redis is away', () => {
  let redis: RedisServer;
  let kapu: TestKapu;

  beforeAll(async () => {
    redis = await startRedis();
    kapu = await startKapu({
      change(settings) {
        roomy(settings);
        settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 300 };
      },
    });
  });
  afterEach(() => eventually('ready', async () => (await fetch(`${kapu.operations}/health/ready`)).status === 200));
  afterAll(async () => {
    expect(await kapu?.leaks()).toEqual([]);
    await kapu?.stop();
    await redis?.stop();
  });

  test('the own pages say so with a way on, and nothing changes; then they are back', async () => {
    const agent = kapu.agent();
    const { page } = await visit(kapu, agent, '/account/sessions');
    expectPage(page, '/account/sessions');
    await redis.pause();
    for (const path of ['/account', '/account/sessions', '/account/methods/totp', '/account/callback?state=x']) {
      const away = await agent.get(path);
      expect([path, away.status, textOf(away)]).toEqual([path, 503, expect.stringContaining('Try again')]);
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await agent.post('/account/sessions/end-all', {})).status).toBe(503);
    expect((await kapu.agent().get('/account')).status).toBe(503);
    await redis.resume();
    await eventually('the pages are back', async () => (await agent.get('/account')).status === 200);
    expectPage(await agent.get('/account/sessions'), '/account/sessions');
    expect((await kapu.records.accounts.findByUsername('anna'))?.validSince).toBeUndefined();
  });
});
