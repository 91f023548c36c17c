/** Auth0's express-openid-connect. Its own default is the implicit flow, which Kapu does not speak: it must be told `code`. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/ports.ts';
import { type Child, startChild } from './child.ts';
import { goThrough, register, said, secret, signOut, startTrial, type Trial } from './trial.ts';

let trial: Trial;
const children: Child[] = [];
let rp: string;
let posted: string;

const client = (client_id: string, url: string) => ({
  client_id,
  client_name: 'On express-openid-connect',
  client_uri: `${url}/`,
  client_secret: secret,
  redirect_uris: [`${url}/callback`],
  post_logout_redirect_uris: [url],
});

beforeAll(async () => {
  rp = `http://127.0.0.1:${await freePort()}`;
  // An answer by POST comes with cookies only within one site, unless the service is on https.
  posted = `http://localhost:${await freePort()}`;
  trial = await startTrial(client('express', rp));
  await register(trial.kapu, client('express-posted', posted));
  children.push(await start(rp, 'express'), await start(posted, 'express-posted', 'form_post'));
});
afterAll(async () => {
  for (const child of children) await child.stop();
  await trial?.end();
});

function start(url: string, clientId: string, responseMode = ''): Promise<Child> {
  const env = {
    ISSUER: trial.kapu.issuer,
    BASE_URL: url,
    CLIENT_ID: clientId,
    CLIENT_SECRET: secret,
    RESPONSE_MODE: responseMode,
  };
  // A process of its own: it requires modules in a way that Jest cannot.
  return startChild(process.execPath, [join(import.meta.dirname, 'express-openid-connect.site.ts')], { url, env });
}

describe.each([
  ['with the answer in the address', () => rp],
  ['with the answer in a form', () => posted],
])('%s', (_, where) => {
  test('signs in at basic, steps up to plus with the code alone, and signs out', async () => {
    const { kapu } = trial;
    const url = where();
    const page = await trial.visitor();
    expect(await goThrough(kapu, page, `${url}/account`)).toEqual(['password']);
    expect(await said(page)).toMatchObject({ acr: 'basic' });
    expect(page.url()).toBe(`${url}/account`);
    expect(await goThrough(kapu, page, `${url}/plus`)).toEqual(['email-code']);
    expect(await said(page)).toMatchObject({ open: true, acr: 'plus', amr: ['pwd', 'otp'] });
    await signOut(kapu, page, `${url}/logout`);
    expect(await said(page)).toEqual({});
  });
});
