/** What reviews found and is mended: each must stay so. */

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchUserInfo } from 'openid-client';
import { attempt, signIn } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
beforeAll(async () => {
  kapu = await startKapu({
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
