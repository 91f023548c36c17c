/** The demo's service, the example of a relying party with a server, where its own registration is not what it thinks. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Service, startService } from '../../demo/service/service.ts';
import { walk } from '../flow/journey.ts';
import { Agent, textOf } from '../support/agent.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
let service: Service;

beforeAll(async () => {
  kapu = await startKapu();
  const port = kapu.settings.listen.port + 1;
  service = await startService({ port, issuer: kapu.issuer, clientId: 'demo-service', clientSecret: 'not the one' });
});
afterAll(async () => {
  await service?.stop();
  await kapu?.stop();
});

test('a secret that Kapu does not take: the person is told in words, and can go on', async () => {
  const browser = kapu.agent();
  const atService = new Agent({ origin: service.url, language: 'en' }, browser.jar);
  const { url } = await atService.get('/sign-in');
  const { page } = await walk(kapu, browser, await browser.get(url));
  const told = await atService.get(page.url);
  expect(told.status).toBe(502);
  expect(textOf(told)).toMatch(/Signing in did not work.*invalid_client.*Try again/);
});
