/**
 * The plan for back-channel logout from outside: services that are told of a sign-out, whatever state they are in
 * (OpenID Connect Back-Channel Logout 1.0).
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { refreshTokenGrant } from 'openid-client';
import { credentials, signIn, silently } from '../../flow/journey.ts';
import { type Agent, textOf } from '../../support/agent.ts';
import { eventually } from '../../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import type { SignedIn } from '../../support/relying-party.ts';
import { read, wire } from '../wire.ts';

/** How a service answers: by these statuses, the last one for good; or never; or not at all. */
type Manner = number[] | 'slow';
interface Told {
  token: string;
  claims: ReturnType<typeof decodeJwt>;
  type: string | undefined;
}

let kapu: TestKapu;
let receiver: Server;
const manners = new Map<string, Manner>();
const told = new Map<string, Told[]>();
const heardBy = (clientId: string) => told.get(clientId) ?? [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const clientId = request.url!.slice(1);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token')!;
      const before = heardBy(clientId);
      told.set(clientId, [...before, { token, claims: decodeJwt(token), type: request.headers['content-type'] }]);
      const manner = manners.get(clientId) ?? [200];
      if (manner === 'slow') return;
      const status = manner[Math.min(before.length, manner.length - 1)]!;
      if (status === 302) response.setHeader('location', '/redirected');
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.outbound = { networks: ['127.0.0.0/8'] };
      settings.backChannelLogout = { patience: '1s', retryAfter: [50, 100, 200], atOnce: 4, waiting: 100 };
    },
  });
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** A service that is told; `at` in the place of its address at the receiver. */
async function service(clientId: string, more: Record<string, unknown> = {}, manner: Manner = [200]) {
  manners.set(clientId, manner);
  const { port } = receiver.address() as AddressInfo;
  await kapu.records.clients.put(clientId, {
    client_name: clientId,
    client_uri: 'http://127.0.0.1:45454/',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1:45454/callback'],
    post_logout_redirect_uris: ['http://127.0.0.1:45454/'],
    backchannel_logout_uri: `http://127.0.0.1:${port}/${clientId}`,
    backchannel_logout_session_required: true,
    ...more,
  });
  return kapu.service({ clientId });
}

const signOut = async (agent: Agent) => agent.submit(await agent.get('/session/end'), { logout: 'yes' });
const audited = async (event: string, clientId: string) =>
  (await kapu.records.audit.list({ limit: 1000 })).filter(
    (entry) => entry.event === event && entry.clientId === clientId,
  );
const hasHeard = (clientId: string, count = 1) =>
  eventually(`${clientId} is told ${count} times`, () => heardBy(clientId).length >= count);

