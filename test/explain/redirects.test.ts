/** Our predicate of redirect URIs and the running server's answer, for the same addresses. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isRedirectAllowed } from '../../src/oidc/clients/redirect-uris.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import { challenge } from './requests.ts';

const registered = {
  native: [
    'http://127.0.0.1/callback',
    'http://localhost:7000/cb',
    'http://[::1]/',
    'hu.example.app:/callback',
    'https://app.example.hu/cb',
  ],
  web: [
    'http://127.0.0.1:7000/callback',
    'https://tax.example.hu/callback?from=kapu',
    'https://tax.example.hu:443/other',
  ],
};
type Kind = keyof typeof registered;
const kinds = Object.keys(registered) as Kind[];

let kapu: TestKapu;
beforeAll(async () => {
  kapu = await startKapu();
  for (const kind of kinds)
    await kapu.records.clients.put(kind, {
      client_name: kind,
      client_uri: 'http://localhost/',
      application_type: kind,
      token_endpoint_auth_method: 'none',
      subject_type: 'public',
      redirect_uris: registered[kind],
    });
});
afterAll(() => kapu?.stop());

/** Whether the server sends the browser there: asked silently, so that it answers at once. */
async function isServed(clientId: Kind, redirect_uri: string): Promise<boolean> {
  const query = new URLSearchParams({
    ...{ client_id: clientId, redirect_uri, response_type: 'code', scope: 'openid', prompt: 'none' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
  });
  const answer = await fetch(`${kapu.issuer}/auth?${query}`, { redirect: 'manual' });
  const page = await answer.text();
  if (answer.status === 303) return true;
  expect([answer.status, page.includes('invalid_redirect_uri')]).toEqual([400, true]);
  return false;
}

const addresses = [
  ...registered.native,
  ...registered.web,
  'http://127.0.0.1:1/callback',
  'http://127.0.0.1:65535/callback',
  'http://127.0.0.1:65536/callback',
  'http://127.0.0.1:/callback',
  'http://127.0.0.1:80/callback',
  'http://127.0.0.1:08000/callback',
  'http://127.0.0.1:x/callback',
  'http://127.0.0.1:1/callback/',
  'http://127.0.0.1:1/callback?a=b',
  'http://127.0.0.1:1/callback#a',
  'http://127.0.0.1:1?/callback',
  'http://127.0.0.1:1//callback',
  'http://127.0.0.1:1/%63allback',
  'http://127.1:1/callback',
  'http://0x7f000001:1/callback',
  'http://127.0.0.2:1/callback',
  'http://LOCALHOST:1/cb',
  'HTTP://127.0.0.1:1/callback',
  'https://127.0.0.1:1/callback',
  'http://localhost/cb',
  'http://localhost:1/cb',
  'http://localhost.evil.example:1/cb',
  'http://localhost:1@evil.example/cb',
  'http://user@localhost:1/cb',
  'http://evil.example\\@localhost:1/cb',
  'http://127.0.0.1:1\\@evil.example/callback',
  'http://[::1]:1/',
  'http://[::1]:1',
  'http://[0:0:0:0:0:0:0:1]:1/',
  'hu.example.app:/Callback',
  'hu.example.app://callback',
  'https://app.example.hu:443/cb',
  'https://app.example.hu:8443/cb',
  'https://tax.example.hu/callback',
  'https://tax.example.hu/other',
  ' http://127.0.0.1:1/callback',
  'http://127.0.0.1:1\t/callback',
  'http:/127.0.0.1:1/callback',
  'javascript:alert(1)',
  '/callback',
  'x',
];

describe.each(kinds)('%s', (kind) => {
  test.each(addresses)('%j', async (address) => {
    const client = { application_type: kind, redirect_uris: registered[kind] };
    expect(isRedirectAllowed(client, address)).toBe(await isServed(kind, address));
  });
});
