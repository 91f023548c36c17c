/** What reviews found and is mended: each must stay so. */

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchUserInfo } from 'openid-client';
import { attempt, signIn } from '../flow/journey.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
const clock = testClock();
beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.scopes = { email: { minimumLevel: 'plus' } };
    },
  });
});
afterAll(() => kapu?.stop());

const single = { claims: JSON.stringify({ userinfo: { email: null, name: null } }) };

describe('a claim asked for by itself', () => {
  test('comes under the rules of its scope', async () => {
    const { steps, claims } = await attempt(kapu, await kapu.service(), kapu.agent(), single);
    expect([...steps, claims?.acr]).toEqual(['password', 'email-code', 'plus']);
  });

  test('is not given to a client that is not registered with its scope', async () => {
    await kapu.records.clients.put('narrow', {
      client_name: 'Narrow',
      client_uri: 'http://localhost/',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      scope: 'openid',
    });
    const party = await kapu.service({ clientId: 'narrow' });
    const { tokens, claims } = await signIn(kapu, party, kapu.agent(), single);
    const info = await fetchUserInfo(party.config, tokens.access_token, claims.sub);
    expect([info.email, info.name]).toEqual([undefined, undefined]);
  });
});

test('a request line with a whole address is refused (RFC 9112, 3.2.2)', async () => {
  const { port, host } = new URL(kapu.issuer);
  const socket = connect(Number(port), 'localhost');
  socket.end(
    `GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
  );
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  expect(answer).not.toContain('evil.example/');
});

test('an age beyond all dates does not ask for ever', async () => {
  const { steps } = await signIn(kapu, await kapu.service(), kapu.agent(), { max_age: '9007199254740991' });
  expect(steps).toEqual(['password']);
});

test('a service that cannot be loaded any more keeps nobody signed in (ASVS 7.4.1)', async () => {
  const { metadata } = (await kapu.records.clients.find('demo-native'))!;
  await kapu.records.clients.put('broken', metadata);
  const broken = await kapu.service({ clientId: 'broken' });
  const agent = kapu.agent();
  const { tokens } = await signIn(kapu, broken, agent);
  await signIn(kapu, await kapu.service(), agent);
  // Of the profile `high`, whose tokens are bound, without saying how.
  await kapu.records.clients.put('broken', { ...metadata, profile: 'high' });
  await clock.pass(31_000);
  const introspection = await fetch(`${kapu.issuer}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('demo-web:demo-web-secret-0123456789abcdef')}` },
    body: new URLSearchParams({ token: tokens.access_token }),
  });
  expect([introspection.status, await introspection.json()]).toEqual([200, { active: false }]);
  const signedOut = await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
  expect(signedOut.status).toBe(200);
  const { page } = await (await kapu.service()).visit(agent, { prompt: 'none' });
  expect(page.url.searchParams.get('error')).toBe('login_required');
});