describe('a service that is told', () => {
  test('gets a logout token about the very session that it has signed in', async () => {
    const agent = kapu.agent();
    const { claims } = await signIn(kapu, await service('heard'), agent);
    expect(claims.sid).toMatch(/^[\w-]{32}$/);
    await signOut(agent);
    await hasHeard('heard');
    const [{ token, type }] = heardBy('heard') as [Told];
    expect(type).toBe('application/x-www-form-urlencoded');
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`)), {
      issuer: kapu.issuer,
      audience: 'heard',
      typ: 'logout+jwt',
      algorithms: ['ES256'],
    });
    expect(payload).toEqual({
      iss: kapu.issuer,
      aud: 'heard',
      sub: claims.sub,
      sid: claims.sid,
      jti: expect.stringMatching(/^[\w-]{20,}$/),
      iat: expect.any(Number),
      exp: payload.iat! + 120,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    await eventually('it is audited', async () => (await audited('logout.told', 'heard')).length === 1);
    const [entry] = await audited('logout.told', 'heard');
    expect(entry).toMatchObject({ detail: { tries: 1 }, reference: expect.any(String), accountId: expect.any(String) });
  });

  test('by the algorithm of its ID tokens', async () => {
    const agent = kapu.agent();
    const rsa = await service('rsa', { id_token_signed_response_alg: 'RS256' });
    await signIn(kapu, rsa, agent);
    await signOut(agent);
    await hasHeard('rsa');
    expect(decodeProtectedHeader(heardBy('rsa')[0]!.token)).toMatchObject({ alg: 'RS256', typ: 'logout+jwt' });
  });

  test('cannot use the logout token as an ID token', async () => {
    const agent = kapu.agent();
    const hinted = await service('hinted');
    await signIn(kapu, hinted, agent);
    await signOut(agent);
    await hasHeard('hinted');
    const hint = { id_token_hint: heardBy('hinted')[0]!.token };
    expect((await kapu.agent().get(`/session/end?${new URLSearchParams(hint)}`)).status).toBe(400);
    const { page } = await hinted.visit(kapu.agent(), hint);
    expect(page.url.searchParams.get('error')).toBe('invalid_request');
  });

  test('is told of the session that ended, not of another of the same person', async () => {
    const [one, other] = [kapu.agent(), kapu.agent()];
    const two = await service('two');
    const [first, second] = [await signIn(kapu, two, one), await signIn(kapu, two, other)];
    expect(first.claims.sub).toBe(second.claims.sub);
    expect(first.claims.sid).not.toBe(second.claims.sid);
    await signOut(one);
    await hasHeard('two');
    expect(heardBy('two').map(({ claims }) => claims.sid)).toEqual([first.claims.sid]);
    expect(await silently(two, other)).toMatchObject({ claims: { sid: second.claims.sid } });
  });

  test('has one sid, in however many tabs it signs in at once, and in refreshed ID tokens', async () => {
    const agent = kapu.agent();
    const tabs = await service('tabs');
    const { claims, tokens } = await signIn(kapu, tabs, agent, { scope: 'openid offline_access', prompt: 'consent' });
    const refreshed = await refreshTokenGrant(tabs.config, tokens.refresh_token!);
    expect(refreshed.claims()?.sid).toBe(claims.sid);
    const rounds = await Promise.all(Array.from({ length: 8 }, () => silently(tabs, agent)));
    for (const round of rounds) expect(round).toMatchObject({ claims: { sid: claims.sid } });
    await signOut(agent);
    await hasHeard('tabs');
    expect(heardBy('tabs').map(({ claims: { sid } }) => sid)).toEqual([claims.sid]);
  });
});

describe('four services', () => {
  const names = ['tax', 'health', 'school', 'roads'];

  test('signed in to at once in one browser are told once each, of the sid that each knows', async () => {
    const services = await Promise.all(names.map((name) => service(name)));
    const agent = kapu.agent();
    await signIn(kapu, await kapu.service(), agent);
    const signedIn = await Promise.all(services.map((each) => silently(each, agent)));
    const sids = signedIn.map((each) => (each as SignedIn).claims.sid as string);
    expect(new Set(sids).size).toBe(4);
    await signOut(agent);
    await Promise.all(names.map((name) => hasHeard(name)));
    expect(names.map((name) => heardBy(name).map(({ claims }) => claims.sid))).toEqual(sids.map((sid) => [sid]));
  });

  test('and when the person confirms twice at once, still once each', async () => {
    const before = names.map((name) => heardBy(name).length);
    const agent = kapu.agent();
    for (const name of names) await signIn(kapu, await kapu.service({ clientId: name }), agent);
    const page = await agent.get('/session/end');
    await Promise.all([1, 2, 3].map(() => agent.copy().submit(page, { logout: 'yes' })));
    await Promise.all(names.map((name, at) => hasHeard(name, before[at]! + 1)));
    await signIn(kapu, await service('after'), agent);
    await signOut(agent);
    await hasHeard('after');
    expect(names.map((name) => heardBy(name).length)).toEqual(before.map((count) => count + 1));
  });
});

describe('services that do not hear', () => {
  test('keep neither the person nor each other waiting, and are tried again until they hear or it is enough', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const services = [
      await service('dead', { backchannel_logout_uri: `http://127.0.0.1:${port}/dead` }),
      await service('slow', {}, 'slow'),
      await service('failing', {}, [500, 500, 200]),
      await service('refusing', {}, [400]),
      await service('redirecting', {}, [302]),
      await service('inside', { backchannel_logout_uri: 'https://10.255.255.1/logout' }),
      await service('well', {}, [204]),
    ];
    const agent = kapu.agent();
    for (const each of services) await signIn(kapu, each, agent);
    const page = await agent.get('/session/end');
    const began = performance.now();
    expect(textOf(await agent.submit(page, { logout: 'yes' }))).toContain('signed out');
    // The slow one alone takes a second for each try.
    expect(performance.now() - began).toBeLessThan(900);
    await hasHeard('well');
    expect(performance.now() - began).toBeLessThan(900);

    const failed = ['dead', 'slow', 'refusing', 'redirecting', 'inside'];
    await eventually('all are done', async () => {
      const counts = await Promise.all(failed.map((name) => audited('logout.failed', name)));
      return counts.every(({ length }) => length === 1) && (await audited('logout.told', 'failing')).length === 1;
    });
    const details = await Promise.all(failed.map(async (name) => (await audited('logout.failed', name))[0]!.detail));
    expect(details).toEqual([
      { tries: 4, reason: expect.stringContaining('ECONNREFUSED') },
      { tries: 4, reason: expect.stringMatching(/no answer within/) },
      { tries: 1, reason: 'status 400' },
      { tries: 4, reason: 'status 302' },
      { tries: 4, reason: expect.stringContaining('no address that may be asked') },
    ]);
    expect((await audited('logout.told', 'failing'))[0]!.detail).toEqual({ tries: 3 });
    expect([heardBy('well').length, heardBy('refusing').length, heardBy('redirected').length]).toEqual([1, 1, 0]);
    // A service that has seen a jti may refuse it: none comes twice.
    const ids = ['slow', 'failing', 'redirecting'].flatMap((name) => heardBy(name).map(({ claims }) => claims.jti));
    expect(ids).toHaveLength(11);
    expect(new Set(ids).size).toBe(11);
    const numbers = await (await fetch(`${kapu.operations}/metrics`)).text();
    expect(numbers).toMatch(/kapu_backchannel_logouts_total\{outcome="refused"\} 1\n/);
    expect(numbers).toMatch(/kapu_backchannel_logouts_total\{outcome="failed"\} 4\n/);
  });

  test('before the server ends are written down', async () => {
    const agent = kapu.agent();
    await signIn(kapu, await service('left', {}, [503]), agent);
    await signOut(agent);
    await hasHeard('left');
    await kapu.restart();
    const [entry] = await audited('logout.failed', 'left');
    expect(entry?.detail).toMatchObject({ reason: expect.stringMatching(/status 503|the server ended/) });
  });
});

