/** Clients that publish their keys: a change of them needs nobody at Kapu. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testClock } from '../../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { Client, type Keys, makeKeys } from '../client.ts';

const clock = testClock();
const api = 'https://tax.example/api';
let kapu: TestKapu;
let publisher: Server;
let published: Keys[] = [];
let isDown = false;
let asked = 0;

beforeAll(async () => {
  publisher = createServer((_request, response) => {
    asked += 1;
    if (isDown) return response.writeHead(500).end();
    // A service may say that its keys are good for a year: it is not for it to decide how soon a stolen one stops counting.
    response.setHeader('cache-control', 'max-age=31536000');
    return response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((done) => publisher.listen(0, '127.0.0.1', done));
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.outbound = { networks: ['127.0.0.0/8'] };
      settings.resources = { [api]: { scopes: ['tax.read'] } };
    },
  });
  const { port } = publisher.address() as AddressInfo;
  const machine = { profile: 'service', token_endpoint_auth_method: 'private_key_jwt', resources: [api] };
  await kapu.records.clients.put('machine', {
    ...machine,
    client_name: 'Machine',
    jwks_uri: `http://127.0.0.1:${port}/jwks`,
  });
  await kapu.records.clients.put('inside', {
    ...machine,
    client_name: 'Inside',
    jwks_uri: 'https://10.255.255.1/jwks',
  });
});
afterAll(async () => {
  publisher.closeAllConnections();
  publisher.close();
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

async function tokenWith(keys: Keys, clientId = 'machine'): Promise<string> {
  const machine = new Client({ issuer: kapu.issuer, clientId, redirectUri: '', keys });
  const { body } = await machine.post('token', { grant_type: 'client_credentials', ...(await machine.identity()) });
  return String(body.error ?? body.token_type);
}

test('keys are read when they are first needed, and a new one as soon as it is used', async () => {
  const [first, second, unknown] = [makeKeys(), makeKeys(), makeKeys()];
  published = [first];
  expect(asked).toBe(0);
  expect(await tokenWith(first)).toBe('Bearer');
  expect(await tokenWith(first)).toBe('Bearer');
  expect(asked).toBe(1);

  published = [first, second];
  await clock.pass(11_000);
  expect(await tokenWith(second)).toBe('Bearer');
  expect(await tokenWith(first)).toBe('Bearer');
  expect(asked).toBe(2);

  // Unknown keys have them read again once in ten seconds, however many come.
  for (let time = 0; time < 5; time++) expect(await tokenWith(unknown)).toBe('invalid_client');
  expect(asked).toBe(2);
  await clock.pass(11_000);
  for (let time = 0; time < 5; time++) expect(await tokenWith(unknown)).toBe('invalid_client');
  expect(asked).toBe(3);
});

test('a key that is gone stops counting within ten minutes', async () => {
  const [old, fresh] = [makeKeys(), makeKeys()];
  published = [old];
  await clock.pass(11_000);
  expect(await tokenWith(old)).toBe('Bearer');
  published = [fresh];
  await clock.pass(9 * 60_000);
  expect(await tokenWith(old)).toBe('Bearer');
  await clock.pass(2 * 60_000);
  expect(await tokenWith(old)).toBe('invalid_client');
  expect(await tokenWith(fresh)).toBe('Bearer');
});

test('while the service does not answer, the keys that it had go on working, and the log says so', async () => {
  const keys = makeKeys();
  published = [keys];
  await clock.pass(11_000);
  expect(await tokenWith(keys)).toBe('Bearer');
  isDown = true;
  await clock.pass(11 * 60_000);
  expect(await tokenWith(keys)).toBe('Bearer');
  expect(kapu.log.some((line) => line.includes('gave no good answer') && line.includes('status 500'))).toBe(true);
  isDown = false;
});

test('an address inside is not asked', async () => {
  expect(await tokenWith(makeKeys(), 'inside')).toBe('invalid_client');
  expect(kapu.log.some((line) => line.includes('10.255.255.1 is no address that may be asked'))).toBe(true);
});
