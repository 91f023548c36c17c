/** What a callback may answer, in Chromium: the rule of docs/relying-parties.md, "How answers come back". */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { password } from '../flow/journey.ts';
import { launchBrowser } from '../support/browser.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { Client } from './client.ts';

let kapu: TestKapu;
let browser: Browser;
let service: Server;
/** Where the callback redirects to. */
let onwards = '';
const at = (host: string) => `http://${host}:${(service.address() as AddressInfo).port}`;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = createServer((request, response) => {
    if (request.url!.startsWith('/callback')) response.writeHead(302, { location: onwards });
    response.end('the service');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  service.closeAllConnections();
  service.close();
  await kapu.stop();
});

/** A page whose person signs in and is sent back, with `mode`. */
async function signsIn(mode: 'query' | 'form_post'): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB' });
  const redirectUri = `${at('127.0.0.1')}/callback`;
  const client = new Client({ issuer: kapu.issuer, clientId: 'demo-native', redirectUri });
  await page.goto(`${kapu.issuer}/auth?${new URLSearchParams(client.parameters({ response_mode: mode }))}`);
  await page.fill('[name=username]', 'anna');
  await page.fill('[name=password]', password);
  return page;
}

test.each(['query', 'form_post'] as const)(
  '%s: a callback leads on at its own origin, and to no other',
  async (mode) => {
    onwards = `${at('127.0.0.1')}/account`;
    const page = await signsIn(mode);
    await page.click('button[type=submit]');
    await page.waitForURL(onwards);
    await page.close();

    onwards = `${at('localhost')}/account`;
    const other = await signsIn(mode);
    const refused = other.waitForEvent('console', (message) => message.text().includes('form-action'));
    await other.click('button[type=submit]');
    await refused;
    expect(new URL(other.url()).origin).toBe(kapu.issuer);
    await other.close();
  },
);