describe('other ends of a session', () => {
  test('another person signs in to the browser: the services of the one before are told', async () => {
    const agent = kapu.agent();
    const shared = await service('shared');
    const { claims } = await signIn(kapu, shared, agent);
    const { page } = await shared.visit(agent, { prompt: 'login' });
    await agent.submit(page, credentials('bela'));
    await hasHeard('shared');
    expect(heardBy('shared').map(({ claims: { sid, sub } }) => [sid, sub])).toEqual([[claims.sid, claims.sub]]);
  });

  test('the person leaves the service alone: it is told, and has another sid when it comes back', async () => {
    const agent = kapu.agent();
    const alone = await service('alone');
    const other = await service('other');
    const { claims, tokens } = await signIn(kapu, alone, agent);
    await signIn(kapu, other, agent);
    const page = await agent.get(`/session/end?${new URLSearchParams({ id_token_hint: tokens.id_token! })}`);
    await agent.submit(page, {});
    await hasHeard('alone');
    expect(heardBy('other')).toEqual([]);
    await signOut(agent);
    await hasHeard('other');
    expect(heardBy('alone').map(({ claims: { sid } }) => sid)).toEqual([claims.sid]);

    const again = kapu.agent();
    const first = await signIn(kapu, alone, again);
    const stay = await again.get(`/session/end?${new URLSearchParams({ id_token_hint: first.tokens.id_token! })}`);
    await again.submit(stay, {});
    const back = (await silently(alone, again)) as SignedIn;
    expect(back.claims.sid).not.toBe(first.claims.sid);
  });
});

test('discovery says so', async () => {
  const { body } = await read(await wire()(`${kapu.issuer}/.well-known/openid-configuration`));
  expect(body).toMatchObject({ backchannel_logout_supported: true, backchannel_logout_session_supported: true });
});
