/** A request that a service has the browser post, in a browser: the session comes along, although its cookie is SameSite=Lax. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { password } from '../flow/journey.ts';
import { launchBrowser } from '../support/browser.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { Client } from './client.ts';

const redirectUri = 'https://suite.example/callback';
let kapu: TestKapu;
let browser: Browser;
let service: Server;
/** What the service's page posts, and where to. */
let form = '';

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  await kapu.records.clients.put('posting', {
    client_name: 'posting',
    client_uri: 'https://suite.example/',
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: ['https://suite.example/signed-out'],
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: 'the-secret-of-the-client-that-posts-0123',
  });
  service = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end(form));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  service.close();
  await kapu.stop();
});

/** A page of another site than ours, which is on localhost. */
const servicePage = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
function posts(path: string, fields: Record<string, string>): void {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  form = `<form method="post" action="${kapu.issuer}${path}">${inputs.join('')}<button>Go</button></form>`;
}

test('to sign in silently, and to sign out', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  await context.route('https://suite.example/**', (route) => route.fulfill({ body: 'the service' }));
  const page = await context.newPage();
  const client = new Client({ issuer: kapu.issuer, clientId: 'posting', redirectUri });

  await page.goto(`${kapu.issuer}/auth?${new URLSearchParams(client.parameters())}`);
  await page.fill('[name=username]', 'anna');
  await page.fill('[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForURL(`${redirectUri}?*`);

  posts('/auth', client.parameters({ prompt: 'none' }));
  await page.goto(servicePage());
  await page.click('button');
  await page.waitForURL(`${redirectUri}?*`);
  expect(new URL(page.url()).searchParams.get('code')).toEqual(expect.any(String));

  // Signed out of is the session of this browser, so the cookie has come.
  posts('/session/end', { client_id: 'posting', post_logout_redirect_uri: 'https://suite.example/signed-out' });
  await page.goto(servicePage());
  await page.click('button');
  await page.click('#logout');
  await page.waitForURL('https://suite.example/signed-out');

  posts('/auth', client.parameters({ prompt: 'none' }));
  await page.goto(servicePage());
  await page.click('button');
  await page.waitForURL(`${redirectUri}?*`);
  expect(new URL(page.url()).searchParams.get('error')).toBe('login_required');
  await context.close();
});
